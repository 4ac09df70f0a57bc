"""What every keeper of the index promises: the same documents and plans give the same hits, orders, totals and counts."""

from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from live import index_of_its_own

from archive.errors import Conflict, SearchUnavailable
from archive.model.asset import Asset, AssetType, Original, Visibility
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AgentId, AssetId
from archive.model.multilingual import Multilingual, Value
from archive.model.taken import Precision, Taken
from archive.rights import Scope
from archive.text import fold_phrase
from search.documents import document
from search.facts import microseconds
from search.fields import UNLINKED
from search.index.elastic.keeper import ElasticIndex
from search.index.embedded import EmbeddedIndex
from search.index.port import DEEPEST, Bucket, Place, Question, Sort
from search.query import plan as plans
from search.query.compile import Calendar, compile_tree
from search.query.parse import parse
from search.query.plan import Plan

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STAFF = Scope(audiences=frozenset({"staff"}), now=NOW, sees_embargoed=True)
PUBLIC = Scope(audiences=frozenset({"public"}), now=NOW)


@pytest.fixture(params=["tantivy", "elasticsearch"])
def opened(request, tmp_path):
    """Opens the same index, which was never made, again and again; as every process of a house does."""
    made = []

    def again():
        made.append(opens())
        return made[-1]

    if request.param == "tantivy":
        opens = partial(EmbeddedIndex, tmp_path / "index")
        yield again
    else:
        with index_of_its_own() as url:
            opens = partial(ElasticIndex, url)
            yield again
    for one in made:
        one.close()


@pytest.fixture
def index(opened):
    """A prepared, empty index of each keeper."""
    made = opened()
    made.prepare()
    return made


def asset(number, *, title="sərgi", revision=1, day=None, published=True, **more):
    said = {"title": Multilingual({"az": Value(text=title, source="typed")})}
    for name in ("people", "keywords"):
        if name in more:
            said[name] = more.pop(name)
    if day:
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        said["taken"] = Taken(
            text=day,
            precision=Precision.DAY,
            offset=None,
            offset_source=None,
            earliest=start,
            latest=start + timedelta(days=1, microseconds=-1),
            source="typed",
        )
    return Asset(
        id=AssetId(f"00000000-0000-7000-8000-{number:012d}"),
        number=number,
        revision=revision,
        type=AssetType.PHOTO,
        owner=AgentId("owner"),
        original=Original(
            key="k",
            filename=f"IMG_{number:04d}.jpg",
            size_bytes=1,
            sha256="0" * 64,
            sha512="0" * 128,
            media_type="image/jpeg",
            extension="jpg",
            tag="t",
        ),
        deposited_at=NOW - timedelta(days=number),
        visibility=Visibility.PUBLISHED if published else Visibility.DRAFT,
        chosen=Description(**said),
        **more,
    )


def put(index, *assets):
    index.put([document(one, {}) for one in assets])


def numbers(found):
    return [int(hit.id[-12:]) for hit in found.hits]


def found(index, node, *, scope=STAFF, sort=Sort.RELEVANCE, size=50, **more):
    return index.search(Plan(strict=node, **more), scope, sort=sort, size=size)


def term(token, field="tf", boost=1.0):
    return plans.Term(field, token, boost)


def test_an_index_that_was_never_made_says_so(opened):
    index = opened()
    for question in (index.ping, index.versions, index.is_outdated):
        with pytest.raises(SearchUnavailable):
            question()
    with pytest.raises(SearchUnavailable):
        put(index, asset(1))


def test_preparing_twice_keeps_what_is_there(index):
    put(index, asset(1))
    index.prepare()
    assert numbers(found(index, plans.Everything(), is_scored=False)) == [1]


