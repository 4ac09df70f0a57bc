"""tus 1.0.0 as clients meet it: every line of the protocol that this server promises."""

import base64
import hashlib
import io
import re
from datetime import UTC, datetime

import pytest
from making import jpeg

from archive.model.agent import TokenScope

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET = {"Content-Type": "application/offset+octet-stream"}
PHOTO = jpeg(3, (200, 100))


def meta(**fields: str) -> str:
    return ",".join(
        f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in fields.items()
    )


@pytest.fixture
def sender(visit, photographer):
    return visit(photographer, frozenset({TokenScope.UPLOAD, TokenScope.READ}))


def begin(sender, length: int = len(PHOTO), **more) -> str:
    headers = TUS | {"Upload-Length": str(length)} | more
    response = sender.post("/api/v1/uploads", headers=headers)
    assert response.status_code == 201, response.text
    return response.headers["Location"].removeprefix("http://localhost")


def append(sender, where: str, offset: int, data: bytes, **more):
    headers = TUS | OFFSET | {"Upload-Offset": str(offset)} | more
    return sender.patch(where, headers=headers, data=data)


def test_options_names_version_extensions_and_maximum(sender) -> None:
    response = sender.open("/api/v1/uploads", "OPTIONS")
    assert response.status_code == 204
    assert response.headers["Tus-Version"] == "1.0.0"
    assert set(response.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "checksum",
        "termination",
        "expiration",
    }
    assert int(response.headers["Tus-Max-Size"]) == 64 << 30


@pytest.mark.parametrize("version", [None, "0.2.2", "2.0.0"])
def test_another_version_gets_nothing_done(sender, version) -> None:
    headers = {"Upload-Length": "5"} | ({"Tus-Resumable": version} if version else {})
    response = sender.post("/api/v1/uploads", headers=headers)
    assert response.status_code == 412
    assert response.headers["Tus-Version"] == "1.0.0"
    assert "Location" not in response.headers


def test_a_file_goes_in_by_pieces_and_the_last_answer_names_the_asset(sender) -> None:
    where = begin(sender, **{"Upload-Metadata": meta(filename="Şəkil.jpg")})
    first = append(sender, where, 0, PHOTO[:100])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "100")
    assert "Upload-Expires" in first.headers
    last = append(sender, where, 100, PHOTO[100:])
    assert last.status_code == 204
    asset = last.headers["Mediateka-Asset"]
    shown = sender.get(f"/api/v1/assets/{asset}").json
    assert shown["filename"] == "Şəkil.jpg"
    assert shown["sha256"] == hashlib.sha256(PHOTO).hexdigest()


def test_creation_takes_the_first_bytes_along(sender) -> None:
    headers = TUS | OFFSET | {"Upload-Length": str(len(PHOTO))}
    response = sender.post("/api/v1/uploads", headers=headers, data=PHOTO)
    assert response.status_code == 201
    assert response.headers["Upload-Offset"] == str(len(PHOTO))
    assert response.headers["Mediateka-Asset"]


def test_head_tells_offset_length_and_metadata_and_is_never_cached(sender) -> None:
    given = meta(filename="a.jpg", batch="one")
    where = begin(sender, **{"Upload-Metadata": given})
    append(sender, where, 0, PHOTO[:7])
    response = sender.open(where, "HEAD", headers=TUS)
    assert response.status_code == 200
    assert response.headers["Upload-Offset"] == "7"
    assert response.headers["Upload-Length"] == str(len(PHOTO))
    assert response.headers["Upload-Metadata"] == given
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Tus-Resumable"] == "1.0.0"


