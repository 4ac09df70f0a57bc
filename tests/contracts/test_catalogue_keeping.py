"""What the catalogue promises about what it keeps, on every database."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest
from depositing import deposit, send
from live import schema_of_its_own
from making import jpeg
from sqlalchemy.exc import DBAPIError
from together import at_once

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.errors import (
    CatalogueUnavailable,
    Conflict,
    Misconfigured,
    NotFound,
    Stale,
    Unavailable,
)
from archive.model.agent import Role
from archive.model.asset import Reason, Trouble, Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Coordinates, Description, Keyword, Link
from archive.model.ids import AssetId, AuthorityId, new_id
from archive.model.job import Queue
from archive.model.multilingual import Multilingual, Value
from archive.text import fold_phrase
from ingest.receive import NewUpload


@pytest.fixture
def empty_catalogue(keeper_of_catalogue: str, tmp_path, clock) -> Iterator[Catalogue]:
    """A catalogue before its first migration."""
    where = (
        nullcontext(f"sqlite:///{tmp_path}/empty.db")
        if keeper_of_catalogue == "sqlite"
        else schema_of_its_own()
    )
    with where as url:
        opened = Catalogue.open(url, clock=clock)
        yield opened
        opened.close()


@pytest.fixture
def asset(receiver, photographer, catalogue: Catalogue):
    return deposit(receiver, photographer, jpeg(), catalogue=catalogue)


def test_a_saved_asset_comes_back_as_it_was(catalogue: Catalogue, asset) -> None:
    described = replace(
        asset,
        chosen=Description(
            title=Multilingual({"az": Value(text="Şuşa", source="embedded:xmp")}),
            keywords=(Keyword(text="спорт", source="embedded:iim", language="ru"),),
            people=(Link(labels={"az": "Əli", "ru": "Али"}, source="typed"),),
            coordinates=Coordinates(latitude="40.4", longitude="49.8"),
        ),
        edited={"city": "Bakı"},
        flags=("motion-photo",),
        trouble=Trouble(reason=Reason.TRUNCATED, detail="rows"),
        width=10,
        height=20,
    )
    with catalogue.writing() as tx:
        saved = tx.assets.save(described)
    with catalogue.reading() as tx:
        found = tx.assets.get(asset.id)
    assert found == saved
    assert found.revision == asset.revision + 1
    assert found.description.city == "Bakı"
    assert found.description.title.text("az") == "Şuşa"


def test_a_stale_save_is_refused(catalogue: Catalogue, asset) -> None:
    with catalogue.writing() as tx:
        tx.assets.save(replace(asset, width=1))
    with pytest.raises(Stale), catalogue.writing() as tx:
        tx.assets.save(replace(asset, width=2))


def test_every_save_puts_the_asset_down_for_the_index(catalogue: Catalogue, asset) -> None:
    with catalogue.writing() as tx:
        tx.index_due.clear(tx.index_due.batch(10))
        saved = tx.assets.save(replace(asset, width=1))
    with catalogue.reading() as tx:
        assert tx.index_due.batch(10) == [(asset.id, saved.revision)]


def test_an_index_entry_that_rose_meanwhile_stays(catalogue: Catalogue, asset) -> None:
    with catalogue.reading() as tx:
        taken = tx.index_due.batch(10)
    with catalogue.writing() as tx:
        tx.assets.save(replace(asset, width=1))
    with catalogue.writing() as tx:
        tx.index_due.clear(taken)
    with catalogue.reading() as tx:
        assert tx.index_due.count() == 1


def test_an_unknown_asset_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound), catalogue.reading() as tx:
        tx.assets.get(AssetId("00000000-0000-7000-8000-000000000000"))


def test_audit_rows_and_events_are_only_ever_added(catalogue: Catalogue, asset) -> None:
    for verb in ("UPDATE audit SET act = 'x'", "DELETE FROM audit", "DELETE FROM events"):
        with pytest.raises(DBAPIError), catalogue._ledger.begin() as connection:
            connection.exec_driver_sql(verb)
    with catalogue.reading() as tx:
        acts = [entry.act for entry in tx.audit.of(asset.id)]
    assert acts == ["upload.created", "asset.stored"]


def test_a_reading_transaction_cannot_write(catalogue: Catalogue, asset) -> None:
    with pytest.raises(CatalogueUnavailable), catalogue.reading() as tx:
        tx.assets.save(replace(asset, width=3))
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).width is None


def test_writers_of_one_asset_wait_for_each_other(catalogue: Catalogue, asset) -> None:
    def grow() -> None:
        for _ in range(20):
            with catalogue.writing() as tx:
                held = tx.assets.get(asset.id)
                tx.assets.save(replace(held, width=(held.width or 0) + 1))

    at_once(6, grow)
    with catalogue.reading() as tx:
        assert tx.assets.get(asset.id).width == 120
        assert tx.index_due.batch(10) == [(asset.id, asset.revision + 120)]


def test_the_same_bytes_finished_by_many_at_once_are_one_asset(
    catalogue: Catalogue, receiver, photographer
) -> None:
    data = jpeg()

    def store() -> str:
        try:
            return send(receiver, photographer, data).outcome["asset"]
        except Unavailable:  # a twin was being stored at that moment
            return send(receiver, photographer, data).outcome["asset"]

    assert len(set(at_once(5, store))) == 1
    with catalogue.reading() as tx:
        assert len(dict(tx.assets.revisions())) == 1


def test_one_key_of_a_client_is_one_upload_however_many_ask_at_once(receiver, photographer) -> None:
    new = NewUpload(filename="a.jpg", length=10, client_key="k")
    made = at_once(6, lambda: receiver.create(new, photographer.agent).id)
    assert len(set(made)) == 1


def test_an_address_gets_one_account_however_many_ask_at_once(catalogue: Catalogue) -> None:
    def add() -> bool:
        try:
            with catalogue.writing() as tx:
                tx.accounts.add(
                    email="a@media.test", name="A", role=Role.ARCHIVIST, password_hash=None
                )
        except Conflict:
            return False
        return True

    assert sorted(at_once(5, add)) == [False, False, False, False, True]


def test_a_catalogue_may_be_migrated_by_many_at_once(catalogue: Catalogue) -> None:
    at_once(3, catalogue.migrate)
    found, wanted = catalogue.revisions()
    assert found == wanted


def test_a_lease_has_one_holder_until_it_runs_out(catalogue: Catalogue, clock) -> None:
    with catalogue.writing() as tx:
        assert tx.leases.acquire("indexer", "one", 10)
        assert not tx.leases.acquire("indexer", "two", 10)
        assert tx.leases.acquire("indexer", "one", 10)
    clock.advance(11)
    with catalogue.writing() as tx:
        assert tx.leases.acquire("indexer", "two", 10)
        tx.leases.release("indexer", "one")
        assert not tx.leases.acquire("indexer", "three", 10)
        tx.leases.release("indexer", "two")
        assert tx.leases.acquire("indexer", "three", 10)


def test_an_authority_is_found_by_any_label_in_any_spelling(catalogue: Catalogue, clock) -> None:
    person = Authority(
        id=AuthorityId(new_id(clock())),
        kind=AuthorityKind.PERSON,
        labels={"az": "Kənan Rzayev", "ru": "Кянан Рзаев"},
        alternatives=(("en", "Kanan Rzayev"),),
    )
    with catalogue.writing() as tx:
        tx.authorities.save(person)
    for spelling in ("KƏNAN RZAYEV", "kenan rzayev", "кянан рзаев", "Kanan  Rzayev"):
        with catalogue.reading() as tx:
            found = tx.authorities.matching(AuthorityKind.PERSON, [fold_phrase(spelling)])
        assert [one.id for one in found[fold_phrase(spelling)]] == [person.id]
    with catalogue.reading() as tx:
        assert tx.authorities.matching(AuthorityKind.PLACE, [fold_phrase("Kənan Rzayev")]) == {}


def test_migrating_twice_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.migrate()
    found, wanted = catalogue.revisions()
    assert found == wanted == "0003"


def test_an_unknown_scheme_stops_the_start_and_names_the_known_ones(clock) -> None:
    with pytest.raises(Misconfigured, match="sqlite, postgresql"):
        Catalogue.open("mysql://somewhere", clock=clock)


def test_the_migrations_make_the_tables_that_the_code_expects(catalogue_url, clock) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from archive.catalogue.tables import metadata

    opened = Catalogue.open(catalogue_url, clock=clock)
    opened.migrate()
    with opened._ledger.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [
            one for one in compare_metadata(context, metadata) if "alembic_version" not in str(one)
        ]
    opened.close()
    assert differences == []


def test_the_servers_clock_is_compared_with_ours(
    catalogue: Catalogue, catalogue_url, clock
) -> None:
    ours = Catalogue.open(catalogue_url, clock=utc_now)
    assert abs(ours.server_ahead_seconds()) < 5
    ours.close()
    has_one_of_its_own = catalogue_url.startswith("postgresql")
    assert (abs(catalogue.server_ahead_seconds()) > 3600) == has_one_of_its_own


def test_visibility_survives(catalogue: Catalogue, asset) -> None:
    with catalogue.writing() as tx:
        tx.assets.save(
            replace(asset, visibility=Visibility.WITHDRAWN, withdrawn_reason="wrong person")
        )
    with catalogue.reading() as tx:
        found = tx.assets.get(asset.id)
    assert (found.visibility, found.withdrawn_reason) == (Visibility.WITHDRAWN, "wrong person")


def test_a_reader_makes_no_catalogue_where_there_is_none(tmp_path, clock) -> None:
    folder = tmp_path / "Şuşa 100% #1"
    opened = Catalogue.open(f"sqlite:///{folder}/catalogue.db", clock=clock)
    with pytest.raises(CatalogueUnavailable):
        opened.ping()
    assert list(folder.iterdir()) == []
    opened.migrate()
    opened.ping()
    opened.close()
    assert (folder / "catalogue.db").stat().st_size > 0


def test_rows_of_the_first_release_survive_every_migration(empty_catalogue: Catalogue) -> None:
    """What 0001 knew of collections and jobs is there, with the later columns' defaults."""
    from alembic import command

    from archive.catalogue.engine import _alembic_config

    config = _alembic_config()
    with empty_catalogue._ledger.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO collections (id, slug, title, created) VALUES ('c', 'sergi', '{\"az\":\"Sərgi\"}', 5)"
        )
        connection.exec_driver_sql(
            "INSERT INTO jobs (id, kind, subject, params, queue, state, run_after, again, attempt, lost,"
            " max_attempts, fence, created, updated) VALUES"
            " ('j', 'examine-asset', 'a', '', 'interactive', 'ready', 0, false, 0, 0, 3, 0, 0, 0)"
        )
    empty_catalogue.migrate()
    with empty_catalogue.writing() as tx:
        found = tx.collections.resolve("sergi")
        assert (found.title, found.text, found.revision) == ({"az": "Sərgi"}, {}, 1)
        assert tx.jobs.claim(Queue.INTERACTIVE, "one", 60).id == "j"


def test_what_the_index_has_to_learn_never_becomes_older(catalogue: Catalogue) -> None:
    with catalogue.writing() as tx:
        tx.index_due.put(AssetId("a"), 6)
        tx.index_due.put(AssetId("a"), 5)
        assert tx.index_due.batch(10) == [("a", 6)]


def test_a_row_without_what_it_refers_to_is_a_defect_and_no_clash(catalogue: Catalogue) -> None:
    with pytest.raises(DBAPIError), catalogue.writing() as tx:
        tx.sessions.add(id_hash="h", account="nobody", csrf="c", shared=False)
