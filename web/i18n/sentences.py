"""A sentence for every reason, error, flag and search note, in the reader's language."""

from collections.abc import Mapping

from archive.model.asset import AssetType, Reason
from web.i18n.catalogue import marked as _m
from web.i18n.catalogue import words

REASONS: Mapping[Reason, str] = {
    Reason.EMPTY: _m("The file is empty. Copy it from the card again."),
    Reason.NOT_MEDIA: _m("This is not a photo, a video or a sound recording."),
    Reason.DISGUISED: _m("The file pretends to be something it is not, so it was not opened."),
    Reason.UNSUPPORTED: _m("The archive cannot read files of this format."),
    Reason.UNSUPPORTED_CODEC: _m(
        "The archive cannot show what is encoded in this file. The original is kept."
    ),
    Reason.TRUNCATED: _m("The file is cut short. Copy it from the card again."),
    Reason.DAMAGED: _m("The file is damaged and cannot be read in full."),
    Reason.ENCRYPTED: _m("The file is locked with a password or a key. Send it without one."),
    Reason.POLYGLOT: _m("Something else is hidden behind the picture in this file."),
    Reason.TOO_LARGE: _m("The file or its picture is larger than the archive takes."),
    Reason.FIXITY_MISMATCH: _m("What arrived is not what was sent. Send the file again."),
    Reason.OVER_BUDGET: _m("Reading the file took more time or memory than one file may have."),
    Reason.NO_SAFE_DECODER: _m(
        "The original is kept. This machine has no safe way to open it at present."
    ),
    Reason.TOO_MANY: _m("There are more parts in the file than the archive takes."),
    Reason.NO_ROOM: _m("The archive's disk is nearly full, so nothing new is taken in."),
    Reason.CANCELLED: _m("Making its preview was stopped by hand. It can be started again."),
}

ERRORS: Mapping[str, str] = {
    "error": _m("The fault is ours. Nothing you sent earlier is lost."),
    "refused": _m("This cannot be done."),
    "not-found": _m("There is nothing at this address, or it is not for everyone."),
    "gone": _m("This material was here and has been withdrawn."),
    "forbidden": _m("Your account may not do this."),
    "unauthenticated": _m("Sign in to do this."),
    "invalid": _m("Something in the request is missing or cannot be read."),
    "conflict": _m("This clashes with what is already there."),
    "checksum-mismatch": _m("What arrived is not what was sent. Send the file again."),
    "stale": _m("Somebody changed this since you opened it. Look at it again."),
    "too-large": _m("This is more than the archive takes at once."),
    "too-many-requests": _m("Too many requests in a short time. Wait a little."),
    "no-room": _m("The archive's disk is nearly full, so nothing new is taken in."),
    "damaged": _m("The file is damaged and cannot be read in full."),
    "fixity-mismatch": _m("What arrived is not what was sent. Send the file again."),
    "object-missing": _m("The file cannot be found where it is kept. The archivists are told."),
    "unreadable-media": _m("The file cannot be read."),
    "render-failed": _m("No preview could be made. The original is kept."),
    "over-budget": _m("Reading the file took more time or memory than one file may have."),
    "unavailable": _m("A part of the archive does not answer at the moment."),
    "catalogue-unavailable": _m("The catalogue does not answer at the moment."),
    "objects-unavailable": _m("The store of originals does not answer at the moment."),
    "search-unavailable": _m("Search does not answer at the moment."),
    "on-another-node": _m("Another machine of ours holds the bytes of this upload. Try again."),
    "doorbell-unavailable": _m(
        "The queue does not answer at the moment. Work waits, nothing is lost."
    ),
    "no-safe-decoder": _m(
        "The original is kept. This machine has no safe way to open it at present."
    ),
    "interrupted": _m("The work was stopped from outside and is done again."),
    "lost-lease": _m("Another process took this work over."),
    "misconfigured": _m("The archive is not set up right. Tell its administrator."),
    "csrf": _m("The page was open too long. Go back, load it again and repeat."),
    "wrong-password": _m("E-mail or password is not right."),
    "too-many-attempts": _m("Too many attempts. Wait a few minutes and try again."),
    "account-disabled": _m("This account is closed. Ask the administrator of the archive."),
    "password-too-short": _m("The password is too short: at least 12 characters."),
    "password-too-common": _m("This password is too well known. Choose another."),
    "passwords-differ": _m("The two passwords are not the same."),
    "email-invalid": _m("This does not look like an e-mail address."),
    "name-missing": _m("Write your name."),
    "link-used": _m("This link was used already or is not valid any more."),
    "internal": _m("The fault is ours. Nothing you sent earlier is lost."),
    "unsupported-media-type": _m("This address does not take that kind of file."),
    "tus-version": _m("The program that sends the file speaks another version of the protocol."),
    "method-not-allowed": _m("This address does not take that kind of request."),
    "file-missing": _m("No file was chosen."),
    "reason-missing": _m("Write why the material is withdrawn."),
}

