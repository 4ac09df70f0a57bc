"""Objects in a bucket of MinIO, or of another store that speaks plain S3.

Every write is read back or carries a digest that the server checks; ETags prove nothing. One writer holds a key at a time, by the
fence of its job; small objects are put on the condition that their key is free, larger ones after looking.
"""

import base64
import hashlib
import json
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from minio.commonconfig import ENABLED
from minio.datatypes import Object
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from archive import keys
from archive.errors import Conflict, Invalid, ObjectMissing, ObjectsUnavailable
from archive.objects.cache import Cache
from archive.objects.files import FORMAT_VERSION, sync_folder
from archive.objects.minio_edge import (
    PATIENCE,
    UNKNOWN_TO_IT,
    Patience,
    is_whole,
    opened,
    pool,
    translated,
)
from archive.objects.minio_pieces import Pieces, Source
from archive.objects.port import StoredObject

log = logging.getLogger(__name__)

PART, PARTS = 16 * 1024 * 1024, 10_000  # larger ones where there would be too many: from 156 GiB
READ_BACKS = 3  # what came wrong over the line comes right the next time
MARKER_SECONDS = 5.0


class MinioObjects:
    """The distributed ObjectStore. Opening it asks nothing of the server; Misconfigured for a URL that names no bucket.

    `archive_id` is what the marker must say; it is looked at every few seconds, and before anything is called missing.
    """

    def __init__(
        self,
        url: str,
        *,
        cache: Cache,
        archive_id: str | None = None,
        patience: Patience = PATIENCE,
    ) -> None:
        self._http = pool(patience)
        self._client, self._bucket = opened(url, self._http)
        self._cache = cache
        self._archive_id = archive_id
        self._patience = patience
        self._sure_until = 0.0

    def prepare(self, archive_id: str | None = None) -> str:
        """See the port. Makes the bucket where it is missing, and switches versions on where the server has them."""
        with translated():
            if not self._client.bucket_exists(self._bucket):
                self._require_new(archive_id)
                self._make_bucket()
            if self._stat(keys.MARKER) is None:
                self._require_new(archive_id)
                self._mark(archive_id or str(uuid.uuid4()))
            self._keep_versions()
        self._archive_id = self._marker()
        return self._archive_id

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """See the port."""
        keys.checked(key)
        self._require()
        with translated():
            if replace:
                self._send(key, BytesIO(data), len(data))
                return
            if self._stat(key) is None and self._put_new(key, data):
                return
            if not self._holds(key, BytesIO(data), len(data)):
                raise Conflict(f"{key} is there already, with other bytes")

    def adopt(self, path: Path, key: str) -> None:
        """See the port. The file goes once the object was read back and is the same, byte by byte.

        ObjectsUnavailable when it was sent but does not come back the same; what lies there goes then, and the file stays.
        """
        keys.checked(key)
        self._require()
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise ObjectMissing(f"there is no file {path.name} to adopt") from None
        with file, translated():
            size = os.fstat(file.fileno()).st_size
            was_there = self._stat(key) is not None
            if not was_there:
                self._send(key, file, size)
            if not self._holds(key, file, size):
                if was_there:
                    raise Conflict(f"{key} is there already, with other bytes")
                self._remove_versions(
                    key
                )  # ours, a moment old, and wrong: the next attempt begins anew
                raise ObjectsUnavailable(f"{key} did not come back as it was sent")
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def read(self, key: str) -> bytes:
        """See the port."""
        return b"".join(self.stream(key))

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port. A line that breaks is taken up where it broke, while it is the same object."""
        keys.checked(key)
        self._require()
        if stop is not None and stop <= start:
            self._required(key)
            return iter(())
        try:
            return self._pieces(key, start, stop)
        except ObjectMissing:
            self._require(now=True)
            raise

    @contextmanager
    def as_path(self, key: str) -> Iterator[Path]:
        """See the port; what is lent is a copy in the cache, read-only by its mode."""
        keys.checked(key)
        self._require()
        found = self._required(key)
        size, etag = found.size or 0, found.etag or ""
        name = hashlib.sha256(f"{self._archive_id} {key} {etag} {size}".encode()).hexdigest()
        name += Path(key).suffix
        with self._cache.lend(name, size, lambda: self._pieces(key, 0, None, etag)) as path:
            yield path

    def stat(self, key: str) -> StoredObject | None:
        """See the port."""
        keys.checked(key)
        self._require()
        with translated():
            found = self._stat(key)
        if found is None:
            self._require(now=True)
            return None
        return StoredObject(key, found.size or 0)

    def keys(self, prefix: str) -> Iterator[str]:
        """See the port."""
        if prefix and not prefix.endswith("/"):
            raise Invalid(f"a prefix ends with a slash: {prefix!r}")
        if prefix:
            keys.checked(prefix.rstrip("/"))
        self._require(now=True)
        with translated():
            for found in self._client.list_objects(self._bucket, prefix, recursive=True):
                yield str(found.object_name)

    def remove(self, key: str) -> None:
        """See the port. All its versions go: what is removed can be made again, and must not fill the disk unseen."""
        keys.checked(key)
        self._require()
        with translated():
            try:
                self._remove_versions(key)
            except S3Error as trouble:
                if trouble.code not in UNKNOWN_TO_IT:
                    raise
                self._client.remove_object(self._bucket, key)

    def ping(self) -> None:
        """See the port."""
        self._require(now=True)

    def free_bytes(self) -> int | None:
        """None: S3 does not tell. A full store says so when it is written to."""
        return None

    def tidy(self, older_than: datetime) -> int:
        """See the port; what lies aside is in the cache.

        Parts that a killed sender left in the bucket have no public call in the SDK: MinIO clears them a day later by itself,
        elsewhere a lifecycle rule of the bucket does (AbortIncompleteMultipartUpload).
        """
        self._require()
        return self._cache.tidy(older_than)

    def _require(self, *, now: bool = False) -> None:
        """The marker tells a store that is away, or another's, from an empty one."""
        if not now and time.monotonic() < self._sure_until:
            return
        if self._archive_id is None or self._marker() != self._archive_id:
            self._sure_until = 0.0
            raise ObjectsUnavailable(f"bucket {self._bucket} is not the store of this archive")
        self._sure_until = time.monotonic() + MARKER_SECONDS

    def _marker(self) -> str:
        said = f"no marker of an archive in bucket {self._bucket}"
        try:
            marker = json.loads(b"".join(self._pieces(keys.MARKER, 0, None)))
            return str(marker["archive"])
        except (ObjectMissing, ValueError, KeyError, TypeError) as trouble:
            raise ObjectsUnavailable(said) from trouble

    def _require_new(self, archive_id: str | None) -> None:
        if archive_id is None and self._archive_id is not None:
            raise ObjectsUnavailable(f"the archive's store is not there: bucket {self._bucket}")

    def _stat(self, key: str) -> Object | None:
        """None when there is none. Half an answer counts as none given: its head ends early without a word."""
        for _ in range(self._patience.tries):
            try:
                found = self._client.stat_object(self._bucket, key)
            except S3Error as trouble:
                if trouble.code == "NoSuchKey":
                    return None
                raise
            if is_whole(found.metadata or {}):
                return found
        raise ObjectsUnavailable("the store's answers break off")

    def _required(self, key: str) -> Object:
        with translated():
            found = self._stat(key)
        if found is None:
            self._require(now=True)
            raise ObjectMissing(f"no object {key}")
        return found

    def _pieces(self, key: str, start: int, stop: int | None, etag: str | None = None) -> Pieces:
        return Pieces(Source(self._client, self._bucket, key, self._patience), start, stop, etag)

    def _put_new(self, key: str, data: bytes) -> bool:
        """Put small bytes under a key that is free; False when it is not.

        The SDK has no conditional put (`If-None-Match` among its metadata becomes metadata), but signs a URL for one. The
        server checks the MD5, so that bytes hurt on the way are not kept.
        """
        url = self._client.presigned_put_object(
            self._bucket, key, expires=timedelta(seconds=15 * 60)
        )
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        headers = {
            "If-None-Match": "*",
            "Content-MD5": base64.b64encode(digest).decode(),
            "Content-Type": "application/octet-stream",
        }
        answer = self._http.request("PUT", url, body=data, headers=headers)
        if answer.status == 200:
            return True
        if answer.status == 412:
            return False
        trouble = S3Error.fromxml(answer)
        if trouble.code not in UNKNOWN_TO_IT:
            raise trouble
        self._send(key, BytesIO(data), len(data))  # a server without conditions; we looked before
        return True

    def _send(self, key: str, source: BinaryIO, size_bytes: int) -> None:
        """Put bytes of a known length. One part at a time: no more is held, however large the object."""
        part = max(PART, -(-size_bytes // PARTS))
        try:
            self._client.put_object(
                self._bucket, key, source, size_bytes, part_size=part, num_parallel_uploads=1
            )
        except S3Error as trouble:
            # The answer to the last step was lost and the step tried again: it is over, and the object there.
            if trouble.code != "NoSuchUpload" or self._stat(key) is None:
                raise

    def _holds(self, key: str, source: BinaryIO, size_bytes: int) -> bool:
        """Whether the object is byte for byte what it should be; what differs is read again, for the line may have hurt it."""
        for _ in range(READ_BACKS):
            source.seek(0)
            try:
                with closing(self._pieces(key, 0, None)) as pieces:
                    same = (piece == source.read(len(piece)) for piece in pieces)
                    if pieces.size_bytes == size_bytes and all(same):
                        return True
            except ObjectMissing:
                continue  # removed a moment ago
        return False

    def _remove_versions(self, key: str) -> None:
        versions = self._client.list_objects(
            self._bucket, key, recursive=True, include_version=True
        )
        for found in versions:
            if found.object_name == key:
                self._client.remove_object(self._bucket, key, version_id=found.version_id)

    def _mark(self, archive_id: str) -> None:
        held = self._client.list_objects(self._bucket, recursive=True)
        if any(found.object_name != keys.MARKER for found in held):
            raise ObjectsUnavailable(
                f"bucket {self._bucket} holds objects but no marker of an archive"
            )
        marker = {"archive": archive_id, "format": FORMAT_VERSION}
        self._put_new(keys.MARKER, json.dumps(marker, sort_keys=True).encode())

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as trouble:
            if trouble.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    def _keep_versions(self) -> None:
        """So that even a mistake with the store's own tools can be taken back."""
        try:
            if self._client.get_bucket_versioning(self._bucket).status != ENABLED:
                self._client.set_bucket_versioning(self._bucket, VersioningConfig(ENABLED))
        except S3Error as trouble:
            if trouble.code not in {*UNKNOWN_TO_IT, "AccessDenied"}:
                raise
            log.warning("bucket %s keeps no versions: %s", self._bucket, trouble.code)
