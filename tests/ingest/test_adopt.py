"""From the last byte to the record: outcomes, wishes carried out, and recovery that one bad upload does not stop."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from depositing import deposit, send
from making import jpeg

from archive.errors import Conflict, Invalid, NotFound, ObjectsUnavailable, Unavailable
from archive.model.agent import TokenScope
from archive.model.asset import Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.ids import AuthorityId, new_id
from archive.model.job import CheckOriginal, ExamineAsset
from ingest.receive import NewUpload
from ingest.wishes import parse_instant

ZERO = timedelta(0)
EMBARGO = "2030-01-01T10:00:00+04:00"


def unfinished(receiver, account, adoption, data: bytes, name: str = "a.jpg"):
    """An upload whose bytes are all here, but the store was away when they came."""

    class Away:
        def stat(self, key):
            raise ObjectsUnavailable("away")

        def free_bytes(self):
            return None

    receiver._adoption = replace(adoption, objects=Away())
    upload = receiver.create(NewUpload(filename=name, length=len(data)), account.agent)
    with pytest.raises(ObjectsUnavailable):
        receiver.append(upload.id, account.agent, 0, io.BytesIO(data), len(data))
    receiver._adoption = adoption
    return upload


def outcome_of(catalogue, upload):
    with catalogue.reading() as tx:
        return tx.uploads.get(upload.id).outcome


def test_while_the_store_is_away_all_bytes_are_kept_and_finished_later(
    receiver, photographer, adoption, catalogue, objects, staging
) -> None:
    data = jpeg(3)
    upload = unfinished(receiver, photographer, adoption, data)
    assert staging.path(upload.id).read_bytes() == data
    assert adoption.recover("node", older_than=ZERO) == 1
    assert outcome_of(catalogue, upload)["outcome"] == "stored"
    assert not staging.path(upload.id).exists()


def test_recovery_leaves_alone_what_somebody_may_still_be_working_on(
    receiver, photographer, adoption, clock
) -> None:
    unfinished(receiver, photographer, adoption, jpeg(3))
    assert adoption.recover("node", older_than=timedelta(seconds=60)) == 0
    clock.advance(61)
    assert adoption.recover("node", older_than=timedelta(seconds=60)) == 1


def test_one_adoption_that_cannot_be_finished_does_not_stop_the_others(
    receiver, photographer, adoption, catalogue, staging
) -> None:
    lost = unfinished(receiver, photographer, adoption, jpeg(3), "lost.jpg")
    good = unfinished(receiver, photographer, adoption, jpeg(4), "good.jpg")
    staging.remove(lost.id)
    assert adoption.recover("node", older_than=ZERO) == 1
    assert outcome_of(catalogue, lost) is None
    assert outcome_of(catalogue, good)["outcome"] == "stored"


def test_a_complete_upload_whose_staged_file_is_gone_does_not_stop_the_others(
    receiver, photographer, adoption, catalogue, staging
) -> None:
    class Dies:
        """The process ends after the last byte, before anything of the adoption."""

        def finish(self, upload):
            raise ObjectsUnavailable("away")

    data = jpeg(8)
    receiver._adoption = Dies()
    lost = receiver.create(NewUpload(filename="a.jpg", length=len(data)), photographer.agent)
    with pytest.raises(ObjectsUnavailable):
        receiver.append(lost.id, photographer.agent, 0, io.BytesIO(data), len(data))
    staging.remove(lost.id)
    good = unfinished(receiver, photographer, adoption, jpeg(4), "good.jpg")
    assert adoption.recover("node", older_than=ZERO) == 1
    assert outcome_of(catalogue, lost) is None
    assert outcome_of(catalogue, good)["outcome"] == "stored"


def test_a_file_adopted_by_somebody_else_meanwhile_is_recorded_once(
    receiver, photographer, adoption, catalogue, staging, objects
) -> None:
    data = jpeg(3)
    upload = unfinished(receiver, photographer, adoption, data)
    with catalogue.reading() as tx:
        storing = tx.originals.of_upload(upload.id)
    path = staging.path(upload.id)

    class Racing:
        """The other finisher gets the file between our look and our adoption."""

        def __getattr__(self, name):
            return getattr(objects, name)

        def adopt(self, staged, key):
            objects.adopt(path, key)
            path.unlink(missing_ok=True)
            objects.adopt(staged, key)

    replace(adoption, objects=Racing()).store(storing)
    assert objects.read(storing.original.key) == data
    assert outcome_of(catalogue, upload)["outcome"] == "stored"


def test_finishing_twice_gives_the_first_outcome(
    receiver, photographer, adoption, catalogue
) -> None:
    done = send(receiver, photographer, jpeg(3))
    again = adoption.finish(done)
    assert again.outcome == done.outcome
    with catalogue.reading() as tx:
        assert len(tx.assets.after(None, 10)) == 1
        assert [entry.act for entry in tx.audit.of(done.asset)].count("asset.stored") == 1


def test_a_stored_asset_has_its_first_jobs(receiver, photographer, catalogue) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    with catalogue.reading() as tx:
        assert {job.kind for job in tx.jobs.of(asset.id)} == {
            ExamineAsset.kind,
            CheckOriginal.kind,
        }


def test_wishes_are_carried_out(receiver, archivist, catalogue, clock) -> None:
    with catalogue.writing() as tx:
        held = tx.collections.add(slug="bayram", title={"az": "Bayram"})
        occasion = Authority(
            id=AuthorityId(new_id(clock())),
            kind=AuthorityKind.OCCASION,
            labels={"az": "Novruz", "ru": "Новруз"},
        )
        tx.authorities.save(occasion)
    wishes = {
        "collection": "bayram",
        "occasion": occasion.id,
        "embargo_until": EMBARGO,
        "publish": True,
        "language": "ru",
        "batch": "b",
    }
    asset = deposit(receiver, archivist, jpeg(), catalogue=catalogue, wishes=wishes)
    with catalogue.reading() as tx:
        asset = tx.assets.get(asset.id)
    assert asset.collections == (held.id,)
    assert asset.description.occasion.labels == {"az": "Novruz", "ru": "Новруз"}
    assert asset.embargo_until == datetime(2030, 1, 1, 6, tzinfo=UTC)
    assert asset.visibility is Visibility.PUBLISHED
    assert asset.published_at is not None
    assert (asset.language, asset.batch) == ("ru", "b")


def test_wishes_that_cannot_be_carried_out_are_refused_before_any_byte(receiver, archivist) -> None:
    with pytest.raises(NotFound):
        send(receiver, archivist, jpeg(), wishes={"collection": "none"})
    with pytest.raises(Invalid):
        send(receiver, archivist, jpeg(), wishes={"occasion": "none"})


def authority(catalogue, clock, kind: AuthorityKind, **labels: str) -> Authority:
    made = Authority(id=AuthorityId(new_id(clock())), kind=kind, labels=labels)
    with catalogue.writing() as tx:
        tx.authorities.save(made)
    return made


@pytest.fixture
def named(receiver, archivist, catalogue):
    numbers = iter(range(100, 200))

    def depositing(field: str, *things: dict[str, str]):
        asset = deposit(
            receiver,
            archivist,
            jpeg(next(numbers)),
            catalogue=catalogue,
            wishes={"named": {field: list(things)}},
        )
        return getattr(asset.description, field)

    return depositing


def test_a_name_in_two_languages_makes_an_authority_and_the_next_one_finds_it(
    named, catalogue
) -> None:
    (first,) = named("people", {"az": "İlham Quliyev", "ru": "Ильхам Кулиев"})
    (second,) = named("people", {"ru": "ИЛЬХАМ КУЛИЕВ"})
    assert first.authority is not None
    assert second.authority == first.authority
    with catalogue.reading() as tx:
        made = tx.authorities.find([first.authority])[first.authority]
    assert (made.kind, made.labels) == (
        AuthorityKind.PERSON,
        {"az": "İlham Quliyev", "ru": "Ильхам Кулиев"},
    )


def test_a_name_in_one_language_that_nobody_bears_stays_free(named) -> None:
    (link,) = named("people", {"az": "Naməlum"})
    assert (link.authority, link.labels) == (None, {"az": "Naməlum"})


def test_a_name_that_two_bear_stays_a_question(named, catalogue, clock) -> None:
    authority(catalogue, clock, AuthorityKind.PERSON, az="Əli Məmmədov", ru="Али Мамедов")
    authority(catalogue, clock, AuthorityKind.PERSON, az="Əli Məmmədov", en="Ali Mammadov")
    (link,) = named("people", {"az": "Əli Məmmədov", "en": "Ali M."})
    assert link.authority is None


def test_a_place_is_no_person(named, catalogue, clock) -> None:
    authority(catalogue, clock, AuthorityKind.PLACE, az="Gəncə")
    (person,) = named("people", {"az": "Gəncə"})
    (place,) = named("places_shown", {"az": "Gəncə"})
    assert person.authority is None
    assert place.authority is not None


def test_a_keyword_in_three_languages_is_one_subject_and_three_words(named) -> None:
    words = named("keywords", {"az": "bayram", "en": "holiday", "ru": "праздник"})
    assert [(word.language, word.text) for word in words] == [
        ("az", "bayram"),
        ("en", "holiday"),
        ("ru", "праздник"),
    ]
    assert len({word.authority for word in words}) == 1
    assert words[0].authority is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2030-01-01",
        "2030-01-01T10:00:00",
        "2030-13-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+04:00",
    ],
)
def test_an_instant_needs_date_time_and_offset_within_the_calendar(text) -> None:
    with pytest.raises(Invalid):
        parse_instant(text)


def test_an_instant_is_read_with_its_offset() -> None:
    assert parse_instant(EMBARGO) == datetime(2030, 1, 1, 6, tzinfo=UTC)
    assert parse_instant("2030-01-01T06:00:00Z") == datetime(2030, 1, 1, 6, tzinfo=UTC)


def test_an_original_under_the_key_that_is_not_ours_stops_the_adoption(
    receiver, photographer, adoption, catalogue, objects
) -> None:
    upload = unfinished(receiver, photographer, adoption, jpeg(3))
    with catalogue.reading() as tx:
        storing = tx.originals.of_upload(upload.id)
    objects.put(storing.original.key, b"other")
    with pytest.raises(Conflict):
        adoption.store(storing)
    assert outcome_of(catalogue, upload) is None


@pytest.fixture
def hidden(receiver, archivist, catalogue):
    """A collection that holds an archivist's draft."""
    with catalogue.writing() as tx:
        held = tx.collections.add(slug="bayram", title={"az": "Bayram"})
    draft = deposit(
        receiver, archivist, jpeg(1), catalogue=catalogue, wishes={"collection": "bayram"}
    )
    with catalogue.reading() as tx:
        assert [member.asset for member in tx.collections.members(held.id)] == [draft.id]
        return held, tx.assets.get(draft.id)


