"""What only the keeper on a server has to prove: writers and makers in different processes, and a server that misbehaves."""

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest.mock import patch

import pytest
from elasticsearch.helpers import actions
from live import index_of_its_own

from archive.errors import Conflict, Misconfigured, SearchUnavailable
from archive.model.ids import AssetId
from archive.rights import Scope
from search.documents import SearchDocument
from search.index.elastic import reading
from search.index.elastic.edge import connect
from search.index.elastic.keeper import ElasticIndex
from search.index.port import Sort
from search.query.plan import Plan, Term

NOW = datetime(2026, 3, 1, tzinfo=UTC)
STAFF = Scope(audiences=frozenset({"staff"}), now=NOW, sees_embargoed=True)


@pytest.fixture
def url():
    with index_of_its_own() as address:
        yield address


@pytest.fixture
def opened(url):
    """Opens the same index again and again, as every process of a house does; the first time it is prepared."""
    made = []

    def again():
        made.append(ElasticIndex(url))
        made[-1].prepare()
        return made[-1]

    yield again
    for one in made:
        one.close()


def one(number, *, revision=1, word="sergi"):
    return SearchDocument(
        id=AssetId(f"a{number}"),
        revision=revision,
        tokens={"tf": (word,)},
        members={},
        exact={"id": (f"a{number}",), "audience": ("staff",)},
        numbers={"order": number, "revision": revision},
    )


def total(index, word="sergi"):
    plan = Plan(strict=Term("tf", word, 1.0))
    return index.search(plan, STAFF, sort=Sort.RELEVANCE, size=1).total


def builds(url):
    client, name = connect(url)
    found = client.indices.get_alias(index=f"{name}-v*")
    client.close()
    return {index: set(held["aliases"]) for index, held in found.items()}


def test_processes_that_prepare_at_once_make_one_index(url):
    keepers = [ElasticIndex(url) for _ in range(6)]
    threads = [threading.Thread(target=keeper.prepare) for keeper in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds(url)) == 1
    for keeper in keepers:
        keeper.ping()
        keeper.close()


def test_an_edit_reaches_the_build_that_another_process_makes(opened):
    indexer, maker = opened(), opened()
    indexer.put([one(1), one(2)])
    with maker.building() as build:
        build.put([one(1), one(2)])
        indexer.put([one(1, revision=2, word="park"), one(3)])
        indexer.drop([AssetId("a2")])
        build.put([one(1)])
        assert build.revisions() == {"a1": 2, "a3": 1}
        build.switch()
    assert indexer.revisions() == {"a1": 2, "a3": 1}
    assert (total(indexer, "park"), total(indexer)) == (1, 1)


def test_a_switch_in_the_middle_of_a_write_loses_nothing(opened):
    """The writer looked for aliases before the switch and writes after it."""
    indexer, maker = opened(), opened()
    with maker.building() as build:
        before = indexer._written()
        build.switch()
    with patch.object(indexer, "_written", side_effect=[before, indexer._written()]):
        indexer.put([one(1)])
    assert (total(indexer), total(maker)) == (1, 1)
    assert indexer.revisions() == {"a1": 1}


def test_a_build_and_a_whole_switch_between_looking_and_writing_lose_nothing(opened):
    indexer, maker = opened(), opened()
    before = indexer._written()
    with maker.building() as build:
        build.switch()
    with patch.object(indexer, "_written", return_value=before):
        indexer.put([one(1)])
        indexer.drop([AssetId("a9")])
    assert maker.revisions() == {"a1": 1}


def test_a_maker_that_was_frozen_finds_its_build_gone_and_publishes_nothing(opened, url):
    frozen, other = opened(), opened()
    other.put([one(1)])
    with pytest.raises(SearchUnavailable), frozen.building() as lost:
        lost.put([one(2)])
        with other.building() as build:
            build.put([one(1)])
            for act in (lost.switch, lost.revisions, lambda: lost.drop([AssetId("a2")])):
                with pytest.raises(SearchUnavailable):
                    act()
            build.switch()
        lost.put([one(3)])
    assert other.revisions() == {"a1": 1}
    assert list(builds(url)) == [other.versions().build]


