"""The edge towards the minio SDK: how the store is reached, how long it is waited for, and its troubles in our words."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from archive import keys
from archive.errors import MediatekaError, Misconfigured, NoRoom, ObjectMissing, ObjectsUnavailable

SETTING = "MEDIATEKA_OBJECTS"
SCHEMES = ("minio+http", "minio+https")
CONNECTIONS = 64
UNKNOWN_TO_IT = {"MethodNotAllowed", "NotImplemented"}
# 400 is among them: a body hurt on its way is answered so, and a request whose body came too slowly.
_RETRIED = (400, 408, 429, 500, 502, 503, 504)
_FULL = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
_NOT_LET_IN = {
    "AccessDenied",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
}
_VENDOR = (MinioException, urllib3.exceptions.HTTPError, ParseError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the store is waited for: each request is tried at most `tries` times, with growing, jittered pauses."""

    connect_seconds: float = 3.0
    read_seconds: float = 15.0
    tries: int = 5
    pause_seconds: float = 0.1


PATIENCE = Patience()


def pool(patience: Patience) -> urllib3.PoolManager:
    """Connections of our own: the SDK waits five minutes and makes its tries in step.

    They keep silent about what they try again: they would tell addresses that are signed.
    """
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    retries = urllib3.Retry(
        total=patience.tries - 1,
        connect=min(2, patience.tries - 1),  # a server that is away, or frozen, is known soon
        read=min(2, patience.tries - 1),
        redirect=False,
        status_forcelist=_RETRIED,
        allowed_methods=None,  # each request may be made twice
        backoff_factor=patience.pause_seconds,
        backoff_jitter=patience.pause_seconds,
        backoff_max=patience.read_seconds,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    timeout = urllib3.Timeout(connect=patience.connect_seconds, read=patience.read_seconds)
    return urllib3.PoolManager(maxsize=CONNECTIONS, timeout=timeout, retries=retries)


def opened(url: str, http: urllib3.PoolManager) -> tuple[Minio, str]:
    """The client and the bucket of `minio+http(s)://key:secret@host:port/bucket?region=…`; key and secret percent-encoded."""
    said = f"{SETTING}: minio+http(s)://key:secret@host:port/bucket"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as trouble:
        raise Misconfigured(said) from trouble
    bucket = parts.path.strip("/")
    if not (parts.scheme in SCHEMES and parts.hostname and parts.username and parts.password):
        raise Misconfigured(said)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        client = Minio(
            f"{host}:{port}" if port else host,
            access_key=unquote(parts.username),
            secret_key=unquote(parts.password),
            secure=parts.scheme.endswith("s"),
            region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
            http_client=http,
        )
        client.get_presigned_url("GET", bucket, keys.MARKER)  # asks nothing, but checks the names
    except ValueError as trouble:
        raise Misconfigured(f"{said}: {trouble}") from trouble
    return client, bucket


def is_whole(headers: Mapping[str, str]) -> bool:
    """Whether the head of an answer about an object came whole: one cut off is given out as if it had ended."""
    return "Content-Length" in headers and "ETag" in headers


@contextmanager
def translated(key: str = "") -> Iterator[None]:
    """The vendor's troubles in our words. Those of the line are told by their kind: their text holds signed addresses."""
    try:
        yield
    except S3Error as trouble:
        raise _meaning(trouble, key) from trouble
    except _VENDOR as trouble:
        reason = getattr(trouble, "reason", None) or trouble
        raise ObjectsUnavailable(
            f"the object store does not answer as it should: {type(reason).__name__}"
        ) from trouble


def _meaning(trouble: S3Error, key: str) -> MediatekaError:
    code = trouble.code or "an unnamed trouble"
    if code == "NoSuchKey":
        return ObjectMissing(f"no object {key}")
    if code in _FULL:
        return NoRoom("the object store is full")
    if code in _NOT_LET_IN:
        return Misconfigured(f"{SETTING}: the object store refuses us: {code}")
    return ObjectsUnavailable(f"the object store says {code}")
