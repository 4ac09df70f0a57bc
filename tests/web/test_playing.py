"""What plays on a film's page: its largest fitting rung as one file, and whether players must offer other voices."""

from dataclasses import replace

import pytest
from depositing import deposit
from making import jpeg

from archive.model.asset import AssetType, Visibility
from archive.model.rendition import Rendition
from web.pages.player import playing_of

MP4, SOUND, LIST = "video/mp4", "audio/mp4", "application/vnd.apple.mpegurl"


@pytest.fixture
def film(receiver, photographer, catalogue, objects, clock):
    """A published film of one rung and one further voice."""
    asset = deposit(receiver, photographer, jpeg(41), catalogue=catalogue)
    told = {
        "ladder/720.mp4": (MP4, 1280, 720),
        "ladder/sound-2-az.mp4": (SOUND, 0, 0),
        "ladder/master.m3u8": (LIST, 1280, 720),
    }
    with catalogue.writing() as tx:
        for at, (profile, (media_type, width, height)) in enumerate(told.items()):
            key = f"renditions/ab/cd/made-{at}.bin"
            objects.put(key, b"media")
            made = Rendition(
                profile=profile, recipe="r", key=key, media_type=media_type, width=width,
                height=height, size_bytes=5, sha256="0" * 64, made_at=clock(),
            )  # fmt: skip
            tx.assets.set_rendition(asset.id, made)
        known = tx.assets.get(asset.id)
        changed = replace(known, type=AssetType.VIDEO, visibility=Visibility.PUBLISHED)
        tx.assets.save(changed)
        return tx.assets.get(asset.id)


def test_a_voice_is_served_as_sound(visit, film) -> None:
    answer = visit(None).get(f"/api/v1/assets/{film.id}/renditions/ladder/sound-2-az.mp4")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, SOUND)
    assert answer.get_data() == b"media"


def test_a_film_with_voices_asks_for_the_player_that_offers_them(film) -> None:
    playing = playing_of(film)
    assert playing.has_voices
    assert [source.url.rpartition("/")[2] for source in playing.sources] == [
        "master.m3u8",
        "720.mp4",
    ]
    alone = tuple(made for made in film.renditions if made.media_type != SOUND)
    assert not playing_of(replace(film, renditions=alone)).has_voices


def test_a_recording_has_no_other_voices(film) -> None:
    (voice,) = (made for made in film.renditions if made.media_type == SOUND)
    heard = replace(voice, profile="audio.m4a")
    playing = playing_of(replace(film, type=AssetType.AUDIO, renditions=(heard,)))
    assert [source.media_type for source in playing.sources] == [SOUND]
    assert not playing.has_voices