def test_head_of_a_finished_upload_names_the_asset(sender) -> None:
    where = begin(sender)
    asset = append(sender, where, 0, PHOTO).headers["Mediateka-Asset"]
    response = sender.open(where, "HEAD", headers=TUS)
    assert response.headers["Upload-Offset"] == response.headers["Upload-Length"]
    assert response.headers["Mediateka-Asset"] == asset


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "1.5"}, 400),
        ({"Upload-Length": str((64 << 30) + 1)}, 413),
        ({"Upload-Length": "5", "Upload-Metadata": "filename not-base64!"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a Yg=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "x" * 9000}, 400),
        (
            {
                "Upload-Length": "5",
                "Upload-Metadata": "sha256 " + base64.b64encode(b"short").decode(),
            },
            400,
        ),
        (
            {
                "Upload-Length": "5",
                "Upload-Metadata": "language " + base64.b64encode(b"xx").decode(),
            },
            400,
        ),
        (
            {
                "Upload-Length": "5",
                "Upload-Metadata": "embargo_until " + base64.b64encode(b"soon").decode(),
            },
            400,
        ),
        (
            {
                "Upload-Length": "5",
                "Upload-Metadata": "embargo_until "
                + base64.b64encode(b"2030-01-01T00:00").decode(),
            },
            400,
        ),
        (
            {
                "Upload-Length": "5",
                "Upload-Metadata": "collection " + base64.b64encode(b"none").decode(),
            },
            404,
        ),
    ],
)
def test_a_creation_that_does_not_fit_is_refused_with_its_reason(sender, headers, status) -> None:
    response = sender.post("/api/v1/uploads", headers=TUS | headers)
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    assert response.json["code"]


def test_metadata_may_have_empty_values(sender) -> None:
    where = begin(sender, **{"Upload-Metadata": "is_confidential,filename YS5qcGc="})
    assert sender.open(where, "HEAD", headers=TUS).status_code == 200


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upload-Offset": "5"}, 409),
        ({"Upload-Offset": ""}, 400),
        ({"Content-Type": "application/octet-stream"}, 415),
    ],
)
def test_an_append_that_does_not_fit_writes_nothing(sender, change, status) -> None:
    where = begin(sender)
    assert append(sender, where, 0, PHOTO[:3], **change).status_code == status
    assert sender.open(where, "HEAD", headers=TUS).headers["Upload-Offset"] == "0"


def test_bytes_past_the_end_are_refused(sender) -> None:
    where = begin(sender, length=10)
    assert append(sender, where, 0, b"x" * 11).status_code == 400
    assert sender.open(where, "HEAD", headers=TUS).headers["Upload-Offset"] == "0"


def test_a_terminated_upload_is_gone(sender) -> None:
    where = begin(sender)
    assert sender.open(where, "DELETE", headers=TUS).status_code == 204
    for method in ("HEAD", "DELETE"):
        assert sender.open(where, method, headers=TUS).status_code == 410
    assert append(sender, where, 0, b"x").status_code == 410


def test_an_unknown_or_foreign_upload_is_not_found(sender, visit, other_photographer) -> None:
    where = begin(sender)
    stranger = visit(other_photographer, frozenset({TokenScope.UPLOAD}))
    for who, path in ((sender, "/api/v1/uploads/node.unknown"), (stranger, where)):
        response = who.open(path, "HEAD", headers=TUS)
        assert response.status_code == 404
        assert "Upload-Offset" not in response.headers


def test_length_zero_is_complete_at_once_and_refused_as_empty(sender) -> None:
    response = sender.post("/api/v1/uploads", headers=TUS | {"Upload-Length": "0"})
    assert response.status_code == 422
    assert response.json["reason"] == "empty"
    assert response.json["title"]


@pytest.mark.parametrize(("language", "word"), [("az", "boş"), ("en", "empty"), ("ru", "пуст")])
def test_a_refusal_speaks_the_readers_language(sender, language, word) -> None:
    headers = TUS | {"Upload-Length": "0", "Accept-Language": language}
    assert word in sender.post("/api/v1/uploads", headers=headers).json["title"].lower()


def test_a_promised_digest_that_differs_is_refused_and_the_upload_gone(sender) -> None:
    where = begin(sender, **{"Upload-Metadata": meta(sha256="0" * 64)})
    response = append(sender, where, 0, PHOTO)
    assert (response.status_code, response.json["code"]) == (422, "fixity-mismatch")
    assert sender.open(where, "HEAD", headers=TUS).status_code == 410


