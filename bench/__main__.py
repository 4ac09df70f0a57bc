"""`make bench`: every measurement that needs no root, one after the other."""

from bench import cuts, latency, media, press

for measurement in (media, press, latency, cuts):
    print(f"== {(measurement.__doc__ or '').splitlines()[0]}", flush=True)
    measurement.main()