def test_a_build_whose_switch_was_done_but_not_answered_is_kept(opened):
    index = opened()
    index.put([one(1)])
    with index.building() as build:
        build.put([one(1)])
        lost = SearchUnavailable("the answer was lost")

        def does_but_does_not_answer(*, actions):
            real(actions=actions)
            raise lost

        real = index._client.indices.update_aliases
        with patch.object(
            index._client.indices, "update_aliases", side_effect=does_but_does_not_answer
        ):
            build.switch()
    assert index.versions().build == build.name
    assert total(index) == 1


def test_of_two_builds_begun_at_one_moment_the_server_lets_one(opened):
    first, second = opened(), opened()
    blind = patch.object(second._builds, "abandon")
    with first.building(), blind, pytest.raises(Conflict), second.building():
        pass


def test_a_build_switched_to_between_looking_and_removing_stays(opened):
    index = opened()
    with index.building() as build:
        build.put([one(1)])
        build.switch()
    looked = {build.name: {index._builds.building: {}}}
    with patch.object(index._builds, "_all", return_value=looked):
        index._builds.abandon(build.name)
    assert total(index) == 1


def test_a_half_build_stays_while_the_server_is_away_and_goes_with_the_next(opened, url, caplog):
    index = opened()
    away = patch.object(index._builds, "abandon", side_effect=SearchUnavailable("away"))
    with away, index.building() as half:
        half.put([one(2)])
    assert half.name in caplog.text
    assert len(builds(url)) == 2
    with index.building() as build:
        build.switch()
    assert list(builds(url)) == [build.name]


def test_a_late_write_does_not_bring_back_what_was_dropped(opened):
    index = opened()
    index.put([one(1, revision=5)])
    index.drop([AssetId("a1")])
    index.put([one(1, revision=4)])
    assert index.revisions() == {}
    index.put([one(1, revision=5)])
    assert index.revisions() == {"a1": 5}


def test_a_drop_spares_a_newer_write_that_came_between(opened):
    index, other = opened(), opened()
    index.put([one(1, revision=1)])

    def newer_meanwhile(**asked):
        answer = real(**asked)
        other.put([one(1, revision=2)])
        return answer

    real = index._client.mget
    with patch.object(index._client, "mget", side_effect=newer_meanwhile):
        index.drop([AssetId("a1")])
    assert index.revisions() == {"a1": 2}


def test_dropping_again_and_again_does_not_refuse_the_first_revision(opened):
    index = opened()
    for _ in range(3):
        index.drop([AssetId("a1")])
    index.put([one(1)])
    assert total(index) == 1


def test_revisions_are_read_page_by_page(opened, monkeypatch):
    monkeypatch.setattr(reading, "LISTED_AT_ONCE", 7)
    index = opened()
    index.put([one(number, revision=number) for number in range(1, 31)])
    assert index.revisions() == {f"a{number}": number for number in range(1, 31)}


def test_a_field_that_the_index_does_not_know_is_refused_and_the_others_are_taken(opened):
    index = opened()
    odd = SearchDocument(
        id=AssetId("odd"), revision=1, tokens={"unheard": ("of",)}, members={}, exact={}, numbers={}
    )
    with pytest.raises(SearchUnavailable, match="refused 1 documents"):
        index.put([odd, one(1)])
    assert index.revisions() == {"a1": 1}


def test_an_index_dropped_by_hand_is_away_until_it_is_prepared_again(opened, url):
    index = opened()
    index.put([one(1)])
    client, _ = connect(url)
    client.indices.delete(index=index.versions().build)
    client.close()
    for act in (
        index.ping,
        index.revisions,
        index.versions,
        lambda: total(index),
        lambda: index.put([one(1)]),
        lambda: index.drop([AssetId("a1")]),
    ):
        with pytest.raises(SearchUnavailable):
            act()
    index.prepare()
    assert total(index) == 0


