"""Web-ready: what every browser plays as it is, judged by the source's facts alone."""

from archive.model.streams import Film, Sound

PLAIN_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
PLAIN_PIXELS = frozenset({"yuv420p"})
PLAIN_TRANSFERS = frozenset({"unknown", "bt709", "smpte170m", "bt470bg", "iec61966-2-1"})
HIGHEST_LEVEL = 51
FASTEST = 60.5
LONGEST_KEY_GAP, LONGEST_KEY_GAP_OF_TOP = 10.0, 4.1
TALLEST_TOP = 1080
SOUND_RATES = range(32_000, 48_001)
MOST_SOUND_BITS = 264_000  # 256 kbit/s as encoders of a constant mean write it


def picture_plays(film: Film) -> bool:
    """Whether the picture may be played as it is: plain H.264 whose key frames are true entry points."""
    line = film.timeline
    return (
        film.codec == "h264"
        and film.profile in PLAIN_PROFILES
        and film.pixels in PLAIN_PIXELS
        and 0 < film.level <= HIGHEST_LEVEL
        and not film.interlaced
        and not film.full_range
        and not film.odd_rotation
        and not film.resized
        and film.transfer in PLAIN_TRANSFERS
        and film.rate <= FASTEST
        and line.leading == 0
        and line.rises
        and line.longest_key_gap <= LONGEST_KEY_GAP
    )


def may_be_top(film: Film) -> bool:
    """Whether it may stand above encoded rungs: upright, square pixels, even sides, key frames close to each other."""
    return (
        picture_plays(film)
        and film.rotation == 0
        and film.sar == 1
        and film.edge <= TALLEST_TOP
        and film.width % 2 == 0
        and film.height % 2 == 0
        and film.timeline.longest_key_gap <= LONGEST_KEY_GAP_OF_TOP
        and film.bits_a_second > 0
    )


def sound_plays(sound: Sound) -> bool:
    """Whether the sound may be copied: AAC-LC, at most stereo, 32 to 48 kHz, 256 kbit/s at most."""
    return (
        sound.codec == "aac"
        and sound.profile == "LC"
        and sound.channels <= 2
        and sound.rate in SOUND_RATES
        and sound.bits_a_second <= MOST_SOUND_BITS
    )
