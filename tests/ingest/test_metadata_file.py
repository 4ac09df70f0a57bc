"""A table beside a deposit: what is read, what is named and skipped, what refuses the whole."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.errors import Invalid
from ingest.cleaning import clean
from ingest.metadata_file import MetadataFile, read_metadata_file

BAKU = ZoneInfo("Asia/Baku")


@pytest.fixture
def read(tmp_path: Path):
    def reading(text: str | bytes, name: str = "table") -> MetadataFile:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_metadata_file(path, BAKU)

    return reading


def lines(*rows: dict) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def texts(document: dict) -> dict[str, str]:
    return {tag: value["text"] for tag, value in document.items()}


def test_a_row_of_csv_is_read_in_three_languages(read) -> None:
    table = read(
        "file,title.az,title.ru,credit,creator,date,rights.en,licence,embargo_until,collection\n"
        'a.jpg,"Şuşa, ""bayram""",Шуша,AZƏRTAC,Leyla; Rəşid,2026-05-12,© Press,CC BY 4.0,'
        "2030-01-01T10:00:00+04:00,bayram\n"
    )
    wishes = table.wishes_for(Path("a.jpg"))
    said = wishes["edited"]
    assert texts(said["title"]) == {"az": 'Şuşa, "bayram"', "ru": "Шуша"}
    assert texts(said["credit"]) == {"az": "AZƏRTAC"}
    assert texts(said["copyright"]) == {"en": "© Press"}
    assert said["creator"] == ["Leyla", "Rəşid"]
    assert said["licence"] == "CC BY 4.0"
    assert (said["taken"]["text"], said["taken"]["source"]) == ("2026-05-12", "import")
    assert wishes["collection"] == "bayram"
    assert wishes["embargo_until"] == "2030-01-01T10:00:00+04:00"
    assert table.notices() == []


def test_json_lines_say_the_same_as_csv(read) -> None:
    as_csv = read("file,title.az,people.az,people.ru\na.jpg,Şuşa,Əli;Vəli,Али;Вели\n")
    as_lines = read(
        lines(
            {
                "file": "a.jpg",
                "title.az": "Şuşa",
                "people.az": ["Əli", "Vəli"],
                "people.ru": ["Али", "Вели"],
            }
        )
    )
    assert as_lines.rows == as_csv.rows
    assert as_csv.rows["a.jpg"]["named"]["people"] == [
        {"az": "Əli", "ru": "Али"},
        {"az": "Vəli", "ru": "Вели"},
    ]


def test_unequal_numbers_are_not_put_together(read) -> None:
    table = read("file,keywords.az,keywords.ru\na.jpg,bir;iki,один\n")
    assert table.rows["a.jpg"]["named"]["keywords"] == [
        {"az": "bir"},
        {"az": "iki"},
        {"ru": "один"},
    ]


def test_a_column_without_a_language_is_taken_as_found(read) -> None:
    table = read("file,title,people,places\na.jpg,Праздник,Рашид Кулиев,Bakı\n")
    row = table.rows["a.jpg"]
    assert texts(row["edited"]["title"]) == {"ru": "Праздник"}
    assert row["named"]["people"] == [{"ru": "Рашид Кулиев"}]
    assert row["named"]["places_shown"] == [{"az": "Bakı"}]


def test_a_word_of_no_certain_language_is_undetermined(read) -> None:
    assert read("file,people\na.jpg,NATO\n").rows["a.jpg"]["named"]["people"] == [{"und": "NATO"}]


def test_unknown_columns_are_named_and_the_rest_goes_on(read) -> None:
    table = read("file,title.az,titel.az,title.fr,colour\na.jpg,Şuşa,x,y,z\n")
    assert texts(table.rows["a.jpg"]["edited"]["title"]) == {"az": "Şuşa"}
    table.wishes_for(Path("a.jpg"))
    assert table.notices() == [
        "metadata: unknown column: colour",
        "metadata: unknown column: titel.az",
        "metadata: unknown column: title.fr",
    ]


def test_rows_without_a_file_are_named(read) -> None:
    table = read("file,title.az\n,Heç kim\nother.jpg,Başqa\na.jpg,Bu\n")
    table.wishes_for(Path("a.jpg"))
    assert table.notices() == [
        "metadata: row 1 names no file",
        "metadata: no such file: other.jpg",
    ]


def test_a_row_is_found_by_path_as_given_by_whole_path_or_by_name(read, tmp_path) -> None:
    whole = tmp_path / "x" / "c.jpg"
    table = read(
        lines(
            {"file": "x/a.jpg", "licence": "1"},
            {"file": "b.jpg", "licence": "2"},
            {"file": str(whole), "licence": "3"},
        )
    )
    found = [table.wishes_for(path) for path in (Path("x/a.jpg"), Path("y/b.jpg"), whole)]
    assert [one["edited"]["licence"] for one in found] == ["1", "2", "3"]
    assert table.wishes_for(Path("z.jpg")) == {}


def test_a_date_that_is_none_is_named_and_skipped(read) -> None:
    table = read("file,date,licence\na.jpg,next week,free\n")
    assert table.rows["a.jpg"]["edited"] == {"licence": "free"}
    assert table.faults == ["metadata: a.jpg: not a date: next week"]


@pytest.mark.parametrize("embargo", ["soon", "12.05.2030", "9999-12-31T23:59:59-12:00"])
def test_an_embargo_that_cannot_be_read_refuses_the_whole_table(read, embargo) -> None:
    with pytest.raises(Invalid, match="embargo_until"):
        read(f"file,embargo_until\na.jpg,{embargo}\n")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2030-01-01T10:00", "2030-01-01T10:00:00+04:00"),
        ("2030-01-01", "2030-01-01T00:00:00+04:00"),
        ("2030-01-01T10:00+02:00", "2030-01-01T10:00:00+02:00"),
    ],
)
def test_without_an_offset_an_embargo_ends_by_the_clock_of_the_house(read, written, meant) -> None:
    row = read(f"file,embargo_until\na.jpg,{written}\n").rows["a.jpg"]
    assert row["embargo_until"] == meant


