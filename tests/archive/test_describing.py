"""Describe: what people write lies over what the file says, and nobody's edit is lost unseen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from depositing import deposit
from making import jpeg

from archive.describing import Change, describe, lay_over
from archive.errors import Forbidden, NotFound, Stale
from archive.model.asset import Findings, Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Description
from archive.model.event import EventType
from archive.model.ids import AuthorityId, new_id
from archive.model.multilingual import Multilingual, Value


def typed(text: str) -> dict[str, str]:
    return {"text": text, "source": "typed"}


@pytest.fixture
def asset(receiver, photographer, catalogue, clock):
    made = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    said = {tag: Value(text=f"file {tag}", source="embedded:xmp") for tag in ("az", "en")}
    findings = Findings(
        chosen=Description(title=Multilingual(said), city="Bakı"), technical={}, tools=()
    )
    with catalogue.writing() as tx:
        return tx.assets.save(made.examined(findings, clock()))


@pytest.fixture
def write(catalogue, clock, photographer, asset):
    def writing(fields, agent=None, revision=None, **more):
        return describe(
            asset.id,
            Change(fields=fields, **more),
            revision=revision,
            catalogue=catalogue,
            agent=agent or photographer.agent,
            now=clock(),
        )

    return writing


def test_a_word_in_one_language_leaves_the_others(write) -> None:
    said = write({"title": {"ru": typed("Парад")}}).description.title
    assert {tag: value.text for tag, value in said} == {
        "az": "file az",
        "en": "file en",
        "ru": "Парад",
    }


def test_removing_one_language_hides_what_the_file_says(write) -> None:
    said = write({"title": {"az": None}}).description.title
    assert (said.text("az"), said.text("en")) == (None, "file en")


def test_a_field_removed_whole_stays_removed_when_one_language_is_written_later(write) -> None:
    assert not write({"title": None}).description.title
    said = write({"title": {"ru": typed("Парад")}}).description.title
    assert {tag: value.text for tag, value in said} == {"ru": "Парад"}


def test_a_plain_field_is_replaced_and_removed(write) -> None:
    assert write({"city": "Şuşa"}).description.city == "Şuşa"
    assert write({"city": None}).description.city is None


def test_what_the_file_says_stays_apart_from_what_was_written(write, catalogue, asset) -> None:
    write({"city": "Şuşa"})
    with catalogue.reading() as tx:
        kept = tx.assets.get(asset.id)
    assert (kept.chosen.city, kept.edited) == ("Bakı", {"city": "Şuşa"})


def test_an_edit_on_an_old_revision_is_refused_and_changes_nothing(write, catalogue, asset) -> None:
    first = write({"city": "Gəncə"}, revision=asset.revision)
    with pytest.raises(Stale) as stale:
        write({"city": "Quba"}, revision=asset.revision)
    assert stale.value.facts == {"revision": first.revision}
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).description.city == "Gəncə"


def test_an_edit_that_changes_nothing_is_no_edit(write, catalogue, asset) -> None:
    first = write({"city": "Gəncə"})
    assert write({"city": "Gəncə"}).revision == first.revision
    with catalogue.reading() as tx:
        events = [event.type for event in tx.events.of(asset.id)]
    assert events.count(EventType.METADATA_MODIFICATION) == 1


def test_an_edit_names_its_fields_in_history(write, catalogue, asset, photographer, clock) -> None:
    until = clock() + timedelta(days=1)
    saved = write({"city": "Gəncə", "title": None}, embargo_until=until)
    assert saved.embargo_until == until
    with catalogue.reading() as tx:
        event, entry = tx.events.of(asset.id)[-1], list(tx.audit.of(asset.id))[-1]
    assert (event.detail, event.agent) == ("city, title, embargo_until", photographer.id)
    assert entry.detail == {"fields": ["city", "title", "embargo_until"]}


def test_an_embargo_is_lifted_by_none_and_left_when_nothing_is_said(write, clock) -> None:
    until = clock() + timedelta(days=1)
    write({}, embargo_until=until)
    assert write({"city": "Quba"}).embargo_until == until
    assert write({}, embargo_until=None).embargo_until is None


def test_only_owner_and_staff_describe(
    write, journalist, archivist, catalogue, asset, clock, photographer
) -> None:
    with pytest.raises(NotFound):
        write({"city": "Quba"}, agent=journalist.agent)
    assert write({"city": "Quba"}, agent=archivist.agent).description.city == "Quba"
    with catalogue.writing() as tx:
        current = tx.assets.get(asset.id)
        tx.assets.save(replace(current, visibility=Visibility.WITHDRAWN))
    with pytest.raises(Forbidden):
        write({"city": "Bakı"}, agent=photographer.agent)


def test_laying_over_keeps_removals() -> None:
    laid = lay_over({"title": {"az": typed("bir")}, "city": "x"}, {"city": None}, Description())
    assert laid == {"title": {"az": typed("bir")}, "city": None}


def test_a_person_two_name_at_once_is_one_person(write, catalogue, clock) -> None:
    def person(**labels):
        return Authority(id=AuthorityId(new_id(clock())), kind=AuthorityKind.PERSON, labels=labels)

    def naming(one):
        link = {"labels": dict(one.labels), "source": "typed", "authority": one.id}
        return {"people": [link], "title": {"az": typed("Görüş")}}

    first = person(az="Leyla Əliyeva", ru="Лейла Алиева")
    twin = person(az="Leyla Əliyeva", en="Leyla Aliyeva")
    write(naming(first), made=(first,))
    (link,) = write(naming(twin), made=(twin,)).description.people
    assert link.authority == first.id
    assert link.labels == {"az": "Leyla Əliyeva", "ru": "Лейла Алиева", "en": "Leyla Aliyeva"}
    with catalogue.reading() as tx:
        assert list(tx.authorities.find([first.id, twin.id])) == [first.id]
