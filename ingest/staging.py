"""The staging folder: one file per upload under way, its length a promise, its digests taken as the bytes pass."""

import errno
import fcntl
import hashlib
import os
import re
import secrets
import socket
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive import faults
from archive.errors import LostLease, Misconfigured, NoRoom, Unavailable
from archive.model.ids import UploadId
from archive.objects.files import sync_folder, write_once

PIECE = 1 << 20
REMEMBERED = 256
NODE, NODE_NAME = ".node", "[a-z0-9-]{1,30}"
LOOK_SECONDS = 0.05
LOCKS = 64  # shared by uploads: two rarely meet, and never for longer than one write
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(slots=True)
class Digests:
    """SHA-256 and SHA-512 of the first `offset` bytes."""

    offset: int
    sha256: "hashlib._Hash"
    sha512: "hashlib._Hash"

    def update(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.sha256.update(piece)
        self.sha512.update(piece)
        self.offset += len(piece)

    def copy(self) -> "Digests":
        """The same state, apart."""
        return Digests(self.offset, self.sha256.copy(), self.sha512.copy())


class Staging:
    """Writes staged files under fences. The digests' states stay in memory; after a restart the bytes are read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._writers: dict[UploadId, int] = {}
        self._digests: OrderedDict[UploadId, Digests] = OrderedDict()

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    def node(self, wanted: str | None = None) -> str:
        """The name of the node whose staging this is: the one wanted, or made once from the host's and kept with the files.

        The ids of its uploads begin with it, so that requests can be led to where the bytes are. Misconfigured for a name
        that an id could not begin with.
        """
        kept = self._folder / NODE
        if wanted is None:
            self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            if not kept.exists():
                host = re.sub("[^a-z0-9-]", "", socket.gethostname().partition(".")[0].lower())
                with suppress(FileExistsError):  # another process may make it at this moment
                    write_once(kept, f"{host[:20] or 'node'}-{secrets.token_hex(3)}".encode())
            wanted = kept.read_text()
        if not re.fullmatch(NODE_NAME, wanted):
            raise Misconfigured(
                f"MEDIATEKA_NODE: small letters, digits and hyphens, not {wanted!r}"
            )
        return wanted

    def files(self) -> Iterator[tuple[UploadId, float]]:
        """The staged files with the time of their last change, in seconds since 1970; what else lies there is not ours."""
        for path in self._folder.glob("[!.]*"):
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue  # its upload was finished at this very moment
            if stat.S_ISREG(found.st_mode):
                yield UploadId(path.name), found.st_mtime

    def path(self, upload: UploadId) -> Path:
        """The staged file of an upload."""
        return self._folder / upload

    def make(self, upload: UploadId) -> None:
        """Make the empty file of a new upload: exclusively, following no link."""
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with _room():
            os.close(os.open(self.path(upload), flags, 0o640))
            sync_folder(self._folder)

    @contextmanager
    def writing(self, upload: UploadId, fence: int, offset: int) -> Iterator["StagedWriter"]:
        """Write on from an acknowledged offset; whoever wrote under a lower fence stops before its next write."""
        descriptor = self._opened(upload)
        try:
            with self.lock(upload):
                if self._writers.get(upload, 0) > fence:  # overtaken before it began to write
                    raise LostLease(f"upload {upload} was taken over by another request")
                self._writers[upload] = fence
                if os.fstat(descriptor).st_size < offset:
                    raise LostLease(f"the staged file of {upload} is shorter than was acknowledged")
                with _room():
                    os.ftruncate(descriptor, offset)
            yield StagedWriter(self, upload, fence, descriptor, self.digests(upload, offset))
        finally:
            os.close(descriptor)

    def overtake(self, upload: UploadId, fence: int) -> None:
        """Whoever writes under a lower fence here writes and acknowledges nothing more."""
        with self.lock(upload):
            if upload in self._writers:
                self._writers[upload] = max(fence, self._writers[upload])

    def _opened(self, upload: UploadId) -> int:
        try:
            return os.open(self.path(upload), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise LostLease(f"the staged file of {upload} is gone: somebody finished it") from None

    def lock(self, upload: UploadId) -> threading.Lock:
        """What a request holds while it writes: a younger one waits, and the older finds out before its next write."""
        return self._locks[hash(upload) % LOCKS]

    def digests(self, upload: UploadId, offset: int) -> Digests:
        """The digests of the first `offset` bytes: remembered, or read again from the file."""
        with self._guard:
            kept = self._digests.get(upload)
            if kept and kept.offset == offset:
                return kept.copy()
        digests = Digests(0, hashlib.sha256(), hashlib.sha512())
        with self.reading(upload) as file:
            while digests.offset < offset:
                with _room():
                    faults.disk("staging.read")
                    piece = file.read(min(PIECE, offset - digests.offset))
                if not piece:
                    raise LostLease(f"the staged file of {upload} is shorter than was acknowledged")
                digests.update(piece)
        return digests

    def reading(self, upload: UploadId) -> BinaryIO:
        """The staged file to read; LostLease when another finisher removed it already."""
        try:
            return self.path(upload).open("rb")
        except FileNotFoundError:
            raise LostLease(f"the staged file of {upload} is gone: somebody finished it") from None

    @contextmanager
    def held(self, upload: UploadId, patience_seconds: float) -> Iterator[None]:
        """Be the only one, in all processes of this machine, that carries this staged file away; one that is gone needs nobody.

        Whoever holds it is waited for; Unavailable when that takes longer.
        """
        try:
            file = self.path(upload).open("rb")
        except FileNotFoundError:
            yield
            return
        with file:
            pause, until = threading.Event(), time.monotonic() + patience_seconds
            while not _locked(file):
                if time.monotonic() > until:
                    raise Unavailable("the bytes are being stored at this moment")
                pause.wait(LOOK_SECONDS)
            yield

    def remember(self, upload: UploadId, digests: Digests) -> None:
        """Keep the state for the next request of this upload."""
        with self._guard:
            self._digests[upload] = digests.copy()
            self._digests.move_to_end(upload)
            while len(self._digests) > REMEMBERED:
                self._digests.popitem(last=False)

    def remove(self, upload: UploadId) -> None:
        """Remove the staged file and all memory of it."""
        self.path(upload).unlink(missing_ok=True)
        with self._guard:
            self._digests.pop(upload, None)
            self._writers.pop(upload, None)

    def require_writer(self, upload: UploadId, fence: int) -> None:
        """Raise LostLease when a younger request took over in this process."""
        if self._writers.get(upload) != fence:
            raise LostLease(f"upload {upload} was taken over by another request")

    def write(self, writer: "StagedWriter", piece: bytes) -> None:
        """Write one piece at the writer's place, unless a younger request took over."""
        view = memoryview(piece)
        with self.lock(writer.upload), _room():
            self.require_writer(writer.upload, writer.fence)
            while view:
                faults.disk("staging.write")
                written = os.pwrite(
                    writer.descriptor, view, writer.digests.offset + len(piece) - len(view)
                )
                view = view[written:]


@dataclass(slots=True)
class StagedWriter:
    """One request's hold on a staged file."""

    staging: Staging
    upload: UploadId
    fence: int
    descriptor: int
    digests: Digests

    @property
    def offset(self) -> int:
        """Bytes written so far."""
        return self.digests.offset

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self.staging.write(self, piece)
        self.digests.update(piece)

    def sync(self) -> None:
        """Make what was written durable; only then may the offset be acknowledged."""
        with self.staging.lock(self.upload), _room():
            self.staging.require_writer(self.upload, self.fence)
            faults.disk("staging.fsync")
            os.fdatasync(self.descriptor)
            self.staging.remember(self.upload, self.digests)


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def free_bytes(folder: Path) -> tuple[int, int]:
    """(free, total) bytes of the file system a folder lies on."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        if trouble.errno in _FULL:
            raise NoRoom("the staging disk is full") from trouble
        raise Unavailable(f"the staging disk fails: {trouble}") from trouble
