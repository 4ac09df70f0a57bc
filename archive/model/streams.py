"""Streams: which of a file's streams are the picture and the sound, and the facts that decide what is made of them.

Pure functions over ffprobe's answer; nothing is read here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from archive.model.timeline import Timeline

MOST_STREAMS = 16
MOST_RATE = 240.0
HDR = frozenset({"smpte2084", "arib-std-b67"})
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
HELD_SECONDS, MOST_HELD_SECONDS = 0.5, 3600.0
NO_LANGUAGE = frozenset({None, "", "und", "mul", "zxx", "mis"})
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The main picture. `width` and `height` are those of the upright picture with square pixels; `sar` is the pixels' shape.

    `rate` is never above MOST_RATE; `nominal` is the rate its container names. `parity` (`tff`, `bff`) is set where fields
    were seen that no flag tells of, `resized` where the picture changes its size on the way.
    """

    index: int
    codec: str
    profile: str
    level: int
    pixels: str
    width: int
    height: int
    sar: Fraction
    rotation: int
    odd_rotation: bool
    rate: float
    interlaced: bool
    transfer: str
    matrix: str
    full_range: bool
    timeline: Timeline
    bits_a_second: float
    dolby: bool
    field_order: str = "unknown"
    nominal: float = 0.0
    parity: str = ""
    resized: bool = False

    @property
    def edge(self) -> int:
        """The short edge."""
        return min(self.width, self.height)

    @property
    def is_hdr(self) -> bool:
        """Whether it must be tone-mapped for ordinary screens."""
        return self.transfer in HDR


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One track of sound."""

    index: int
    codec: str
    profile: str
    channels: int
    rate: int
    bits_a_second: float
    language: str | None
    timeline: Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The chosen streams, how many there are of each kind, the seconds the container claims and those that are there."""

    film: Film | None
    sounds: tuple[Sound, ...]
    claimed: float
    cover: int | None
    counts: Mapping[str, int]
    unreadable: bool
    dolby_vision_only: bool

    @property
    def sound(self) -> Sound | None:
        """The main sound."""
        return self.sounds[0] if self.sounds else None

    @property
    def voices(self) -> tuple[Sound, ...]:
        """The first sound of each other language than the main sound's, the main sound apart."""
        if self.sound is None or self.mono_pair:
            return ()
        found = {self.sound.language: self.sound}
        for one in self.sounds[1:]:
            if one.language not in NO_LANGUAGE:
                found.setdefault(one.language, one)
        return tuple(one for one in found.values() if one is not self.sound)

    @property
    def held_seconds(self) -> float:
        """For how long the last picture is held because sound goes on; 0 for what nobody notices.

        Never longer than the packets of sound last: each held picture costs as much as any, and a claim costs nothing.
        """
        if self.film is None or self.sound is None:
            return 0.0
        line = self.sound.timeline
        held = min(line.end - self.film.timeline.end, line.lasting, MOST_HELD_SECONDS)
        return held if held > HELD_SECONDS else 0.0

    @property
    def mono_pair(self) -> tuple[Sound, Sound] | None:
        """Two mono tracks that are one stereo sound, as cameras and broadcasters write it."""
        mono = sorted((one for one in self.sounds if one.channels == 1), key=lambda one: one.index)
        alone = len(mono) == len(self.sounds) and len(mono) >= 2
        return (mono[0], mono[1]) if alone else None

    @property
    def seconds(self) -> float:
        """The length that is there: from the first instant of picture or sound to the last end of either."""
        lines = [one.timeline for one in (self.film, self.sound) if one and one.timeline.count]
        if not lines:
            return self.claimed
        return max(line.end for line in lines) - min(line.first for line in lines)


def streams_of(probe: Document, timelines: Mapping[int, Timeline]) -> Streams:
    """Choose by ffprobe's answer: the default stream first, then the longest, then the largest."""
    listed = list(probe.get("streams", ()))
    known = [one for one in listed[:MOST_STREAMS] if one.get("codec_name") not in {None, "none"}]
    films = [one for one in known if _is_film(one)]
    sounds = [one for one in known if _is_sound(one)]
    main = max(films, key=lambda one: _film_rank(one, timelines), default=None)
    covers = [one["index"] for one in known if _flag(one, "attached_pic")]
    kinds = [str(one.get("codec_type", "unknown")) for one in listed]
    film = _film(main, timelines) if main else None
    return Streams(
        film=film,
        sounds=tuple(
            _sound(one, timelines)
            for one in sorted(sounds, key=lambda one: _sound_rank(one, timelines), reverse=True)
        ),
        claimed=_number(probe.get("format", {}).get("duration")),
        cover=covers[0] if covers else None,
        counts={kind: kinds.count(kind) for kind in sorted(set(kinds))},
        unreadable=not films and any(_claims_film(one) for one in listed),
        dolby_vision_only=main is not None and _needs_dolby(main),
    )


