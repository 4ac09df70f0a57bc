"""Texts: title, caption, rights and the plain fields. XMP before IIM before Exif; disagreement is noted, never settled unseen."""

from archive.model.description import LIST_FIELDS, MULTILINGUAL_FIELDS, TEXT_FIELDS
from archive.model.iptc import BY_FIELD, Form, Property
from archive.model.multilingual import Multilingual, Value
from ingest import languages
from ingest.choices.sources import EDITED_LATER, EXIF, IIM, REVIEW, XMP, Notes, Sources
from ingest.cleaning import clean_all
from ingest.readers.boilerplate import is_boilerplate


def texts(sources: Sources, notes: Notes) -> dict[str, Multilingual]:
    """Every field that is text in languages."""
    rows = (BY_FIELD[name] for name in MULTILINGUAL_FIELDS)
    chosen = {row.field: _in_languages(row, sources, notes) for row in rows}
    return {name: value for name, value in chosen.items() if value}


def _in_languages(row: Property, sources: Sources, notes: Notes) -> Multilingual:
    tagged = sources.xmp_languages(row.xmp)
    iim, exif = sources.iim_text(row), sources.exif_text(row)
    if tagged:
        if row.form is Form.LANGUAGES:
            chosen = languages.of_tagged(tagged, XMP, sources.hints)
        else:
            chosen = languages.of_untagged(next(iter(tagged.values())), XMP, sources.hints)
        notes.reasons[row.field] = "xmp-first" if iim or exif else "only"
        return _against_iim(row, chosen, list(tagged.values()), sources, notes)
    if iim:
        notes.reasons[row.field] = "only" if not exif else "iim-first"
        _note_exif(row, [iim], sources, notes)
        return languages.of_untagged(iim, IIM, sources.hints)
    if exif:
        notes.reasons[row.field] = "exif-not-boilerplate"
        return languages.of_untagged(exif, EXIF, sources.hints)
    return Multilingual()


def _against_iim(
    row: Property, chosen: Multilingual, xmp: list[str], sources: Sources, notes: Notes
) -> Multilingual:
    """Compare with IIM; a text corrected there later replaces its own language, the others are marked for review.

    A caption that packs several marked languages into the one text IIM has is a short form, not a correction.
    """
    iim = sources.iim_text(row)
    _note_exif(row, [*xmp, iim], sources, notes)
    if not iim or sources.is_same(row, iim, xmp) or languages.split_marked(iim):
        return chosen
    notes.disagree(row.field, xmp=xmp[0], iim=iim)
    if not sources.iim_edited_later:
        return chosen
    notes.reasons[row.field] = EDITED_LATER
    notes.flags.add(EDITED_LATER)
    language = languages.guess(iim, sources.hints)
    if any(tag != language for tag, _ in chosen):
        notes.flags.add(REVIEW)
    return chosen.with_value(language, Value(text=iim, source=IIM, guessed=True))


def _note_exif(row: Property, others: list[str], sources: Sources, notes: Notes) -> None:
    exif = sources.exif_text(row)
    if exif and not sources.is_same(row, exif, others) and not languages.split_marked(exif):
        notes.disagree(row.field, chosen=others[0], exif=exif)


def plain_texts(sources: Sources, notes: Notes) -> dict[str, str]:
    """Every field that is one plain text."""
    found: dict[str, str] = {}
    for row in (BY_FIELD[name] for name in TEXT_FIELDS):
        xmp, iim, exif = sources.xmp_text(row.xmp), sources.iim_text(row), sources.exif_text(row)
        differs = bool(xmp and iim) and not sources.is_same(row, iim, [xmp])
        if differs:
            notes.disagree(row.field, xmp=xmp, iim=iim)
        if differs and sources.iim_edited_later:
            found[row.field], notes.reasons[row.field] = iim, EDITED_LATER
            notes.flags.add(EDITED_LATER)
        elif value := xmp or iim or exif:
            found[row.field] = value
            notes.reasons[row.field] = "xmp-first" if xmp and (iim or exif) else "only"
    return found


def lists(sources: Sources, notes: Notes) -> dict[str, tuple[str, ...]]:
    """Every field that is a list of plain texts: creators, scenes, subject codes."""
    found: dict[str, tuple[str, ...]] = {}
    for row in (BY_FIELD[name] for name in LIST_FIELDS):
        xmp, iim = (
            _people_only(row, sources.xmp_list(row.xmp)),
            _people_only(row, sources.iim_list(row)),
        )
        exif = clean_all(sources.exif_text(row).split(";"))
        differs = bool(xmp and iim) and not all(sources.is_same(row, name, xmp) for name in iim)
        if differs:
            notes.disagree(row.field, xmp="; ".join(xmp), iim="; ".join(iim))
        later = differs and sources.iim_edited_later
        if value := (iim if later else xmp or iim or exif):
            found[row.field] = tuple(value)
            notes.reasons[row.field] = (
                EDITED_LATER if later else "xmp-first" if xmp and iim else "only"
            )
    return found


def _people_only(row: Property, names: list[str]) -> list[str]:
    """Of two creators, one of them a program's default, the real one."""
    real = [name for name in names if not is_boilerplate(row.field, name)]
    return real or names