def test_a_photographer_deposits_into_collections_they_can_see_and_learns_of_no_other(
    receiver, photographer, catalogue, hidden
) -> None:
    held, draft = hidden
    told = []
    for name in ("bayram", held.id, "none"):
        with pytest.raises(NotFound) as refusal:
            send(receiver, photographer, jpeg(), wishes={"collection": name})
        told.append((str(refusal.value).replace(name, "NAME"), refusal.value.facts))
    assert told[0] == told[1] == told[2]
    with catalogue.writing() as tx:
        tx.assets.save(replace(draft, visibility=Visibility.PUBLISHED))
    by_token = replace(photographer.agent, scopes=frozenset({TokenScope.UPLOAD}))
    data = jpeg(2)
    new = NewUpload(filename="a.jpg", length=len(data), wishes={"collection": held.id})
    upload = receiver.create(new, by_token)
    receiver.append(upload.id, by_token, 0, io.BytesIO(data), len(data))
    with catalogue.reading() as tx:
        assert tx.collections.members(held.id)[-1].asset == upload.asset


def test_a_collection_hidden_before_the_last_byte_is_not_added_to(
    receiver, photographer, catalogue, hidden
) -> None:
    held, draft = hidden
    with catalogue.writing() as tx:
        published = tx.assets.save(replace(draft, visibility=Visibility.PUBLISHED))
    data = jpeg(2)
    new = NewUpload(filename="a.jpg", length=len(data), wishes={"collection": "bayram"})
    upload = receiver.create(new, photographer.agent)
    with catalogue.writing() as tx:
        tx.assets.save(replace(published, visibility=Visibility.WITHDRAWN))
    done = receiver.append(upload.id, photographer.agent, 0, io.BytesIO(data), len(data))
    assert done.outcome["outcome"] == "stored"
    with catalogue.reading() as tx:
        assert len(tx.collections.members(held.id)) == 1


def test_nobody_sends_the_bytes_that_another_is_sending(
    receiver, photographer, adoption, staging, catalogue, monkeypatch
) -> None:
    monkeypatch.setattr("ingest.adopt.STORING_PATIENCE_SECONDS", 0.1)
    data = jpeg()
    upload = receiver.create(NewUpload(filename="a.jpg", length=len(data)), photographer.agent)
    with staging.held(upload.id, 1), pytest.raises(Unavailable):
        receiver.append(upload.id, photographer.agent, 0, io.BytesIO(data), len(data))
    with catalogue.reading() as tx:
        assert tx.assets.find([upload.asset]) == {}
    assert receiver.ask(upload.id, photographer.agent).outcome["outcome"] == "stored"
