"""The way to the server and back: the client of a URL, and its errors as ours.

Never called, because a server without optional modules lacks them: `GET /` (the client's `info` and `ping`), anything by
query, `_reindex`, scripts.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from elastic_transport import TransportError
from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    NotFoundError,
    UnsupportedProductError,
)

from archive.errors import Misconfigured, SearchUnavailable

SETTING = "MEDIATEKA_SEARCH"
SCHEME = "elasticsearch+"
TIMEOUT_SECONDS = 10
RETRIES = 2
BUSY = (429, 502, 503, 504)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


class IndexGone(SearchUnavailable):
    """The server has no such index or alias, as after a switch or before the first build."""


def connect(url: str) -> tuple[Elasticsearch, str]:
    """The client and the name in `elasticsearch+http(s)://[user:password@]host:port/name[?ca_certs=/path]`.

    Nothing is asked of the server yet. Misconfigured where the URL does not say what it must.
    """
    parts = urlsplit(url.removeprefix(SCHEME))
    name, options = parts.path.strip("/"), dict(parse_qsl(parts.query))
    if not parts.hostname or not _NAME.fullmatch(name) or options.keys() - {"ca_certs"}:
        raise Misconfigured(
            f"{SETTING}: {SCHEME}http(s)://host:port/name, the name in small Latin letters, digits, "
            "hyphens and underscores; after it ?ca_certs=/path where the server's certificate is your own"
        )
    try:
        port = parts.port or (443 if parts.scheme == "https" else 9200)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        client = Elasticsearch(
            f"{parts.scheme}://{host}:{port}",
            basic_auth=_account(parts),
            ca_certs=_readable(options["ca_certs"]) if options else DEFAULT,
            request_timeout=TIMEOUT_SECONDS,
            max_retries=RETRIES,
            retry_on_status=BUSY,
        )
    except (ValueError, OSError) as trouble:
        raise Misconfigured(f"{SETTING}: {trouble}") from trouble
    return client, name


def _readable(path: str) -> str:
    """The client would read it only with the first request."""
    with Path(path).open():
        return path


def _account(parts: SplitResult) -> tuple[str, str] | None:
    if not parts.username:
        return None
    return unquote(parts.username), unquote(parts.password or "")


@contextmanager
def translated() -> Iterator[None]:
    """The vendor's errors as ours."""
    try:
        yield
    except NotFoundError as trouble:
        raise IndexGone(f"the index is not there: {trouble.message}") from trouble
    except (AuthenticationException, AuthorizationException) as trouble:
        raise Misconfigured(f"{SETTING}: the server refuses us: {trouble.message}") from trouble
    except UnsupportedProductError as trouble:
        raise Misconfigured(f"{SETTING}: no Elasticsearch answers there") from trouble
    except (ApiError, TransportError) as trouble:
        raise SearchUnavailable(f"the index does not answer: {trouble}") from trouble
