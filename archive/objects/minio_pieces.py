"""The bytes of one object in the store, as they come over the line."""

import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import urllib3
from minio import Minio
from minio.error import S3Error

from archive.errors import ObjectsUnavailable
from archive.objects.minio_edge import Patience, is_whole, translated

log = logging.getLogger(__name__)

PIECE = 256 * 1024  # slow readers hold one each


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes come from."""

    client: Minio
    bucket: str
    key: str
    patience: Patience


class Pieces:
    """The bytes of an object, piece by piece; the line is let go at the end, by `close`, or when nobody holds it any more.

    A server ends answers that a slow reader does not fetch: such a line is opened again where it broke, as often as it takes,
    and one that breaks at once at most `tries` times.
    """

    def __init__(self, source: Source, start: int, stop: int | None, etag: str | None) -> None:
        self._source = source
        self._at = start
        self._stop = stop
        self._etag = etag
        self._broke = 0
        self._answer: urllib3.BaseHTTPResponse | None = None
        with translated(source.key):
            self._open()

    @property
    def size_bytes(self) -> int:
        """How many are still to come."""
        return self._end - self._at

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with translated(self._source.key):
            while self._at < self._end:
                if piece := self._read():
                    self._at += len(piece)
                    return piece
                self._open_again()
        self._let_go()
        if self._stop is not None and self._at < self._stop:
            raise ObjectsUnavailable("the object is shorter than what was asked of it")
        raise StopIteration

    def close(self) -> None:
        """End here and let go of the line; what was not read of the answer is not waited for."""
        self._end = self._stop = self._at
        self._let_go()

    def _let_go(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer.release_conn()
            self._answer = None

    def __del__(self) -> None:
        self._let_go()

    def _open(self) -> None:
        asked = 0 if self._stop is None else self._stop - self._at
        try:
            self._answer = self._source.client.get_object(
                self._source.bucket,
                self._source.key,
                offset=self._at,
                length=asked,  # 0 means to the end
                request_headers={"If-Match": f'"{self._etag}"'} if self._etag else None,
            )
        except S3Error as trouble:
            if trouble.code != "InvalidRange":
                raise
            self._end = self._at  # it starts behind the last byte
            return
        self._opened = time.monotonic()
        if not is_whole(self._answer.headers):
            self._open_again()
            return
        if self._answer.status != (206 if self._at or asked else 200):
            raise ObjectsUnavailable("the store sent something else than the range asked for")
        self._etag = self._answer.headers["ETag"].strip('"')
        self._end = self._at + int(self._answer.headers["Content-Length"])

    def _read(self) -> bytes:
        """The next piece; nothing when the line broke."""
        assert self._answer is not None  # there is none only where nothing is to come
        try:
            return self._answer.read(min(PIECE, self._end - self._at), decode_content=False)
        except urllib3.exceptions.HTTPError as trouble:
            log.info("%s: the line broke: %s", self._source.key, type(trouble).__name__)
            return b""

    def _open_again(self) -> None:
        patience = self._source.patience
        served_well = time.monotonic() - self._opened > patience.read_seconds
        self._broke = 1 if served_well else self._broke + 1
        self._let_go()
        if self._broke >= patience.tries:
            raise ObjectsUnavailable(f"the line to the store broke {self._broke} times")
        time.sleep(random.uniform(0, patience.pause_seconds * 2**self._broke))  # noqa: S311 - jitter
        self._open()