FLAGS: Mapping[str, str] = {
    "metadata-unread": _m("Some of the file's metadata could not be read."),
    "metadata-damaged": _m("Some of the file's metadata is damaged."),
    "metadata-disagree": _m("The file says different things about itself in different places."),
    "iim-edited-later": _m("An older program changed the file's metadata later; both are kept."),
    "translations-need-review": _m("A caption was changed; its translations need a look."),
    "embargo-in-instructions": _m("The instructions speak of an embargo. None was set by itself."),
    "multi-picture": _m("There are several pictures in the file; the first is shown."),
    "polyglot": _m("Something else is hidden behind the picture in this file."),
    "encrypted": _m("Part of the file is encrypted."),
    "extension-disagrees": _m("The file's name promises another format than the file has."),
    "charset-guessed": _m("The alphabet of old text in the file was guessed."),
    "false-charset": _m("The file names the wrong alphabet for its own text."),
    "language-guessed": _m("The language of some text was guessed."),
    "motion-photo": _m("The photo carries a short film with it."),
    "untagged-cmyk": _m("Print colours without a profile: they may look different on screen."),
    "animated": _m("The picture moves; its first frame is shown."),
    "metadata-cut": _m("There was more metadata than is kept."),
    "trailing-data": _m("There are bytes after the end of the picture."),
    "date-implausible": _m("The camera's date cannot be right."),
    "silent": _m("The film has no sound."),
    "hdr": _m("The film has a high dynamic range; it is shown in ordinary colours."),
    "dolby-vision": _m("The film carries Dolby Vision; its base picture is shown."),
    "interlaced": _m("The film consists of fields; they are woven apart."),
    "fields-unflagged": _m("The film consists of fields without saying so; they are woven apart."),
    "size-changes": _m("The picture changes its size in the middle of the film."),
    "rotation-ignored": _m("The film names an angle that no camera has; it is shown as it lies."),
    "duration-wrong": _m("The file names a length that it does not have."),
    "several-pictures": _m("There are several films in the file; the main one is shown."),
    "several-sounds": _m("There are several sounds in the file."),
    "many-streams": _m("There are more streams in the file than are looked at."),
    "very-fast": _m("There are more frames a second than screens show; some are left out."),
    "sound-longer": _m("The sound is longer than the picture; the last picture is held."),
    "cover-unread": _m("The cover picture could not be read."),
    "offset-assumed": _m("The camera names no time zone; the house's was taken."),
}

NOTES: Mapping[str, str] = {
    "unknown_field": _m("There is no field called “%(field)s”; it was searched as a word."),
    "bad_value": _m("“%(value)s” cannot be read there; it was searched as a word."),
    "bad_date": _m("“%(value)s” is no date; it does not narrow the search."),
    "too_long": _m("The query is very long; its end was left out."),
    "reversed_range": _m("The range stood the wrong way round and was turned."),
    "day_clamped": _m("That month has fewer days; its last day was taken."),
    "too_deep": _m("The brackets are nested too deep; the innermost were left out."),
    "too_many_items": _m("There are too many words in the query; the last were left out."),
    "layout": _m("Also searched as typed on another keyboard: “%(text)s”."),
    "typo": _m("Also searched a similar word: “%(text)s”."),
    "similar": _m("Did you mean “%(query)s”?"),
    "relaxed": _m("Nothing holds all of these words, so materials with some of them are shown."),
    "restarted": _m("The archive changed meanwhile, so the list starts again."),
    "narrow": _m("The list ends here. Narrow the search to see the rest."),
}

TYPES: Mapping[AssetType, str] = {
    AssetType.PHOTO: _m("Photo"),
    AssetType.VIDEO: _m("Video"),
    AssetType.AUDIO: _m("Audio"),
}

UNSAID = _m("The archive adds a note that has no words yet: %(code)s.")


def reason_text(reason: Reason | str, language: str) -> str:
    """Why a file was refused or needs attention."""
    return words(language).gettext(REASONS[Reason(reason)])


def error_text(code: str, language: str) -> str:
    """What an error's code means to the person who meets it; an unknown code says only that something went wrong."""
    return words(language).gettext(ERRORS.get(code, ERRORS["error"]))


def flag_text(flag: str, language: str) -> str:
    """What a flag of an asset is worth knowing for."""
    return _with_facts(FLAGS.get(flag.replace("_", "-")), flag, {}, language)


def note_text(code: str, facts: Mapping[str, object], language: str) -> str:
    """What the search has to say about a query; facts missing from the note are left as an ellipsis."""
    return _with_facts(NOTES.get(code.replace("-", "_")), code, facts, language)


def type_text(kind: AssetType | str, language: str) -> str:
    """Photo, video, audio."""
    return words(language).gettext(TYPES[AssetType(kind)])


def _with_facts(sentence: str | None, code: str, facts: Mapping[str, object], language: str) -> str:
    said = words(language)
    if sentence is None:
        return said.gettext(UNSAID) % {"code": code}
    return said.gettext(sentence) % _Facts(facts)


class _Facts(dict[str, object]):
    """Facts by name; a sentence may ask for one the note does not carry."""

    def __missing__(self, key: str) -> str:
        return "…"
