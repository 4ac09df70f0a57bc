"""The press photographs: every expected field read, in each language; words found; facet counts true."""

import json
import random
import re
import unicodedata
from collections import defaultdict
from typing import Any
from urllib.parse import quote

from running_house import House

from bench.ground import MEDIA, house, ingest

SAME = {
    "creator": "creator",
    "creatorJobTitle": "creator_job",
    "credit": "credit",
    "source": "source",
    "city": "city",
    "country": "country",
    "sublocation": "sublocation",
    "captionWriter": "description_writer",
    "instructions": "instructions",
    "dateCreated": "taken_at",
    "urgency": "urgency",
}
LANGUAGES = {
    "title": "title",
    "description": "description",
    "rights": "copyright",
    "usageTerms": "usage_terms",
    "altText": "alt_text",
}
IIM = {
    "byline": "creator",
    "credit": "credit",
    "source": "source",
    "city": "city",
    "country": "country",
    "sublocation": "sublocation",
}


def main() -> None:
    expected = json.loads((MEDIA / "press" / "expected.json").read_text())
    with house() as running:
        lines = ingest(running, MEDIA / "press")
        ids = {
            path.removeprefix(f"{MEDIA}/"): line["asset"]
            for path, line in lines.items()
            if line["asset"]
        }
        equal = total = 0
        for path, facts in expected.items():
            shown = running.ask(f"/api/v1/assets/{ids[path]}").json
            for name, want, got in compare(facts, shown):
                total += 1
                equal += plain(want) == plain(got)
                if plain(want) != plain(got):
                    print(f"  {path} {name}: wanted {want!r}, read {got!r}")
        print(f"fields equal: {equal} of {total}, {equal / total:.1%}")
        words(running, expected, ids)
        facets(running)


def compare(facts: dict[str, Any], shown: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    take = facts["resolved"]["take"]
    xmp, iim = facts.get("xmp") or {}, facts.get("iim") or {}
    pairs: list[tuple[str, Any, Any]] = []
    if take == "iim" or not xmp:
        pairs.append(("title", iim.get("objectName"), first(shown["title"])))
        pairs.append(("caption", iim.get("caption"), first(shown["description"])))
        pairs += [(name, iim[name], shown[field]) for name, field in IIM.items() if name in iim]
        return [
            *pairs,
            (
                "keywords",
                sorted(set(iim.get("keywords", []))),
                keywords(shown, iim.get("keywords", [])),
            ),
        ]
    for name, field in LANGUAGES.items():
        for tag, text in (xmp.get(name) or {}).items():
            pairs.append(
                (f"{name}.{tag}", text, shown[field].get(tag.split("-")[0], shown[field].get(tag)))
            )
    for tag, text in (xmp.get("event") or {}).items():
        pairs.append((f"event.{tag}", text, (shown["occasion"] or {"label": {}})["label"].get(tag)))
    pairs += [
        (name, str(xmp[name]), shown[field] and str(shown[field]))
        for name, field in SAME.items()
        if name in xmp
    ]
    if "headline" in xmp:
        pairs.append(("headline", xmp["headline"], first(shown["headline"])))
    if "persons" in xmp:
        people = sorted(text for person in shown["people"] for text in person["label"].values())
        pairs.append(("persons", sorted(xmp["persons"]), people))
    return [
        *pairs,
        (
            "keywords",
            sorted(set(xmp.get("keywords", []))),
            keywords(shown, xmp.get("keywords", [])),
        ),
    ]


def keywords(shown: dict[str, Any], wanted: list[str]) -> list[str]:
    """Those that the file's own list has (the last steps of its hierarchies come besides)."""
    read = {word for some in shown["keywords"].values() for word in some}
    return sorted(read & set(wanted))


def first(texts: dict[str, str]) -> str | None:
    return next(iter(texts.values()), None)


def plain(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def words(running: House, expected: dict[str, Any], ids: dict[str, str]) -> None:
    """30 words per language, drawn from titles and captions, each asked for by itself."""
    chance = random.Random(7)
    said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path, facts in expected.items():
        for field in ("title", "description"):
            for tag, text in ((facts.get("xmp") or {}).get(field) or {}).items():
                # A letter written as two code points is one letter, or half a word would be asked for.
                for word in re.findall(r"[^\W\d_]{4,}", unicodedata.normalize("NFC", text)):
                    said[tag.split("-")[0]][word].add(ids[path])
    for tag in ("az", "en", "ru"):
        chosen = chance.sample(sorted(said[tag]), 30)
        found = 0
        for word in chosen:
            page = running.ask(f"/api/v1/assets?limit=200&q={quote(word)}").json
            hits = {item["id"] for item in page["items"]}
            found += said[tag][word] <= hits
            if not said[tag][word] <= hits:
                print(f"  {word}: {page['total']} found, {len(said[tag][word] - hits)} missing")
        print(f"{tag}: {found} of 30 words find every photograph that holds them")


def facets(running: House) -> None:
    """For every facet value: its count is the total of the query with that value chosen."""
    true = total = 0
    for query in ("", "q=bak%C4%B1", "q=%D0%BC%D1%83%D0%B7%D0%B5%D0%B9"):
        page = running.ask(f"/api/v1/assets?{query}").json
        for name, values in page["facets"].items():
            for value in values:
                chosen = running.ask(
                    f"/api/v1/assets?{query}&limit=1&{name}={quote(value['value'])}"
                ).json
                total += 1
                true += chosen["total"] == value["count"]
                if chosen["total"] != value["count"]:
                    print(
                        f"  {query} {name}={value['value']}: counted {value['count']}, found {chosen['total']}"
                    )
    print(f"facet counts true: {true} of {total}")


if __name__ == "__main__":
    main()
