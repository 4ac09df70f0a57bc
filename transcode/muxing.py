"""How everything that plays is muxed and heard: one fragmented MP4 with a global index, AAC in stereo."""

from typing import Any

SEGMENT_MICROSECONDS = 3_900_000


def muxing() -> dict[str, Any]:
    """One fragmented file with a global index, without the source's words."""
    return {
        "map_metadata": -1,
        "map_chapters": -1,
        "f": "mp4",
        "movflags": "+frag_keyframe+global_sidx+delay_moov+default_base_moof",
        "min_frag_duration": SEGMENT_MICROSECONDS,
        "max_muxing_queue_size": 9999,
    }


def sound_options(kbits: int) -> dict[str, Any]:
    """AAC in stereo."""
    return {"c:a": "aac", "ac": 2, "ar": 48000, "b:a": f"{kbits}k"}