def test_a_repeated_creation_with_the_clients_key_is_the_same_upload(sender) -> None:
    given = {"Upload-Metadata": meta(key="frame-1", filename="a.jpg")}
    where = begin(sender, **given)
    append(sender, where, 0, PHOTO[:5])
    assert begin(sender, **given) == where


def test_wishes_reach_the_asset(sender, catalogue) -> None:
    wishes = meta(
        filename="a.jpg", batch="b1", language="ru", embargo_until="2030-01-01T10:00:00+04:00"
    )
    where = begin(sender, **{"Upload-Metadata": wishes})
    asset = append(sender, where, 0, PHOTO).headers["Mediateka-Asset"]
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset)
    assert (kept.batch, kept.language) == ("b1", "ru")
    assert kept.embargo_until == datetime(2030, 1, 1, 6, tzinfo=UTC)


def test_words_for_a_whole_batch_are_laid_over_what_each_file_says(sender, catalogue) -> None:
    said = meta(filename="a.jpg", description="  Открытие выставки ", credit="Foto: AZƏRTAC")
    where = begin(sender, **{"Upload-Metadata": said})
    asset = append(sender, where, 0, PHOTO).headers["Mediateka-Asset"]
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset)
    assert kept.edited == {
        "description": {"ru": {"text": "Открытие выставки", "source": "typed"}},
        "credit": {"az": {"text": "Foto: AZƏRTAC", "source": "typed"}},
    }


@pytest.mark.parametrize(("spoken", "tag"), [("en", "en"), ("ru", "ru")])
def test_words_of_no_certain_language_are_in_that_of_the_page(
    sender, catalogue, spoken, tag
) -> None:
    headers = {"Upload-Metadata": meta(description="Festival 2026"), "Accept-Language": spoken}
    asset = append(sender, begin(sender, **headers), 0, PHOTO).headers["Mediateka-Asset"]
    with catalogue.reading() as tx:
        assert tx.assets.get(asset).description.description.text(tag) == "Festival 2026"


def test_the_plain_form_takes_words_for_its_file(visit, photographer, catalogue) -> None:
    page = visit(photographer)
    data = {"csrf": page.headers["X-CSRF-Token"], "file": (io.BytesIO(PHOTO), "a.jpg")}
    data |= {"description": "The opening of the exhibition", "credit": ""}
    sent = page.client.post("/az/upload", data=data)
    asset = re.search(r'href="/az/assets/([^"]+)"', sent.text)[1]
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset)
    assert kept.description.description.text("en") == "The opening of the exhibition"
    assert set(kept.edited) == {"description"}


@pytest.mark.parametrize(("language", "sound"), [("az", "səs"), ("en", "sound"), ("ru", "звук")])
def test_the_page_names_sound_among_what_it_takes(visit, photographer, language, sound) -> None:
    page = visit(photographer).get(f"/{language}/upload").text
    assert sound in re.search(r"<h1>([^<]*)</h1>", page)[1]


def test_a_check_tells_what_is_held_already(sender) -> None:
    where = begin(sender)
    asset = append(sender, where, 0, PHOTO).headers["Mediateka-Asset"]
    held = hashlib.sha256(PHOTO).hexdigest()
    response = sender.post("/api/v1/uploads/check", json={"sha256": [held, "0" * 64]})
    assert response.json == {"held": {held: asset}}


def test_a_duplicate_names_the_asset_that_holds_the_bytes(sender) -> None:
    first = append(sender, begin(sender), 0, PHOTO)
    second = append(sender, begin(sender), 0, PHOTO)
    assert second.headers["Mediateka-Outcome"] == "duplicate"
    assert second.headers["Mediateka-Asset"] == first.headers["Mediateka-Asset"]


def test_the_method_may_be_overridden(sender) -> None:
    where = begin(sender)
    headers = TUS | OFFSET | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert sender.post(where, headers=headers, data=PHOTO[:4]).status_code == 204
    assert sender.open(where, "HEAD", headers=TUS).headers["Upload-Offset"] == "4"
