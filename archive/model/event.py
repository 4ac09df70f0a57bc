"""PREMIS events: past acts on an asset, append-only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archive.model.ids import AgentId, AssetId, EventId


class EventType(StrEnum):
    """PREMIS event types (vocabulary of the Library of Congress), spelled as there."""

    INGESTION = "ingestion"
    FIXITY_CHECK = "fixity check"
    METADATA_EXTRACTION = "metadata extraction"
    METADATA_MODIFICATION = "metadata modification"
    CREATION = "creation"
    PUBLICATION = "dissemination"
    WITHDRAWAL = "deaccession"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act: who (None means the house itself), with which software, how it ended."""

    id: EventId
    asset: AssetId
    type: EventType
    at: datetime
    agent: AgentId | None
    software: str
    outcome: str = "success"
    detail: str | None = None
