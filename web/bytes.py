"""Bytes out: ranges, validators and exact names, in pieces of 1 MiB, with no catalogue connection held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from flask import Response, request

from archive.errors import ObjectMissing
from archive.objects.port import ObjectStore
from web.headers import BYTES_POLICY

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")  # no file of ours needs more digits
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"\\/%;]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What is sent: the object, its type from our identification, a strong validator, a name when it is an attachment."""

    key: str
    size_bytes: int
    media_type: str
    digest: str
    filename: str | None = None
    is_public: bool = False


def serve(served: Served, objects: ObjectStore) -> Response:
    """Answer with the whole object, one range, 304 or 416 (RFC 9110, sections 13 and 14)."""
    etag = f'"{served.digest}"'
    headers = _headers(served, etag)
    if _matches(request.headers.get("If-None-Match"), etag):
        return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    span = _range(served.size_bytes, etag)
    if span is None:
        headers["Content-Range"] = f"bytes */{served.size_bytes}"
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    start, stop, partial = span
    if partial:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{served.size_bytes}"
    headers["Content-Length"] = str(stop - start)
    status = HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK
    if request.method == "HEAD":
        if objects.stat(served.key) is None:
            raise ObjectMissing(f"no object {served.key}")
        return Response(status=status, headers=headers)
    body: Iterator[bytes] = objects.stream(served.key, start, stop)
    return Response(body, status=status, headers=headers, direct_passthrough=True)


def disposition(filename: str) -> str:
    """An attachment's `Content-Disposition` with the exact name (RFC 6266, RFC 8187) and an ASCII fall-back."""
    plain = (
        _UNSAFE.sub("_", filename.encode("ascii", "replace").decode().replace("?", "_")) or "file"
    )
    exact = quote(filename.encode("utf-8", "surrogateescape"), safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def _headers(served: Served, etag: str) -> dict[str, str]:
    public = "public, max-age=60, must-revalidate"
    headers = {
        "Content-Type": served.media_type,
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": public if served.is_public else "private, no-store",
        "Content-Security-Policy": BYTES_POLICY,
        "Referrer-Policy": "no-referrer",
    }
    if served.filename is not None:
        headers["Content-Disposition"] = disposition(served.filename)
    return headers


def _matches(condition: str | None, etag: str) -> bool:
    if condition is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag in tags


def _range(size: int, etag: str) -> tuple[int, int, bool] | None:
    """(start, stop, partial): a single satisfiable range; what is no range of ours is ignored; None is unsatisfiable."""
    whole = (0, size, False)
    asked = request.headers.get("Range")
    condition = request.headers.get("If-Range")
    if asked is None or (condition is not None and condition != etag):
        return whole
    found = _RANGE.fullmatch(asked.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return whole  # several ranges or another unit: a server may answer with all of it
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        return (size - length, size, True) if length else None
    start, stop = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < int(first):
        return whole
    return (start, stop, True) if start < size else None
