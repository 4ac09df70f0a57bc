# One image for web and worker: what they do is the command they are given.
FROM debian:12.12-slim AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        bubblewrap ca-certificates ffmpeg libimage-exiftool-perl python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/mediateka
COPY . .
RUN bin/setup run && rm -rf node_modules

FROM debian:12.12-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        bubblewrap ca-certificates ffmpeg libimage-exiftool-perl python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /var/lib/mediateka mediateka
COPY --from=build /srv/mediateka /srv/mediateka
WORKDIR /srv/mediateka
ENV PATH=/srv/mediateka/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MEDIATEKA_HOME=/var/lib/mediateka \
    MEDIATEKA_LOG=json
USER mediateka
VOLUME /var/lib/mediateka
EXPOSE 8080
ENTRYPOINT ["mediateka"]
CMD ["serve", "--host", "0.0.0.0"]