def test_what_is_put_is_found_by_other_readers_at_once(index, opened):
    reader = opened()
    assert found(reader, term("sergi")).total == 0
    put(index, asset(1))
    assert numbers(found(reader, term("sergi"))) == [1]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (term("park"), {1, 3}),
        (plans.Phrase("tf", ("yeni", "park"), 1.0), {1}),
        (plans.Prefix("tf", "mu", 2.0), {2, 4}),
        (plans.Fuzzy("tf", "muzye", 1, 1.0), {2}),
        (plans.Fuzzy("tf", "musakiya", 2, 1.0), {4}),
        (plans.Best((term("park"), term("muzey")), 0.1), {1, 2, 3}),
        (plans.All((term("park"), term("kohne"))), {3}),
        (plans.Any((term("kohne"), term("muzey"))), {2, 3}),
        (plans.Without(term("park"), term("kohne")), {1}),
        (plans.Without(plans.Everything(), term("park")), {2, 4}),
        (plans.In("type", ("photo", "video")), {1, 2, 3, 4}),
        (plans.In("year", (2024,)), {2}),
        (plans.In("people_t", ("leyla",)), {3}),
        (plans.Between("date", None, microseconds(datetime(2024, 12, 31, tzinfo=UTC))), {1, 2}),
        (plans.Between("date", microseconds(datetime(2024, 1, 1, tzinfo=UTC)), None), {2, 3}),
        (plans.Between("date", None, None), {1, 2, 3}),
        (plans.Everything(), {1, 2, 3, 4}),
        (plans.Nothing(), set()),
        (plans.All((term("park"), plans.Nothing())), set()),
    ],
)
def test_every_node_of_a_plan_finds_what_it_says(index, node, expected):
    put(
        index,
        asset(1, title="yeni park", day="1961-04-12"),
        asset(2, title="muzey", day="2024-05-01"),
        asset(
            3,
            title="köhnə park yeni",
            day="2025-05-01",
            people=(Link(labels={"az": "Leyla Quliyeva"}, source="typed"),),
        ),
        asset(4, title="musiqiya"),
    )
    answer = found(index, node)
    assert set(numbers(answer)) == expected
    assert answer.total == len(expected)
    assert index.count([node], STAFF) == [len(expected)]


def test_a_phrase_does_not_cross_two_values(index):
    one = asset(1, keywords=(Keyword(text="yeni", source="x"), Keyword(text="park", source="x")))
    put(index, one)
    assert found(index, plans.Phrase("kf", ("yeni", "park"), 1.0)).total == 0


def test_a_filter_scores_nothing(index):
    put(index, asset(1, title="park"), asset(2, title="park bağ"))
    plain = found(index, term("park")).hits
    filtered = found(index, plans.All((term("park"), plans.In("type", ("photo",))))).hits
    assert plain == filtered
    assert plain[0].score > plain[1].score > 0


def test_hits_of_one_score_come_the_newest_first_on_every_page(index):
    put(index, *(asset(number, title="park") for number in range(1, 160)))
    seen, place = [], None
    while True:
        answer = index.search(
            Plan(strict=term("park")), STAFF, sort=Sort.RELEVANCE, size=40, place=place
        )
        seen += numbers(answer)
        place = answer.next
        if place is None:
            break
    assert seen == list(range(1, 160))


def test_paging_by_date_shows_each_asset_once_while_others_are_added(index):
    put(index, *(asset(number) for number in range(1, 30)))
    everything = Plan(strict=plans.Everything(), is_scored=False)
    for sort, expected in ((Sort.NEWEST, range(1, 30)), (Sort.OLDEST, range(29, 0, -1))):
        seen, place = [], None
        while True:
            answer = index.search(everything, STAFF, sort=sort, size=7, place=place)
            seen += numbers(answer)
            place = answer.next
            put(index, asset(100 + len(seen), title="x"))
            if place is None:
                break
        assert [number for number in seen if number < 100] == list(expected)
        assert len(seen) == len(set(seen))
        index.drop([asset(number).id for number in range(100, 300)])


def test_the_relaxed_tier_follows_the_strict_hits_without_them(index):
    both, one, other = (
        asset(1, title="park konsert"),
        asset(2, title="park"),
        asset(3, title="konsert"),
    )
    put(index, both, one, other, asset(4, title="x"))
    plan = Plan(
        strict=plans.All((term("park"), term("konsert"))),
        relaxed=plans.Any((term("park"), term("konsert"))),
    )
    whole = index.search(plan, STAFF, sort=Sort.RELEVANCE, size=10)
    assert numbers(whole) == [1, 2, 3]
    assert (whole.total, whole.relaxed_from, whole.next) == (1, 1, None)
    pages, place = [], Place()
    while place:
        page = index.search(plan, STAFF, sort=Sort.NEWEST, size=1, place=place)
        pages.append((numbers(page), page.total, page.relaxed_from))
        place = page.next
    assert pages == [([1], 1, None), ([2], 1, 0), ([3], 1, 0)]


