"""Finding: words in three languages, filters, facets, pages."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from archive.errors import Invalid
from archive.model.agent import ANONYMOUS
from archive.model.asset import Visibility
from archive.model.authority import Authority, AuthorityKind
from archive.model.description import Keyword, Link
from archive.model.ids import AuthorityId, new_id
from search.index.port import Sort
from search.index.rebuild import rebuild


def link(authority=None, **labels):
    return Link(labels=labels, source="typed", authority=authority)


def keywords(*texts, language="az"):
    return tuple(Keyword(text=text, source="typed", language=language) for text in texts)


@pytest.fixture
def exhibition(shelf):
    return shelf.put(
        title={
            "az": "Bərpaçılar Kolmarın köhnə məhəlləsini öyrənir",
            "en": "Restorers study the old quarter of Colmar",
            "ru": "Реставраторы изучают старый квартал Кольмара",
        },
        description={"az": "Səfər memarlıq irsi üzrə proqramın bir hissəsidir."},
        people=(link(az="Leyla Quliyeva", ru="Лейла Кулиева"),),
        creator=("Rəşad İsmayılov",),
        city="Kolmar",
        day="2025-05-12",
    )


FITTING = (
    "bərpaçılar",
    "BERPACILAR",
    "mehelle",
    "məhəllələrdə",
    "restorer",
    "studying quarters",
    "реставратор",
    "старого квартала",
    "Кольмар",
    "kolmarda",
    "Quliyevanın",
    "кулиевой",
    '"old quarter"',
    '"köhnə məhəlləsini"',
    "kolm*",
    "kolmra~",
    "memarlıq proqramı",
    "title:restorers",
    "caption:səfər",
    "person:Quliyeva",
    "şəxs:leyla yer:kolmar",
    'персона:"Лейла Кулиева"',
    "author:ismayilov",
    "type:photo restorers",
    "date:2025-05",
    "date:2025-05-12",
    "DSC_0001.JPG",
    "və bərpaçılar",
    "colmar -paris",
    "paris OR colmar",
    "colmar OR -(restorers OR something)",
    "-something",
    "duration:>1m OR colmar",
    "the",
    '"colmar"',
    'event:"Memarlıq" OR colmar',
    "is:published colmar",
    "added:today..2030 colmar OR colmar",
)
UNFIT = (
    "person:kolmar",
    "place:Leyla",
    '"quarter old"',
    "restorers -colmar",
    "date:2024",
    "type:video",
    "colmar paris -quarter",
    "is:embargoed",
    "collection:kitab",
    "event:novruz",
    "xyz~",
    "duration:..2h",
)


def test_an_asset_is_found_by_its_words(shelf, exhibition):
    shelf.put(title={"en": "Something else"}, day="2024-01-01")
    shelf.drain()
    missed = []
    for q in FITTING:
        page = shelf.find(q)
        found = [asset.id for asset in page.items[: page.relaxed_from]]
        if (found, page.total) != ([exhibition.id], 1):
            missed.append(q)
    assert missed == []


def test_what_does_not_fit_is_not_found(shelf, exhibition):
    shelf.drain()
    assert [q for q in UNFIT if shelf.find(q).total] == []


def test_a_name_weighs_more_than_a_title_and_a_title_more_than_a_caption(shelf):
    caption = shelf.put(title={"en": "One"}, description={"en": "harbour harbour"})
    title = shelf.put(title={"en": "The harbour"})
    name = shelf.put(title={"en": "Two"}, people=(link(en="Harbour"),))
    shelf.drain()
    assert shelf.ids("harbour") == [name.id, title.id, caption.id]


def test_nothing_to_search_for_is_everything_the_newest_first(shelf):
    old = shelf.put(title={"az": "a"}, day="1961-04-12")
    new = shelf.put(title={"az": "b"}, day="2025-01-01")
    undated = shelf.put(title={"az": "c"})  # deposited 2026
    shelf.drain()
    assert shelf.ids("") == shelf.ids("((( OR )) AND -") == [undated.id, new.id, old.id]
    assert shelf.ids("", sort=Sort.OLDEST) == [old.id, new.id, undated.id]


def test_assets_with_only_some_of_the_words_follow_and_are_marked(shelf):
    both = shelf.put(title={"en": "harbour festival"})
    one = shelf.put(title={"en": "harbour"})
    shelf.drain()
    page = shelf.find("harbour festival")
    assert [asset.id for asset in page.items] == [both.id, one.id]
    assert (page.total, page.relaxed_from) == (1, 1)
    assert [note.code for note in page.notes] == ["relaxed"]


def offered(page) -> list[str]:
    return [note.facts["query"] for note in page.notes if note.code == "similar"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("restorres", "Restorers"),
        ("Colmra", "Colmar"),
        ("bərbaçılar", "Bərpaçılar"),
        ("кольмора", "Кольмара"),
        ("Quliyewa leyla", "Quliyeva leyla"),
        ("old qwarter, colmer!", "old quarter, Colmar!"),
    ],
)
def test_the_nearest_word_is_offered_for_one_that_is_found_nowhere(shelf, exhibition, typed, meant):
    shelf.drain()
    assert offered(shelf.find(typed)) == [meant]
    assert shelf.find(meant).total == 1


@pytest.mark.parametrize("typed", ["colmar", "zzzzzz", "colmar -restorrers", "person:quliyewa", ""])
def test_nothing_is_offered_where_all_words_are_known_or_none_is_near(shelf, exhibition, typed):
    shelf.drain()
    assert offered(shelf.find(typed)) == []


def test_no_filter_makes_a_known_word_unknown(shelf, exhibition):
    shelf.drain()
    page = shelf.find("colmar", filters={"date": ["1990"]})
    assert (page.total, offered(page)) == (0, [])


def test_a_hidden_word_is_offered_to_nobody_who_may_not_see_it(shelf, catalogue):
    shelf.put(title={"en": "Secretariat"}, about={"visibility": Visibility.DRAFT})
    shelf.drain()
    assert offered(shelf.find("secretariet")) == ["Secretariat"]
    assert offered(shelf.find("secretariet", agent=ANONYMOUS)) == []


def test_a_year_matches_every_day_of_it_and_every_span_it_overlaps(shelf):
    may = shelf.put(title={"az": "x"}, day="2024-05-31")
    shelf.put(title={"az": "x"}, day="2024-06-01")
    shelf.drain()
    assert shelf.ids(filters={"date": ["2024-05"]}) == [may.id]
    assert shelf.find(filters={"date": ["2024..2025"]}).total == 2
    assert shelf.find("added:today").total == 2
    assert shelf.find("added:yesterday").total == 0


def facet(page, name):
    return {(value.value, value.label): value.count for value in page.facets[name]}


def test_every_facet_value_counts_what_choosing_it_finds(shelf):
    baku = Authority(
        id=AuthorityId(new_id(shelf.now)),
        kind=AuthorityKind.PLACE,
        labels={"az": "Bakı", "en": "Baku", "ru": "Баку"},
    )
    with shelf.catalogue.writing() as tx:
        tx.authorities.save(baku)
        books = tx.collections.add(slug="kitab", title={"az": "Kitab", "en": "Books"})
    for number in range(12):
        asset = shelf.put(
            title={"az": "park", "en": "park"} if number % 2 else {"ru": "парк"},
            description={"az": "konsert" if number % 3 else "park"},
            places_shown=(link(baku.id, az="Bakı") if number % 3 else link(az="Şuşa"),),
            keywords=keywords("Bayram", "MUSİQİ" if number % 4 else "rəsm"),
            people=(link(az=f"Ad {number % 5}"),),
            creator=("Leyla Əliyeva",),
            occasion=link(az="Novruz"),
            day=f"202{number % 3}-0{1 + number % 4}-10",
            about={"width": 3, "height": 2 + 2 * (number % 2)},
        )
        if number % 2:
            with shelf.catalogue.writing() as tx:
                tx.collections.append(books.id, asset.id)
                tx.index_due.put(asset.id, asset.revision)
    shelf.drain()
    for q in ("park -rəsm", "konsert yoxdur"):
        for chosen in (
            {},
            {"year": ["2021"]},
            {"place": ["~susa"], "person": ["~ad 1", "~ad 2"]},
            {"collection": ["kitab"]},
        ):
            page = shelf.find(q, filters=chosen)
            assert set(page.facets) >= {"type", "year", "place", "keyword", "collection"}
            for name, values in page.facets.items():
                for value in values:
                    found = shelf.find(q, filters=chosen | {name: [value.value]})
                    assert found.total == value.count, (q, chosen, name, value)
    page = shelf.find("", filters={"year": ["2021"]}, language="en")
    assert facet(page, "place") == {(baku.id, "Baku"): 4}
    assert facet(page, "year") == {("2020", "2020"): 4, ("2021", "2021"): 4, ("2022", "2022"): 4}
    assert facet(page, "month") == {
        ("2021-01", "2021-01"): 1,
        ("2021-02", "2021-02"): 1,
        ("2021-03", "2021-03"): 1,
        ("2021-04", "2021-04"): 1,
    }
    assert facet(page, "keyword") == {
        ("~bayram", "Bayram"): 4,
        ("~musiqi", "MUSİQİ"): 3,
        ("~resm", "rəsm"): 1,
    }
    assert facet(page, "collection") == {(books.id, "Books"): 2}
    assert facet(page, "author") == {("~leyla eliyeva", "Leyla Əliyeva"): 4}
    assert facet(page, "occasion") == {("~novruz", "Novruz"): 4}
    assert facet(page, "type") == {("photo", "photo"): 4}
    assert {value.value for value in page.facets["year"] if value.chosen} == {"2021"}


def test_a_chosen_value_that_finds_nothing_stays_among_the_facets(shelf):
    shelf.put(title={"az": "park"}, keywords=keywords("bayram"))
    shelf.drain()
    page = shelf.find("", filters={"keyword": ["~yoxdur"]})
    assert page.total == 0
    assert [(v.value, v.count, v.chosen) for v in page.facets["keyword"]] == [
        ("~bayram", 1, False),
        ("~yoxdur", 0, True),
    ]


def test_a_filter_takes_names_in_words_and_values_in_any_language(shelf):
    asset = shelf.put(title={"az": "park"}, places_shown=(link(az="Şuşa", ru="Шуша"),))
    shelf.drain()
    for filters in ({"place": ["Шуша"]}, {"place": ["susa"]}, {"type": ["foto"]}):
        assert shelf.ids(filters=filters) == [asset.id]
    page = shelf.find(filters={"type": ["x"]})
    assert (page.total, [note.code for note in page.notes]) == (0, ["bad_value"])


def test_the_spelling_most_used_labels_an_unlinked_name(shelf):
    for text in ("bakı", "Bakı", "Bakı"):
        shelf.put(title={"az": "x"}, keywords=keywords(text))
    shelf.drain()
    assert facet(shelf.find(), "keyword") == {("~baki", "Bakı"): 3}


def test_the_cursor_walks_through_everything_once(shelf):
    for number in range(11):
        shelf.put(title={"az": "park konsert" if number % 3 else "park"}, day="2024-01-01")
    shelf.drain()
    for q, sort in product(("", "park", "park konsert"), Sort):
        seen, cursor = [], None
        while True:
            page = shelf.find(q, sort=sort, limit=4, cursor=cursor)
            seen += [asset.id for asset in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 11, (q, sort)


def test_a_cursor_of_another_query_or_another_house_is_refused(shelf):
    for _ in range(3):
        shelf.put(title={"az": "park"})
    shelf.drain()
    cursor = shelf.find("park", limit=1).next
    for request in (
        {"q": "bağ", "cursor": cursor},
        {"q": "park", "cursor": cursor, "sort": Sort.NEWEST},
        {"q": "park", "cursor": cursor, "filters": {"type": ["photo"]}},
        {"q": "park", "cursor": cursor[:-2] + "AA"},
        {"q": "park", "cursor": "x"},
        {"q": "park", "cursor": "ş!"},
    ):
        with pytest.raises(Invalid):
            shelf.find(**request)
    shelf.secret = b"other"
    with pytest.raises(Invalid):
        shelf.find("park", cursor=cursor)


def test_after_a_rebuild_relevance_begins_again_and_dates_go_on(shelf):
    assets = [shelf.put(title={"az": "park"}) for _ in range(3)]
    shelf.drain()
    scored = shelf.find("park", limit=1).next
    dated = shelf.find("park", limit=1, sort=Sort.NEWEST).next
    rebuild(catalogue=shelf.catalogue, index=shelf.index)
    again = shelf.find("park", limit=1, cursor=scored)
    assert [note.code for note in again.notes] == ["restarted"]
    assert again.items[0].id == assets[0].id
    assert shelf.ids("park", limit=1, cursor=dated, sort=Sort.NEWEST) == [assets[1].id]


def test_a_hit_the_index_still_shows_is_checked_again(shelf):
    asset = shelf.put(title={"az": "park"})
    shelf.drain()
    with shelf.catalogue.writing() as tx:
        tx.assets.save(replace(asset, visibility=Visibility.WITHDRAWN))
    assert shelf.find("park", agent=ANONYMOUS).items == []


def test_an_embargo_lifts_by_itself(shelf):
    until = shelf.now + timedelta(hours=1)
    asset = shelf.put(
        title={"az": "park"},
        about={
            "visibility": Visibility.PUBLISHED,
            "embargo_until": until,
        },
    )
    shelf.drain()
    assert shelf.find("park", agent=ANONYMOUS).total == 0
    shelf.now = until
    assert shelf.ids("park", agent=ANONYMOUS) == [asset.id]
