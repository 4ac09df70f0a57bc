"""Take bytes in, neutral of any protocol: create, append at an offset, ask, cancel; the last byte leads to adoption.

An acknowledged offset is a promise: the bytes are on the disk and the offset is in the catalogue before the answer goes out.
"""

import base64
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from archive import faults
from archive.catalogue.engine import Catalogue
from archive.catalogue.transaction import Transaction
from archive.catalogue.uploads import UNKNOWN_LENGTH, Upload, UploadState
from archive.clock import Clock
from archive.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NoRoom,
    NotFound,
    OnAnotherNode,
    TooLarge,
    TooManyRequests,
)
from archive.model.agent import Agent
from archive.model.authority import AuthorityKind
from archive.model.ids import AgentId, AssetId, UploadId, new_id
from archive.objects.port import ObjectStore
from archive.rights import Act, decide
from ingest.adopt import Adoption
from ingest.bodies import Body, Checked
from ingest.staging import StagedWriter, Staging, free_bytes
from ingest.wishes import collection_of

PIECE = 256 * 1024  # the server hands bodies on in pieces of this size
ACKNOWLEDGE_BYTES = 4 << 20
ACKNOWLEDGE_SECONDS = 2.0
LIFETIME = timedelta(days=14)
DIGESTS_A_CALL = 1000
NAME_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is taken in; all are settings. `low_water_bytes` None means min(10 % of the disk, 20 GB)."""

    max_bytes: int = 64 << 30
    open_uploads: int = 20
    bytes_a_day: int = 200 * 10**9
    low_water_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """What a client announces; `length` may be UNKNOWN_LENGTH until `Receiver.announce`. `wishes` are the choices made at deposit (collection, embargo_until, language, …)."""

    filename: str
    length: int
    filename_bytes: str | None = None
    sha256: str | None = None
    client_key: str | None = None
    metadata: str = ""
    via: str = "api"
    wishes: Mapping[str, Any] = field(default_factory=dict)


class Receiver:
    """The one way in for web pages, tus clients and the command line."""

    def __init__(  # noqa: PLR0913 - the parts it works with, by keyword
        self,
        *,
        catalogue: Catalogue,
        objects: ObjectStore,
        staging: Staging,
        adoption: Adoption,
        clock: Clock,
        node: str,
        limits: Limits,
    ) -> None:
        self._catalogue = catalogue
        self._objects = objects
        self._staging = staging
        self._adoption = adoption
        self._clock = clock
        self.node = node
        self._limits = limits

    @property
    def max_bytes(self) -> int:
        """The largest file taken in."""
        return self._limits.max_bytes

    def create(self, new: NewUpload, agent: Agent) -> Upload:
        """Begin an upload, or return the one begun earlier under the same client key.

        Raises Forbidden, Invalid, TooLarge, TooManyRequests, NoRoom; Conflict when the client key names another file.
        """
        owner = self._depositor(agent, new)
        self._check(new, agent)
        filename, filename_bytes = _keepable(new)
        now = self._clock()
        upload = Upload(
            id=UploadId(f"{self.node}.{secrets.token_urlsafe(32)}"),
            asset=AssetId(new_id(now)),
            owner=owner,
            client_key=new.client_key,
            length=new.length,
            offset=0,
            fence=0,
            metadata=new.metadata,
            filename=filename,
            filename_bytes=filename_bytes,
            sha256=new.sha256,
            wishes=new.wishes,
            state=UploadState.RECEIVING,
            outcome=None,
            via=new.via,
            created=now,
            touched=now,
            expires=now + LIFETIME,
        )
        earlier = self._note(upload)
        if earlier is not None:
            return earlier
        return self._adoption.finish(upload) if upload.length == 0 else upload

    def append(
        self, upload_id: UploadId, agent: Agent, offset: int, body: Body, size: int | None
    ) -> Upload:
        """Append bytes at an offset; a short body keeps what came, unless it is Checked. The last byte adopts the file.

        `size` is the announced length of the body in bytes, None when it is not known. Raises NotFound (also for somebody
        else's upload), Gone, Conflict at a wrong offset, Invalid past the end, TooLarge, ChecksumMismatch, NoRoom, and
        what adoption raises.
        """
        upload = self.ask(upload_id, agent)
        if upload.state is UploadState.FINISHED and offset == upload.offset:
            return upload
        if offset != upload.offset:
            raise Conflict(
                f"the upload stands at {upload.offset}, not {offset}", offset=upload.offset
            )
        end = self._end(upload, size)
        self.require_room(0)
        with self._catalogue.writing() as tx:
            taken = tx.uploads.take_over(upload_id)
        if taken is None:
            return self.ask(upload_id, agent)
        fence, standing = taken
        if standing != offset:  # the older request acknowledged more just before
            raise Conflict(f"the upload stands at {standing}, not {offset}", offset=standing)
        with self._staging.writing(upload_id, fence, offset) as writer:
            self._receive(writer, body, end)
        upload = self._required(upload_id)
        return self._adoption.finish(upload) if upload.offset == upload.length else upload

    def announce(self, upload_id: UploadId, agent: Agent, length: int) -> Upload:
        """Set the length of an upload that deferred it.

        Raises Invalid when another length is set already or more bytes are here, TooLarge, NoRoom, and what `ask` raises.
        """
        upload = self.ask(upload_id, agent)
        if upload.length == length:
            return upload
        if upload.length != UNKNOWN_LENGTH:
            raise Invalid(f"the length is {upload.length} already", field="Upload-Length")
        if length > self._limits.max_bytes:
            raise TooLarge(f"at most {self._limits.max_bytes} bytes")
        with self._catalogue.writing() as tx:
            self._require_share(tx, upload, length - upload.offset)
            if not tx.uploads.announce(upload.id, length):
                raise Invalid(
                    "the length is below the offset, or set already", field="Upload-Length"
                )
        return self.ask(upload_id, agent)

    def settle(self, upload_id: UploadId, agent: Agent) -> Upload:
        """How far an upload is, for good: a request that still hangs on it acknowledges nothing more.

        A client that comes back asks first; the offset it hears must hold when it sends the next byte. Raises as `ask`.
        """
        upload = self.ask(upload_id, agent)
        if upload.state is not UploadState.RECEIVING:
            return upload
        with self._catalogue.writing() as tx:
            taken = tx.uploads.take_over(upload_id)
        if taken is not None:
            self._staging.overtake(upload_id, taken[0])
        return self.ask(upload_id, agent)

    def ask(self, upload_id: UploadId, agent: Agent) -> Upload:
        """How far an upload is. All bytes here but no outcome yet (a crash in between): it is finished first.

        Raises NotFound, Gone, OnAnotherNode, and what adoption raises.
        """
        upload = self._required(upload_id)
        if upload.owner != agent.id:
            raise NotFound("no such upload")
        if upload.state in {UploadState.CANCELLED, UploadState.EXPIRED}:
            raise Gone("the upload was ended")
        self._require_here(upload)
        if upload.state is UploadState.RECEIVING and upload.offset == upload.length:
            return self._adoption.finish(upload)
        return upload

    def cancel(self, upload_id: UploadId, agent: Agent) -> None:
        """End an upload and remove its bytes; Conflict once it is finished."""
        upload = self.ask(upload_id, agent)
        with self._catalogue.writing() as tx:
            if not tx.uploads.end(upload.id, UploadState.CANCELLED):
                raise Conflict("a finished upload is not deleted")
            tx.audit.record("upload.cancelled", upload.asset, agent=agent.id, via=upload.via)
        self._staging.remove(upload.id)

    def held(self, digests: Iterable[str], agent: Agent) -> dict[str, AssetId]:
        """SHA-256 → asset, of files held already that this agent may discover."""
        wanted = list(digests)
        if len(wanted) > DIGESTS_A_CALL:
            raise Invalid(f"at most {DIGESTS_A_CALL} digests a call")
        now = self._clock()
        with self._catalogue.reading() as tx:
            holding = tx.assets.holding(wanted)
        return {
            digest: asset
            for digest, assets in holding.items()
            for asset, facts in assets
            if decide(agent, facts, Act.DISCOVER, now).allowed
        }

    def _end(self, upload: Upload, size: int | None) -> int:
        """Where a body of an announced size may end at most; raises when it would go beyond."""
        reach = upload.offset + (size or 0)
        if upload.length != UNKNOWN_LENGTH:
            if reach > upload.length:
                raise Invalid(f"{reach} bytes are more than the announced {upload.length}")
            return upload.length
        if reach > self._limits.max_bytes:
            raise TooLarge(f"at most {self._limits.max_bytes} bytes")
        with self._catalogue.reading() as tx:
            self._require_share(tx, upload, size or 0)
        return self._limits.max_bytes

    def _receive(self, writer: StagedWriter, body: Body, end: int) -> None:
        acknowledged, since = writer.offset, time.monotonic()
        while writer.offset < end:
            piece = body.read(min(PIECE, end - writer.offset))
            if not piece:
                break
            writer.write(piece)
            late = time.monotonic() - since > ACKNOWLEDGE_SECONDS
            if late or writer.offset - acknowledged >= ACKNOWLEDGE_BYTES:
                self.require_room(0)  # nothing is reserved for a length that is deferred
                if not isinstance(body, Checked):
                    self._acknowledge(writer)
                acknowledged, since = writer.offset, time.monotonic()
        if isinstance(body, Checked):
            body.require()
            self._acknowledge(writer)
        elif writer.offset > acknowledged:
            self._acknowledge(writer)

    def _acknowledge(self, writer: StagedWriter) -> None:
        writer.sync()
        faults.point("upload.before_offset")
        with self._catalogue.writing() as tx:
            expires = self._clock() + LIFETIME
            tx.uploads.advance(writer.upload, writer.fence, writer.offset, expires)
        faults.point("upload.after_offset")

    def _note(self, upload: Upload) -> Upload | None:
        """Write the new upload down; returns the earlier one made under the same client key, if any."""
        with self._catalogue.writing() as tx:
            tx.uploads.hold_making(upload.owner)
            if upload.client_key is not None:
                earlier = tx.uploads.of_client_key(upload.owner, upload.client_key)
                if earlier is not None:
                    return _same(earlier, upload)
            if tx.uploads.open_of(upload.owner) >= self._limits.open_uploads:
                raise TooManyRequests(f"{self._limits.open_uploads} uploads are open already")
            self._require_share(tx, upload, max(0, upload.length))
            self._staging.make(upload.id)
            tx.uploads.add(upload)
            detail = {"length": upload.length}
            tx.audit.record(
                "upload.created", upload.asset, agent=upload.owner, via=upload.via, detail=detail
            )
        return None

    def _require_share(self, tx: Transaction, upload: Upload, wanted: int) -> None:
        """TooLarge when the owner would send more than a day's share by this many bytes, NoRoom when they do not fit."""
        day = self._clock() - timedelta(days=1)
        if tx.uploads.received_since(upload.owner, day) + wanted > self._limits.bytes_a_day:
            raise TooLarge("more than one person may send in a day")
        self.require_room(tx.uploads.reserved_bytes() + wanted)

    def _depositor(self, agent: Agent, new: NewUpload) -> AgentId:
        if agent.id is None or not decide(agent, None, Act.DEPOSIT, self._clock()).allowed:
            raise Forbidden("you may not deposit")
        if (
            new.wishes.get("publish")
            and not decide(agent, None, Act.PUBLISH, self._clock()).allowed
        ):
            raise Forbidden("you may not publish")
        return agent.id

    def _check(self, new: NewUpload, agent: Agent) -> None:
        if new.length < 0 and new.length != UNKNOWN_LENGTH:
            raise Invalid("a length is not negative")
        if new.length > self._limits.max_bytes:
            raise TooLarge(f"at most {self._limits.max_bytes} bytes")
        if len(new.filename.encode("utf-8", "surrogateescape")) > NAME_BYTES:
            raise Invalid(f"a file name has at most {NAME_BYTES} bytes")
        if new.sha256 is not None and not is_sha256(new.sha256):
            raise Invalid("sha256 is 64 hexadecimal digits")
        self._require_wishes(new.wishes, agent)

    def _require_wishes(self, wishes: Mapping[str, Any], agent: Agent) -> None:
        with self._catalogue.reading() as tx:
            if collection := wishes.get("collection"):
                collection_of(tx, collection, agent, self._clock())
            if occasion := wishes.get("occasion"):
                found = tx.authorities.find([occasion]).get(occasion)
                if found is None or found.kind is not AuthorityKind.OCCASION:
                    raise Invalid("no such event", field="occasion")

    def require_room(self, wanted: int) -> None:
        """NoRoom when taking this many bytes in would come too near the end of a disk."""
        self._staging.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        free, total = free_bytes(self._staging.folder)
        low = self._limits.low_water_bytes
        low = min(total // 10, 20 * 10**9) if low is None else low
        kept = self._objects.free_bytes()
        if min(free, free if kept is None else kept) - wanted < low:
            raise NoRoom("the disk is nearly full")

    def _require_here(self, upload: Upload) -> None:
        """OnAnotherNode for an upload under way whose bytes lie elsewhere."""
        node = upload.id.partition(".")[0]
        if upload.state is UploadState.RECEIVING and node != self.node:
            raise OnAnotherNode(
                f"upload {upload.id} is received on node {node}, this is {self.node}"
            )

    def _required(self, upload_id: UploadId) -> Upload:
        with self._catalogue.reading() as tx:
            upload = tx.uploads.get(upload_id)
        if upload is None:
            raise NotFound("no such upload")
        return upload


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 in lower-case hex."""
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _keepable(new: NewUpload) -> tuple[str, str | None]:
    """The name as text and, where text cannot say it, its octets; a NUL is in no file system's name and in no database's text."""
    if "\0" not in new.filename or new.filename_bytes is not None:
        return new.filename.replace("\0", "\ufffd"), new.filename_bytes
    octets = new.filename.encode("utf-8", "surrogateescape")
    return new.filename.replace("\0", "\ufffd"), base64.b64encode(octets).decode()


def _same(earlier: Upload, new: Upload) -> Upload:
    other = earlier.sha256 and new.sha256 and earlier.sha256 != new.sha256
    lengths = {earlier.length, new.length} - {UNKNOWN_LENGTH}
    if other or len(lengths) > 1 or earlier.filename != new.filename:
        raise Conflict("this key names another file")
    return earlier
