"""Voices: the sound of a film in its other languages, each a rendition of its own that players choose beside any rung."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from archive.model.streams import Sound
from transcode.ffmpeg import FOLDER
from transcode.muxing import SEGMENT_MICROSECONDS, muxing, sound_options
from transcode.packaging import Package

KBITS = 128
# ISO 639-2 as containers write it to the tags of BCP 47, and each language by its own name.
NAMES = {
    "aze": ("az", "Azərbaycanca"),
    "eng": ("en", "English"),
    "rus": ("ru", "Русский"),
    "tur": ("tr", "Türkçe"),
    "kat": ("ka", "ქართული"),
    "geo": ("ka", "ქართული"),
    "fas": ("fa", "فارسی"),
    "per": ("fa", "فارسی"),
    "ara": ("ar", "العربية"),
    "deu": ("de", "Deutsch"),
    "ger": ("de", "Deutsch"),
    "fra": ("fr", "Français"),
    "fre": ("fr", "Français"),
    "spa": ("es", "Español"),
    "ita": ("it", "Italiano"),
    "ukr": ("uk", "Українська"),
    "kaz": ("kk", "Қазақша"),
    "uzb": ("uz", "Oʻzbekcha"),
    "zho": ("zh", "中文"),
    "chi": ("zh", "中文"),
}
SHORT = {tag: (tag, name) for tag, name in NAMES.values()}
PLAIN_LENGTHS = range(2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One line of the audio group; `uri` is empty for the sound that lies in the rungs themselves."""

    tag: str
    name: str
    uri: str = ""
    package: Package | None = None


def spoken(sound: Sound) -> tuple[str, str]:
    """A sound's language as players are told it, and its name; `und` where the container says none that is one."""
    said = (sound.language or "").lower().partition("-")[0]
    plain = said.isascii() and said.isalpha() and len(said) in PLAIN_LENGTHS
    if not plain:
        return "und", "Original"
    return NAMES.get(said) or SHORT.get(said) or (said, said)


def name_of(sound: Sound) -> str:
    """As its files are called: by stream, for two streams may say the same language in two spellings."""
    return f"sound-{sound.index}-{spoken(sound)[0]}"


def output(source: Any, sound: Sound) -> Any:
    """The branch that writes one voice; without a picture fragments are cut by time."""
    options = muxing() | {"movflags": "+global_sidx+delay_moov+default_base_moof"}
    del options["min_frag_duration"]
    return ffmpeg.output(
        source[str(sound.index)],
        f"{FOLDER}{name_of(sound)}.mp4",
        frag_duration=SEGMENT_MICROSECONDS,
        **sound_options(KBITS),
        **options,
    )


def group(main: Sound, made: Sequence[tuple[Sound, Package]]) -> list[Voice]:
    """The checked voices with what was written of each; the main sound, which lies in the rungs, stands first."""
    tag, name = spoken(main)
    return [Voice(tag=tag, name=name), *(_voice(sound, package) for sound, package in made)]


def _voice(sound: Sound, package: Package) -> Voice:
    tag, name = spoken(sound)
    return Voice(tag=tag, name=name, uri=f"{name_of(sound)}.m3u8", package=package)


def lines(voices: Sequence[Voice]) -> list[str]:
    """The audio group of a master playlist (RFC 8216, 4.3.4.1). Names are told apart where two are alike."""
    told, names = [], [voice.name for voice in voices]
    for at, voice in enumerate(voices):
        again = names[:at].count(voice.name)
        facts = [
            "TYPE=AUDIO",
            'GROUP-ID="sound"',
            f'NAME="{voice.name}{f" {again + 1}" if again else ""}"',
            *([f'LANGUAGE="{voice.tag}"'] if voice.tag != "und" else []),
            f"DEFAULT={'YES' if at == 0 else 'NO'}",
            "AUTOSELECT=YES",
            'CHANNELS="2"',
            *([f'URI="{voice.uri}"'] if voice.uri else []),
        ]
        told.append("#EXT-X-MEDIA:" + ",".join(facts))
    return told