def test_the_relaxed_tier_counts_where_the_strict_one_is_empty(index):
    put(index, asset(1, title="park"), asset(2, title="park"))
    plan = Plan(strict=plans.All((term("park"), term("z"))), relaxed=term("park"))
    answer = index.search(plan, STAFF, sort=Sort.RELEVANCE, size=1)
    assert (answer.total, answer.relaxed_from, answer.counts_relaxed) == (2, 0, True)
    rest = index.search(plan, STAFF, sort=Sort.RELEVANCE, size=5, place=answer.next)
    assert (numbers(rest), rest.next) == ([2], None)


def test_many_strict_hits_have_no_relaxed_tier(index):
    put(index, *(asset(number, title="park bağ") for number in range(50)), asset(99, title="park"))
    plan = Plan(strict=plans.All((term("park"), term("bag"))), relaxed=term("park"))
    answer = index.search(plan, STAFF, sort=Sort.RELEVANCE, size=200)
    assert (answer.total, len(answer.hits), answer.relaxed_from) == (50, 50, None)


def test_late_and_doubled_writes_end_in_the_newest_revision(index):
    put(index, asset(1, title="yeni", revision=3))
    put(index, asset(1, title="köhnə", revision=2))
    put(index, asset(1, title="yeni", revision=3), asset(1, title="köhnə", revision=1))
    assert found(index, term("yeni")).total == 1
    assert found(index, term("kohne")).total == 0
    assert index.revisions() == {asset(1).id: 3}


def test_the_same_revision_put_again_replaces(index):
    put(index, asset(1, title="köhnə"))
    put(index, asset(1, title="yeni"))
    assert numbers(found(index, term("yeni"))) == [1]
    assert index.revisions() == {asset(1).id: 1}


def test_what_is_dropped_is_not_found_and_may_be_dropped_again(index):
    put(index, asset(1), asset(2))
    index.drop([asset(1).id])
    index.drop([asset(1).id])
    assert numbers(found(index, term("sergi"))) == [2]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (STAFF, {1, 2, 3, 4}),
        (PUBLIC, {1, 4}),
        (
            Scope(audiences=frozenset({"public", "owner-owner"}), now=NOW, own="owner-owner"),
            {1, 2, 3, 4},
        ),
        (Scope(audiences=frozenset({"public", "owner-x"}), now=NOW, own="owner-x"), {1, 4}),
        (Scope(audiences=frozenset(), now=NOW), set()),
        (Scope(audiences=frozenset({"public"}), now=NOW + timedelta(seconds=1)), {1, 3, 4}),
    ],
)
def test_a_viewer_finds_and_counts_only_what_the_scope_allows(index, scope, expected):
    put(
        index,
        asset(1),
        asset(2, published=False),
        asset(3, embargo_until=NOW + timedelta(microseconds=1)),
        asset(4, embargo_until=NOW),
    )
    everything = plans.Everything()
    assert set(numbers(found(index, everything, scope=scope, is_scored=False))) == expected
    assert set(numbers(found(index, term("sergi"), scope=scope))) == expected
    assert index.count([everything, term("x")], scope) == [len(expected), 0]
    counted = index.facets([Question(everything, ("type",))], scope)[0]["type"]
    assert counted == ([Bucket("photo", len(expected))] if expected else [])


def test_facets_are_counted_and_ordered_by_count_then_value(index):
    words = [("a", "b"), ("b", "c"), ("b", "d")]
    put(
        index,
        *(
            asset(
                number,
                day=f"202{number}-01-01",
                keywords=tuple(Keyword(text=word, source="x") for word in pair),
            )
            for number, pair in enumerate(words)
        ),
    )
    answer = index.facets(
        [
            Question(plans.Everything(), ("keyword_id", "year")),
            Question(plans.In("year", (2021,)), ("keyword_id",), 1),
        ],
        STAFF,
    )
    assert [(bucket.value, bucket.count) for bucket in answer[0]["keyword_id"]] == [
        (UNLINKED + "b", 3),
        (UNLINKED + "a", 1),
        (UNLINKED + "c", 1),
        (UNLINKED + "d", 1),
    ]
    assert answer[0]["year"] == [Bucket("2020", 1), Bucket("2021", 1), Bucket("2022", 1)]
    assert len(answer[1]["keyword_id"]) == 1