def test_without_an_offset_a_date_is_by_the_clock_of_the_house(read) -> None:
    taken = read("file,date\na.jpg,2026-05-12 11:20\n").rows["a.jpg"]["edited"]["taken"]
    assert (taken["text"], taken["offset"]) == ("2026-05-12T11:20", "+04:00")


def test_a_refusal_names_every_fault_of_the_table_at_once(read) -> None:
    with pytest.raises(Invalid) as refused:
        read(
            "file,embargo_until,date,colour\n"
            "a.jpg,soon,2026,x\n,2030-01-01,,\nb.jpg,later,next week,\nc.jpg,2030-01-01,,\n"
        )
    assert str(refused.value).splitlines() == [
        "metadata: a.jpg: embargo_until: not a date and time: 'soon'",
        "metadata: b.jpg: embargo_until: not a date and time: 'later'",
        "metadata: row 2 names no file",
        "metadata: b.jpg: not a date: next week",
        "metadata: unknown column: colour",
    ]


def test_every_line_that_is_no_object_is_named_at_once(read) -> None:
    with pytest.raises(Invalid) as refused:
        read('{"file": "a.jpg", "embargo_until": "soon"}\nnonsense\n{"file": "b.jpg"}\n[1]\n')
    assert str(refused.value).splitlines() == [
        "metadata: a.jpg: embargo_until: not a date and time: 'soon'",
        "metadata: line 2 is not JSON",
        "metadata: line 4 is not an object",
    ]


@pytest.mark.parametrize(
    "joined", ["bayram, xalça; musiqi", "bayram,xalça,musiqi,", "bayram;xalça;musiqi"]
)
def test_keywords_are_parted_by_a_comma_as_by_a_semicolon(read, joined) -> None:
    row = read(lines({"file": "a.jpg", "keywords.az": joined})).rows["a.jpg"]
    assert row["named"]["keywords"] == [{"az": "bayram"}, {"az": "xalça"}, {"az": "musiqi"}]


def test_a_comma_is_part_of_a_name_and_of_a_keyword_in_a_list(read) -> None:
    row = read(
        lines(
            {
                "file": "a.jpg",
                "people.az": "Əliyev, İlham; Vəli",
                "places.az": "Şuşa, Qarabağ",
                "creator": "Quliyeva, Leyla",
                "keywords.en": ["Paris, Texas"],
            }
        )
    ).rows["a.jpg"]
    assert row["named"]["people"] == [{"az": "Əliyev, İlham"}, {"az": "Vəli"}]
    assert row["named"]["places_shown"] == [{"az": "Şuşa, Qarabağ"}]
    assert row["named"]["keywords"] == [{"en": "Paris, Texas"}]
    assert row["edited"]["creator"] == ["Quliyeva, Leyla"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,title.az\na.jpg,x\n", "no column `file`"),
        ("", "no column `file`"),
        ('{"file": "a.jpg"}\nnonsense', "line 2 is not JSON"),
        ('{"file": "a.jpg"}\n[1]', "line 2 is not an object"),
        ("file,title\na.jpg,\xc5\n".encode("cp1254"), "UTF-8"),
        ("file,title\na.jpg," + "x" * 200_000 + "\n", "CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(read, text, said) -> None:
    with pytest.raises(Invalid, match=said):
        read(text)


def test_a_mark_of_byte_order_and_empty_lines_do_no_harm(read) -> None:
    assert set(read("\ufefffile,licence\na.jpg,x\n").rows) == {"a.jpg"}
    assert set(read('\ufeff{"file": "a.jpg"}\n\n{"file": "b.jpg"}\n').rows) == {"a.jpg", "b.jpg"}


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_a_line_feed_ends_a_row(read, sign) -> None:
    text = f"bir{sign}iki"
    assert texts(read(f"file,title.az\na.jpg,{text}\n").rows["a.jpg"]["edited"]["title"]) == {
        "az": clean(text)
    }
    table = read(
        lines({"file": "a.jpg", "title.az": "x" if ord(sign) < 32 else text}, {"file": "b.jpg"})
    )
    assert set(table.rows) == {"a.jpg", "b.jpg"}


def test_a_quoted_value_may_hold_lines(read) -> None:
    table = read('file,description.az\r\na.jpg,"bir\niki"\r\n')
    assert texts(table.rows["a.jpg"]["edited"]["description"]) == {"az": "bir\niki"}


def test_half_a_character_does_not_reach_the_catalogue(read) -> None:
    row = read('{"file": "a.jpg", "title.az": "x\\ud800y", "people.az": ["\\udfff"]}').rows["a.jpg"]
    json.dumps(row, ensure_ascii=False).encode()  # as the receipt is written
    assert texts(row["edited"]["title"]) == {"az": "x\ufffdy"}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(title=st.text(), people=st.lists(st.text(), max_size=4))
def test_any_text_of_json_lines_is_read_or_left_out(read, title, people) -> None:
    row = read(json.dumps({"file": "a.jpg", "title.ru": title, "people.ru": people})).rows["a.jpg"]
    wanted = {"ru": clean(title)} if clean(title) else {}
    assert texts(row.get("edited", {}).get("title", {})) == wanted
    named = [thing["ru"] for thing in row.get("named", {}).get("people", [])]
    assert named == [clean(name) for name in people if clean(name)]
