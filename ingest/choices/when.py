"""When: the date a picture was taken. The camera was there, so Exif goes first; yet a copied print is older than its copy."""

from datetime import datetime
from zoneinfo import ZoneInfo

from archive.model.iptc import DATE_CREATED_IIM, DATE_CREATED_XMP, TIME_CREATED_IIM
from archive.model.taken import Taken
from ingest import dates
from ingest.choices.sources import EDITED_LATER, EXIF, IIM, XMP, Notes, Sources


def taken(
    sources: Sources, notes: Notes, *, zone: ZoneInfo, deposited_at: datetime
) -> Taken | None:
    """The date by our order, noting where others say another day."""
    gps = sources.camera.gps_utc

    def kept(written: dates.Written | None, source: str) -> Taken | None:
        if written is None:
            return None
        return dates.taken(written, source, zone=zone, deposited_at=deposited_at, gps_utc=gps)

    exif, xmp, iim = (
        kept(_exif(sources), EXIF),
        kept(_xmp(sources), XMP),
        kept(_iim(sources), IIM),
    )
    found = [date for date in (exif, xmp, iim) if date]
    if not found:
        return None
    chosen, reason = _choose(exif, xmp, iim, edited_later=sources.iim_edited_later)
    notes.reasons["taken"] = reason if len(found) > 1 else "only"
    if any(not _overlap(chosen, other) for other in found):
        notes.disagree("taken", **{date.source.rpartition(":")[2]: date.shown for date in found})
    return chosen


def _choose(
    exif: Taken | None, xmp: Taken | None, iim: Taken | None, *, edited_later: bool
) -> tuple[Taken, str]:
    """Whoever corrected the IIM date later knew better; a date by hand that lies wholly before Exif's marks a reproduction."""
    if iim and xmp and edited_later and not _overlap(iim, xmp):
        return iim, EDITED_LATER
    by_hand = xmp or iim
    if exif and by_hand and by_hand.offset is None and by_hand.latest < exif.earliest:
        return by_hand, "older-than-its-copy"
    chosen = exif or by_hand
    assert chosen is not None
    return chosen, "exif-first" if chosen is exif else "xmp-first"


def _overlap(one: Taken, other: Taken) -> bool:
    return one.earliest <= other.latest and other.earliest <= one.latest


def _exif(sources: Sources) -> dates.Written | None:
    for name in ("Original", "Digitized"):
        if written := dates.read(sources.camera.text(f"DateTime{name}")):
            offset = dates.read_offset(sources.camera.text(f"OffsetTime{name}"))
            return dates.with_offset(written, offset)
    return None


def _xmp(sources: Sources) -> dates.Written | None:
    found = (dates.read(sources.xmp_text(name)) for name in DATE_CREATED_XMP)
    return next((written for written in found if written), None)


def _iim(sources: Sources) -> dates.Written | None:
    date = sources.block.first(DATE_CREATED_IIM)
    return dates.read_iim(date, sources.block.first(TIME_CREATED_IIM)) if date else None