@pytest.mark.parametrize(
    "address",
    [
        "elasticsearch+http://127.0.0.1:9200",
        "elasticsearch+http://127.0.0.1:9200/Media",
        "elasticsearch+http://127.0.0.1:9200/a*",
        "elasticsearch+http:///name",
        "elasticsearch+http://127.0.0.1:port/name",
        "elasticsearch+http://127.0.0.1:9200/name?verify=no",
        "elasticsearch+http://127.0.0.1:9200/name?ca_certs=/nowhere.pem",
        "elasticsearch+https://127.0.0.1:9200/name?ca_certs=/nowhere.pem",
    ],
)
def test_an_address_that_does_not_name_an_index_stops_the_start(address):
    with pytest.raises(Misconfigured, match="MEDIATEKA_SEARCH"):
        ElasticIndex(address)


def test_a_server_that_is_away_is_said_to_be_away():
    with misbehaving([]) as (port, _):
        pass
    index = ElasticIndex(f"elasticsearch+http://127.0.0.1:{port}/name")
    for act in (index.prepare, index.ping, index.versions, lambda: index.put([one(1)])):
        with pytest.raises(SearchUnavailable):
            act()
    index.close()


@pytest.mark.parametrize(
    ("status", "product", "error", "asked"),
    [
        (401, True, Misconfigured, 1),
        (403, True, Misconfigured, 1),
        (200, False, Misconfigured, 1),
        (400, True, SearchUnavailable, 1),
        (429, True, SearchUnavailable, 3),
        (502, True, SearchUnavailable, 3),
        (503, True, SearchUnavailable, 3),
        (504, True, SearchUnavailable, 3),
    ],
)
def test_what_a_server_answers_becomes_one_of_our_errors(status, product, error, asked):
    with misbehaving([(status, {"error": "no"})], product=product) as (port, seen):
        index = ElasticIndex(f"elasticsearch+http://user:pa%40ss@127.0.0.1:{port}/name")
        with pytest.raises(error):
            index.versions()
        index.close()
    assert len(seen) == asked
    assert {authorization for _, authorization in seen} == {"Basic dXNlcjpwYUBzcw=="}


@pytest.mark.parametrize(("busy", "error"), [(3, None), (4, SearchUnavailable)])
def test_a_busy_server_is_given_time_but_not_for_ever(busy, error):
    refused = {"error": {"type": "es_rejected_execution_exception", "reason": "full"}}
    answers = [(200, _bulk_answer({"status": 429, **refused}))] * busy
    waited = []
    with misbehaving([*answers, (200, _bulk_answer({"status": 201}))]) as (port, seen):
        index = ElasticIndex(f"elasticsearch+http://127.0.0.1:{port}/name")
        with (
            patch.object(index, "_written", return_value=["name-read"]),
            patch.object(actions.time, "sleep", waited.append),
        ):
            if error:
                with pytest.raises(error, match="es_rejected_execution"):
                    index.put([one(1)])
            else:
                index.put([one(1)])
        index.close()
    assert waited == [1, 2, 4]
    assert len(seen) == 4


def test_documents_the_server_may_not_write_for_us_are_a_setting_at_fault():
    forbidden = {"error": {"type": "security_exception", "reason": "no"}, "status": 403}
    with misbehaving([(200, _bulk_answer(forbidden))]) as (port, _):
        index = ElasticIndex(f"elasticsearch+http://127.0.0.1:{port}/name")
        aliases = patch.object(index, "_written", return_value=["name-read"])
        with aliases, pytest.raises(Misconfigured):
            index.put([one(1)])
        index.close()


def _bulk_answer(item):
    return {"took": 1, "errors": True, "items": [{"index": {"_index": "i", "_id": "a1", **item}}]}


@contextmanager
def misbehaving(answers, *, product=True):
    """A server that gives these answers, the last one again and again; yields its port and what it was asked."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = answers[min(len(seen), len(answers) - 1)]
            seen.append((self.path, self.headers.get("Authorization")))
            said = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            if product:
                self.send_header("X-Elastic-Product", "Elasticsearch")
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815 - the names of the base class

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1], seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
