"""Objects as files in a folder: written aside, synced, linked into place without ever replacing."""

import errno
import hashlib
import json
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from archive import faults, keys
from archive.errors import Conflict, Invalid, NoRoom, ObjectMissing, ObjectsUnavailable
from archive.objects.port import StoredObject

PIECE = 256 * 1024  # slow readers hold one each
FORMAT_VERSION = 1
_ASIDE = "tmp"  # beside archive/ and renditions/, so that linking never crosses a file system
_FULL = {errno.ENOSPC, errno.EDQUOT}


class FileObjects:
    """The embedded ObjectStore. `archive_id` is what the marker must say; None accepts any marker (set-up, doctor)."""

    def __init__(self, root: Path, archive_id: str | None = None) -> None:
        self._root = root
        self._archive_id = archive_id

    def prepare(self, archive_id: str | None = None) -> str:
        """See the port."""
        with _translated():
            self._root.mkdir(parents=True, exist_ok=True)
            if not (self._root / keys.MARKER).exists():
                if archive_id is None and self._archive_id is not None:
                    raise ObjectsUnavailable(f"the archive's store is not there: {self._root}")
                if any(entry.name != _ASIDE for entry in self._root.iterdir()):
                    raise ObjectsUnavailable(
                        f"{self._root} holds files but no marker of an archive"
                    )
                marker = {"archive": archive_id or str(uuid.uuid4()), "format": FORMAT_VERSION}
                self._write(keys.MARKER, json.dumps(marker, sort_keys=True).encode(), replace=False)
        self._archive_id = self._marker()
        return self._archive_id

    def put(self, key: str, data: bytes, *, replace: bool = False) -> None:
        """See the port."""
        self._require()
        with _translated():
            self._write(keys.checked(key), data, replace=replace)

    def adopt(self, path: Path, key: str) -> None:
        """See the port. The file is linked, or copied where the two lie on different file systems; then it goes."""
        self._require()
        final = self._path(key)
        with _translated():
            self._make_parents(final)
            try:
                self._link_in(path, final)
            except FileNotFoundError:
                raise ObjectMissing(f"there is no file {path.name} to adopt") from None
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def read(self, key: str) -> bytes:
        """See the port."""
        return b"".join(self.stream(key))

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See the port."""
        self._require()
        return _Pieces(self._open(key), start, stop)

    @contextmanager
    def as_path(self, key: str) -> Iterator[Path]:
        """See the port; here the object itself is lent, read-only by its mode."""
        self._require()
        os.close(self._open(key))
        yield self._path(key)

    def stat(self, key: str) -> StoredObject | None:
        """See the port."""
        self._require()
        with _translated():
            try:
                return StoredObject(key, self._path(key).stat().st_size)
            except FileNotFoundError:
                return None

    def keys(self, prefix: str) -> Iterator[str]:
        """See the port."""
        self._require()
        if prefix and not prefix.endswith("/"):
            raise Invalid(f"a prefix ends with a slash: {prefix!r}")
        top = self._path(prefix.rstrip("/")) if prefix else self._root
        for folder, folders, names in os.walk(top):
            if Path(folder) == self._root:
                folders[:] = [name for name in folders if name != _ASIDE]
            for name in names:
                yield str((Path(folder) / name).relative_to(self._root))

    def remove(self, key: str) -> None:
        """See the port; folders that become empty go too, the archive has none."""
        self._require()
        path = self._path(key)
        with _translated():
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or not _remove_if_empty(folder):
                    break

    def ping(self) -> None:
        """See the port."""
        self._require()

    def free_bytes(self) -> int | None:
        """See the port."""
        self._require()
        with _translated():
            room = os.statvfs(self._root)
        return room.f_bavail * room.f_frsize

    def tidy(self, older_than: datetime) -> int:
        """See the port."""
        self._require()
        removed = 0
        aside = self._root / _ASIDE
        for path in aside.iterdir() if aside.exists() else ():
            try:
                if path.stat().st_mtime >= older_than.timestamp():
                    continue
                path.unlink()
            except FileNotFoundError:
                continue  # its writer has just put it in place
            removed += 1
        return removed

    def _path(self, key: str) -> Path:
        return self._root / keys.checked(key)

    def _marker(self) -> str:
        try:
            marker = json.loads((self._root / keys.MARKER).read_bytes())
            return str(marker["archive"])
        except (OSError, ValueError, KeyError) as trouble:
            raise ObjectsUnavailable(f"no marker of an archive in {self._root}") from trouble

    def _require(self) -> None:
        """The marker tells an unmounted disk from an empty store."""
        if self._archive_id is None or self._marker() != self._archive_id:
            raise ObjectsUnavailable(f"{self._root} is not the store of this archive")

    def _open(self, key: str) -> int:
        try:
            with _translated():
                return os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as trouble:
            raise ObjectMissing(f"no object {key}") from trouble

    def _write(self, key: str, data: bytes, *, replace: bool) -> None:
        final = self._path(key)
        self._make_parents(final)
        aside = self._aside()
        try:
            with aside.open("xb") as file:
                faults.disk("store.write")
                file.write(data)
                file.flush()
                faults.disk("store.fsync")
                os.fsync(file.fileno())
            aside.chmod(0o440)
            faults.point("store.before_link")
            if replace:
                aside.replace(final)
                sync_folder(final.parent)
            else:
                self._link_in(aside, final)
        finally:  # a disk that failed leaves nothing half written behind
            aside.unlink(missing_ok=True)

    def _link_in(self, path: Path, final: Path) -> None:
        faults.disk("store.rename")
        try:
            os.link(path, final, follow_symlinks=False)
        except FileExistsError:
            if not _same_bytes(path, final):
                raise Conflict(f"{final.name} is there already, with other bytes") from None
        except OSError as trouble:
            if trouble.errno not in {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
                raise
            self._copy_in(path, final)
        final.chmod(0o440)
        sync_folder(final.parent)

    def _copy_in(self, path: Path, final: Path) -> None:
        """Another file system, or one without hard links: copy aside, then rename after an existence check."""
        aside = self._aside()
        with path.open("rb") as source, aside.open("xb") as target:
            while piece := source.read(PIECE):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        if final.exists() and not _same_bytes(aside, final):
            aside.unlink()
            raise Conflict(f"{final.name} is there already, with other bytes")
        aside.replace(final)

    def _aside(self) -> Path:
        folder = self._root / _ASIDE
        folder.mkdir(mode=0o750, exist_ok=True)
        return folder / secrets.token_hex(16)

    def _make_parents(self, path: Path) -> None:
        missing = [folder for folder in path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o750, exist_ok=True)
            sync_folder(folder.parent)


class _Pieces:
    """The bytes of an open file, piece by piece; closed at the end, by `close`, or when nobody holds it any more."""

    def __init__(self, file: int, start: int, stop: int | None) -> None:
        self._source = os.fdopen(file, "rb", buffering=0)
        self._source.seek(start)
        self._left = (os.fstat(file).st_size if stop is None else stop) - start

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._left <= 0:
            self.close()
            raise StopIteration
        with _translated():
            faults.disk("store.read")
            piece = self._source.read(min(PIECE, self._left))
        if not piece:
            self.close()
            raise ObjectsUnavailable("the object became shorter while it was read")
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    def __del__(self) -> None:
        self.close()


def _same_bytes(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    return one.samefile(other) or _sha512(one) == _sha512(other)


def _sha512(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha512").digest()


def write_once(path: Path, data: bytes) -> None:
    """Write a small file aside and link it into place: whoever looks sees it whole, and the first of several makers wins.

    FileExistsError for the others. Only its owner may read it.
    """
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError as trouble:
        if trouble.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
            raise
        return False
    return True


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as trouble:
        if trouble.errno in _FULL:
            raise NoRoom("the object store's disk is full") from trouble
        raise ObjectsUnavailable(str(trouble)) from trouble
