"""Jobs: orders of work, stored with the change that caused them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from archive.model.ids import AssetId, JobId


class Queue(StrEnum):
    """Who works on what: people's photos first, long renders, bulk work, fixity."""

    INTERACTIVE = "interactive"
    RENDER = "render"
    BULK = "bulk"
    FIXITY = "fixity"


class JobState(StrEnum):
    """Where a job stands; why it waits is derived from the other columns."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. Kind, subject and `params` make it unique; `max_attempts` counts attempts that failed by themselves.

    Within its queue a higher `priority` is claimed first.
    """

    kind: ClassVar[str]
    queue: ClassVar[Queue]
    max_attempts: ClassVar[int] = 10
    priority: ClassVar[int] = 0

    subject: str
    params: str = ""


# A worker that dies takes all its jobs along, whoever is to blame. Decoders die in children of their own, whose deaths count
# otherwise; so a long ladder must outlive several restarts of the house.
MOST_LOST = 10
FOR_DECODERS = 6


class ExamineAsset(Order):
    """Learn what the original is and what it says about itself."""

    kind = "examine-asset"
    queue = Queue.INTERACTIVE
    max_attempts = FOR_DECODERS


class RenderStills(Order):
    """Make preview, thumbnail and placeholder of a photo."""

    kind = "render-stills"
    queue = Queue.INTERACTIVE
    max_attempts = FOR_DECODERS


class RenderFirstPlayable(Order):
    """Make the quickest thing of a film that a browser plays; it goes before anybody's ladder."""

    kind = "render-first-playable"
    queue = Queue.RENDER
    max_attempts = 3
    priority = 10


class RenderLadder(Order):
    """Make the ladder, poster and storyboard of a film."""

    kind = "render-ladder"
    queue = Queue.RENDER
    max_attempts = 3


class RenderAudio(Order):
    """Make what is listened to and the waveform of a recording."""

    kind = "render-audio"
    queue = Queue.RENDER
    max_attempts = 3
    priority = 5


class CheckOriginal(Order):
    """Read the original back from the store and compare its digest; the first fixity check."""

    kind = "check-original"
    queue = Queue.FIXITY


class RebuildIndex(Order):
    """Build the index anew beside the old one and swap."""

    kind = "rebuild-index"
    queue = Queue.BULK


ORDERS: tuple[type[Order], ...] = (
    ExamineAsset,
    RenderStills,
    RenderFirstPlayable,
    RenderLadder,
    RenderAudio,
    CheckOriginal,
    RebuildIndex,
)


RENDERS = frozenset(
    order.kind for order in (RenderStills, RenderFirstPlayable, RenderLadder, RenderAudio)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job's row. `fence` rises with every claim: what is published is published under it. `tag` names this attempt's files."""

    id: JobId
    kind: str
    subject: str
    params: str
    queue: Queue
    state: JobState
    run_after: datetime
    attempt: int
    lost: int
    max_attempts: int
    fence: int
    tag: str | None
    lease_owner: str | None
    lease_until: datetime | None
    progress: float | None
    error_class: str | None
    error: str | None
    created: datetime
    updated: datetime
    priority: int = 0
    remaining_seconds: float | None = None

    @property
    def asset(self) -> AssetId:
        """The asset it works on (for kinds whose subject is one)."""
        return AssetId(self.subject)
