"""What an index on the server looks like, and how a document is written into it. Pure.

The texts and tokens are not kept beside the index (`_source` is off): it is disposable, and rebuilt from the catalogue.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from search.documents import SearchDocument
from search.fields import EXACT_FIELDS, MEMBER_FIELDS, NUMBER_FIELDS, TOKEN_FIELDS
from search.index.port import DEEPEST, Versions

ENGINE = "elasticsearch 8"
LONGEST_EXACT = 8_191  # characters: Lucene refuses a document with a term over 32,766 bytes

_SETTINGS = {
    "number_of_shards": 1,  # scores are comparable and counts exact
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",  # said, because an index left to the default rests while nobody asks
    "max_result_window": DEEPEST + 1,  # one more than is shown says whether there are more
    "gc_deletes": "1h",  # for so long a late write cannot bring back what was dropped
}
_TOKENS = {"type": "text", "analyzer": "whitespace", "index_options": "positions"}
_MEMBERS = {"type": "text", "analyzer": "whitespace", "index_options": "docs", "norms": False}
_EXACT = {"type": "keyword", "ignore_above": LONGEST_EXACT}
_NUMBER = {"type": "long"}


def settings() -> dict[str, Any]:
    """The settings of an index."""
    return {"index": _SETTINGS}


def mapping(versions: Versions) -> dict[str, Any]:
    """The fields of an index, and what it is made with."""
    kinds = (
        (TOKEN_FIELDS, _TOKENS),
        (MEMBER_FIELDS, _MEMBERS),
        (EXACT_FIELDS, _EXACT),
        (NUMBER_FIELDS, _NUMBER),
    )
    return {
        "dynamic": "strict",
        "_source": {"enabled": False},
        "_meta": meta(versions),
        "properties": {name: kind for names, kind in kinds for name in names},
    }


def meta(versions: Versions) -> dict[str, Any]:
    """What stands in the mapping of what the index is made with."""
    return {name: value for name, value in asdict(versions).items() if name != "build"}


def versions_of(index: str, held: Mapping[str, Any]) -> Versions:
    """What an index was made with; one that says nothing of itself is of no version."""
    return Versions(
        build=index,
        schema=int(held.get("schema", 0)),
        analyser=str(held.get("analyser", "")),
        engine=str(held.get("engine", "")),
        is_whole=bool(held.get("is_whole", False)),
    )


def plain(document: SearchDocument) -> dict[str, Any]:
    """A document as the server takes it; one string per element of a token field, so that phrases stay within it."""
    members = {name: " ".join(tokens) for name, tokens in document.members.items() if tokens}
    texts = {**document.tokens, **document.exact}
    return {
        **{name: list(values) for name, values in texts.items()},
        **members,
        **document.numbers,
    }
