"""Every way to fail, by verdict: whose fault, and may I try again.

    MediatekaError
    ├── Refused            the request is at fault: 4xx, the job fails at once
    │   ├── NotFound · Gone · Forbidden · Unauthenticated
    │   ├── Invalid · Conflict · ChecksumMismatch · Stale · TooLarge · TooManyRequests
    │   └── NoRoom         low water: nothing new is taken in, reading goes on
    ├── Damaged            the material is at fault: the asset needs attention, with a reason
    │   ├── FixityMismatch · ObjectMissing · UnreadableMedia · RenderFailed
    │   └── OverBudget
    ├── Unavailable        a part is away: 503, the job goes back with growing delay
    │   ├── CatalogueUnavailable · ObjectsUnavailable · SearchUnavailable · DoorbellUnavailable
    │   ├── OnAnotherNode  what is asked for lies on another machine's disk
    │   └── NoSafeDecoder  no rung of the sandbox works: nothing is decoded
    ├── LostLease          somebody else owns this work now: stop, publish nothing
    └── Misconfigured      the installation is at fault: the start stops, naming the setting

Every error has a stable `code` (kebab-case, part of the outer contract) and its facts as attributes.
"""

from typing import ClassVar

from archive.model.asset import Reason


class MediatekaError(Exception):
    """The root: something Mediateka can name went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or self.__doc__ or self.code)
        self.facts = facts


class Refused(MediatekaError):
    """The request is at fault."""

    code = "refused"


class NotFound(Refused):
    """There is no such thing, or not for you."""

    code = "not-found"


class Gone(Refused):
    """It was here and is not any more."""

    code = "gone"


class Forbidden(Refused):
    """You may see it, but not do this."""

    code = "forbidden"


class Unauthenticated(Refused):
    """We do not know who you are."""

    code = "unauthenticated"


class Invalid(Refused):
    """The request does not say what it must."""

    code = "invalid"


class Conflict(Refused):
    """It clashes with what is there."""

    code = "conflict"


class ChecksumMismatch(Refused):
    """The bytes that came are not those whose checksum was promised; none of them was kept."""

    code = "checksum-mismatch"


class Stale(Refused):
    """Somebody changed it since you looked."""

    code = "stale"


class TooLarge(Refused):
    """More than we take."""

    code = "too-large"


class TooManyRequests(Refused):
    """Slow down."""

    code = "too-many-requests"


class NoRoom(Refused):
    """The disk is nearly full: reading goes on, nothing new is taken in."""

    code = "no-room"


class Damaged(MediatekaError):
    """The material is at fault. `reason` is what people read, `detail` the finer code, `tail` the tool's last words."""

    code = "damaged"
    default_reason: ClassVar[Reason] = Reason.DAMAGED

    def __init__(
        self,
        message: str = "",
        *,
        reason: Reason | None = None,
        detail: str | None = None,
        tail: str | None = None,
    ) -> None:
        super().__init__(message, detail=detail)
        self.reason = reason or self.default_reason
        self.detail = detail
        self.tail = tail


class FixityMismatch(Damaged):
    """Bytes are not what they were."""

    code = "fixity-mismatch"
    default_reason = Reason.FIXITY_MISMATCH


class ObjectMissing(Damaged):
    """The object store has no such object (and its marker is there, so it is not merely away)."""

    code = "object-missing"


class UnreadableMedia(Damaged):
    """No decoder of ours can read it."""

    code = "unreadable-media"


class RenderFailed(Damaged):
    """A rendition could not be made, or is not what was asked for."""

    code = "render-failed"


class OverBudget(Damaged):
    """It wants more time, memory or pixels than a file may have; never retried by itself."""

    code = "over-budget"
    default_reason = Reason.OVER_BUDGET


class Unavailable(MediatekaError):
    """A part is away for now."""

    code = "unavailable"


class CatalogueUnavailable(Unavailable):
    """The catalogue does not answer."""

    code = "catalogue-unavailable"


class CatalogueContended(CatalogueUnavailable):
    """Two wrote in each other's way and one had to give up: the same again may go well."""


class ObjectsUnavailable(Unavailable):
    """The object store does not answer, or its marker is not the one we know."""

    code = "objects-unavailable"


class SearchUnavailable(Unavailable):
    """The index does not answer."""

    code = "search-unavailable"


class DoorbellUnavailable(Unavailable):
    """The doorbell cannot be rung."""

    code = "doorbell-unavailable"


class OnAnotherNode(Unavailable):
    """The bytes of this upload lie on another node's disk; whoever leads requests to nodes must lead it there."""

    code = "on-another-node"


class NoSafeDecoder(Unavailable):
    """No sandbox works on this machine, so nothing is decoded."""

    code = "no-safe-decoder"


class Interrupted(MediatekaError):
    """Somebody ended a program of ours from outside, as a machine that shuts down does; the work is to be done again."""

    code = "interrupted"


class LostLease(MediatekaError):
    """The lease passed to somebody else; nothing may be published under it."""

    code = "lost-lease"


class Misconfigured(MediatekaError):
    """The installation is at fault; the message names the setting."""

    code = "misconfigured"