def streams_from(raw: Mapping[str, Any]) -> Streams:
    """The streams again, from what the catalogue kept of the examination (`probe` and `timelines`)."""
    lines = {int(at): Timeline.from_json(line) for at, line in raw["timelines"].items()}
    return streams_of(raw["probe"], lines)


def _is_film(one: Document) -> bool:
    return _claims_film(one) and bool(one.get("width")) and bool(one.get("height"))


def _claims_film(one: Document) -> bool:
    still = _flag(one, "attached_pic") or _flag(one, "timed_thumbnails")
    return one.get("codec_type") == "video" and not still


def _is_sound(one: Document) -> bool:
    heard = one.get("channels", 0) > 0 and _number(one.get("sample_rate")) > 0
    return one.get("codec_type") == "audio" and heard


def _film_rank(one: Document, timelines: Mapping[int, Timeline]) -> tuple[int, int, int, int]:
    count = timelines.get(one["index"], Timeline()).count
    return _flag(one, "default"), count, one["width"] * one["height"], -one["index"]


def _sound_rank(one: Document, timelines: Mapping[int, Timeline]) -> tuple[int, int, int, int]:
    count = timelines.get(one["index"], Timeline()).count
    return _flag(one, "default"), min(one["channels"], 2), count, -one["index"]


def _film(one: Document, timelines: Mapping[int, Timeline]) -> Film:
    line = timelines.get(one["index"], Timeline())
    degrees = _rotation(one)
    upright = degrees % 90 == 0
    turned = upright and degrees % 180 != 0
    sar = _sar(one)
    width, height = round(one["width"] * sar), one["height"]
    if turned:
        width, height = height, width
    declared = _ratio(one.get("avg_frame_rate"))
    return Film(
        index=one["index"],
        codec=one["codec_name"],
        profile=str(one.get("profile", "")),
        level=int(_number(one.get("level"))),
        pixels=str(one.get("pix_fmt", "unknown")),
        width=width,
        height=height,
        sar=sar,
        rotation=degrees if upright else 0,
        odd_rotation=not upright,
        rate=min(line.rate or float(declared), MOST_RATE),
        interlaced=one.get("field_order") in INTERLACED,
        transfer=str(one.get("color_transfer", "unknown")),
        matrix=str(one.get("color_space", "unknown")),
        full_range=one.get("color_range") == "pc" or str(one.get("pix_fmt")).startswith("yuvj"),
        timeline=line,
        bits_a_second=line.bits_a_second or _number(one.get("bit_rate")),
        dolby=_dolby(one) is not None,
        field_order=str(one.get("field_order", "unknown")),
        nominal=float(_ratio(one.get("r_frame_rate"))),
    )


def _sound(one: Document, timelines: Mapping[int, Timeline]) -> Sound:
    line = timelines.get(one["index"], Timeline())
    return Sound(
        index=one["index"],
        codec=one["codec_name"],
        profile=str(one.get("profile", "")),
        channels=one["channels"],
        rate=int(_number(one.get("sample_rate"))),
        bits_a_second=line.bits_a_second or _number(one.get("bit_rate")),
        language=one.get("tags", {}).get("language"),
        timeline=line,
    )


def _side_data(one: Document) -> Sequence[Document]:
    return list(one.get("side_data_list", ()))


def _rotation(one: Document) -> int:
    """Degrees; numbers that no camera writes count as a turn we do not follow."""
    for data in _side_data(one):
        if "rotation" in data:
            degrees = int(_number(data["rotation"]))
            return degrees % 360 if abs(degrees) <= 360 else 1
    return 0


def _dolby(one: Document) -> Document | None:
    return next((data for data in _side_data(one) if "dv_profile" in data), None)


def _needs_dolby(one: Document) -> bool:
    """Whether the picture can be shown by Dolby's own decoders only: no base layer that stands alone."""
    record = _dolby(one)
    return record is not None and record.get("dv_bl_signal_compatibility_id") == 0


def _sar(one: Document) -> Fraction:
    """The pixels' shape; what is absurd counts as square."""
    sar = _ratio(str(one.get("sample_aspect_ratio", "1:1")).replace(":", "/")) or Fraction(1)
    return sar if Fraction(1, 8) <= sar <= 8 else Fraction(1)


def _flag(one: Document, name: str) -> int:
    return int(one.get("disposition", {}).get(name, 0))


def _ratio(text: object) -> Fraction:
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