def test_of_values_that_tie_the_first_by_name_are_counted(index):
    words = [f"söz{number:03}" for number in range(300)]
    many = [
        asset(number, keywords=(Keyword(text=word, source="x"),), day=f"{1700 + number}-01-01")
        for number, word in enumerate(words)
    ]
    for turn in range(3):
        put(index, *many[turn::3][::-1])
    question = Question(plans.Everything(), ("keyword_id", "year"), 5)
    counted = index.facets([question], STAFF)[0]
    assert counted["keyword_id"] == [Bucket(UNLINKED + fold_phrase(word), 1) for word in words[:5]]
    assert counted["year"] == [Bucket(str(year), 1) for year in range(1700, 1705)]


def test_sixty_four_words_are_a_query_like_any_other(index):
    text = " ".join(f"söz{number}" for number in range(64))
    put(index, asset(1, title=text))
    groups = tuple(
        plans.Best((term(f"soz{number}"), term(f"soz{number}", "nf", 4.0)), 0.1)
        for number in range(64)
    )
    assert numbers(found(index, plans.All(groups))) == [1]


def test_a_new_build_answers_only_after_the_switch(index, opened):
    put(index, asset(1), asset(2))
    before = index.versions()
    assert index.is_outdated()
    reader = opened()
    reader.ping()
    with index.building() as build:
        build.put([document(asset(1), {})])
        put(index, asset(3))
        index.drop([asset(2).id])
        assert set(numbers(found(reader, term("sergi")))) == {1, 3}
        assert set(build.revisions()) == {asset(1).id, asset(3).id}
        build.switch()
    assert index.versions().build != before.build
    assert not index.is_outdated()
    for keeper in (index, reader):
        assert set(numbers(found(keeper, term("sergi")))) == {1, 3}
    put(index, asset(4))
    assert set(numbers(found(reader, term("sergi")))) == {1, 3, 4}


def test_a_reader_asking_while_the_builds_are_switched_gets_an_answer(index, opened):
    put(index, asset(1))
    reader = opened()
    answers = []
    for _ in range(5):
        with index.building() as build:
            build.put([document(asset(1), {})])
            build.switch()
        answers.append(found(reader, term("sergi")).total)
    assert answers == [1] * 5


def test_a_build_left_without_a_switch_leaves_no_trace(index):
    put(index, asset(1))
    before = index.versions()
    with index.building() as build:
        build.put([document(asset(2), {})])
    assert index.versions() == before
    assert numbers(found(index, term("sergi"))) == [1]
    with index.building():
        pass


def test_one_build_at_a_time(index):
    with index.building(), pytest.raises(Conflict), index.building():
        pass


def test_another_process_writes_once_the_writer_is_laid_down(index, opened):
    put(index, asset(1))
    other = opened()
    index.lay_down()
    put(other, asset(2))
    assert found(index, term("sergi")).total == 2


def test_a_build_left_by_a_process_that_died_is_removed_by_the_next(index, opened):
    put(index, asset(1))
    index.lay_down()
    frozen, other = opened().building(), opened()
    left = frozen.__enter__()
    left.put([document(asset(2), {})])
    with other.building() as build:
        build.put([document(asset(1), {})])
        build.switch()
    with pytest.raises(SearchUnavailable):
        left.switch()
    frozen.__exit__(None, None, None)
    assert numbers(found(index, term("sergi"))) == [1]
    put(other, asset(3))
    assert set(index.revisions()) == {asset(1).id, asset(3).id}


def test_the_deepest_page_by_relevance_is_the_last(index):
    put(index, asset(1, title="park"))
    deepest = Place(passed=DEEPEST - 10)
    plan = Plan(strict=term("park"))
    answer = index.search(plan, STAFF, sort=Sort.RELEVANCE, size=10, place=deepest)
    assert (answer.hits, answer.total, answer.next) == ((), 1, None)


@pytest.mark.parametrize(
    "text", ["(" * 20 + "park", "a OR -(" * 20 + "park", "title:(" * 20 + "park"]
)
def test_brackets_nest_as_deep_as_a_query_may(index, text):
    put(index, asset(1, title="park"))
    calendar = Calendar(now=NOW, zone=ZoneInfo("Asia/Baku"))
    tree = parse(f"(bağ OR {text})").tree
    assert isinstance(index.count([compile_tree(tree, calendar, {})], STAFF)[0], int)


def test_a_value_of_any_length_is_taken(index):
    one = asset(1, keywords=(Keyword(text="ə" * 40_000, source="x"),))
    put(index, one, asset(2))
    assert set(index.revisions()) == {one.id, asset(2).id}
