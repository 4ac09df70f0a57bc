"""Writing documents: in bulk, each with its asset's revision as the server's version, so that a late write changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from archive import faults
from archive.errors import Misconfigured, SearchUnavailable
from archive.model.ids import AssetId
from search.documents import SearchDocument
from search.index.elastic.edge import SETTING, IndexGone, translated
from search.index.elastic.mapping import plain

CHUNK_BYTES = 5_000_000
CHUNK_DOCUMENTS = 500
RETRIES_WHEN_BUSY = 3  # after 1, 2 and 4 seconds
REFRESHED_AT_ONCE = 20  # documents; with more it is cheaper to wait for the next refresh

CONFLICT = 409

Action = dict[str, Any]
Refresh = Literal["true", "false", "wait_for"]


def put(client: Elasticsearch, targets: Sequence[str], documents: Sequence[SearchDocument]) -> None:
    """Write the documents into these aliases; they can be found when it returns.

    The server follows each alias when it writes, so none can reach an index that a switch has removed or make a new one.
    IndexGone if one names nothing (any more).
    """
    actions = (
        _versioned("index", target, document.id, document.revision)
        | {"_source": plain(document), "require_alias": True}
        for document in documents
        for target in targets
    )
    faults.point("index.before_commit")
    _write(client, actions, refresh=_refresh(documents))


def fill(client: Elasticsearch, build: str, documents: Sequence[SearchDocument]) -> None:
    """Write the documents into a build that nobody asks yet; they can be found after the next refresh."""
    actions = (
        _versioned("index", build, document.id, document.revision) | {"_source": plain(document)}
        for document in documents
    )
    _write(client, actions, refresh="false")


def drop(client: Elasticsearch, targets: Sequence[str], ids: Sequence[AssetId]) -> None:
    """Delete these assets as they were held a moment ago: a newer revision written meanwhile stays.

    The delete carries the revision held, so for as long as the server remembers it (`gc_deletes`) no older write comes back.
    IndexGone if one of the targets names nothing.
    """
    wanted = [{"_index": target, "_id": asset} for target in targets for asset in ids]
    if not wanted:
        return
    with translated():
        held = client.mget(docs=wanted, source=False)["docs"]
    _tell([_trouble(one) for one in held if "error" in one])
    actions = [
        _versioned("delete", one["_index"], one["_id"], one["_version"])
        for one in held
        if one.get("found")
    ]
    _write(client, actions, refresh=_refresh(ids))


def _versioned(verb: str, index: str, asset: str, revision: int) -> Action:
    return {
        "_op_type": verb,
        "_index": index,
        "_id": asset,
        "version": revision,
        "version_type": "external_gte",
    }


def _refresh(written: Sequence[object]) -> Refresh:
    return "true" if len(written) <= REFRESHED_AT_ONCE else "wait_for"


def _write(client: Elasticsearch, actions: Iterable[Action], *, refresh: Refresh) -> None:
    """Send everything, then speak of the trouble: one refused document does not keep others back.

    A version conflict is none: something newer is held.
    """
    answers = streaming_bulk(
        client,
        actions,
        chunk_size=CHUNK_DOCUMENTS,
        max_chunk_bytes=CHUNK_BYTES,
        raise_on_error=False,
        max_retries=RETRIES_WHEN_BUSY,
        initial_backoff=1,
        yield_ok=False,
        refresh=refresh,
    )
    with translated():
        items = [item for _, answer in answers for item in answer.values()]
    _tell([_trouble(item) for item in items if "error" in item and item["status"] != CONFLICT])


def _trouble(item: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and the reason of what one item of an answer says."""
    return str(item["error"]["type"]), str(item["error"].get("reason", ""))


def _tell(troubles: Sequence[tuple[str, str]]) -> None:
    """Raise what the first trouble means, if there is one."""
    for kind, reason in troubles[:1]:
        if kind == "security_exception":
            raise Misconfigured(f"{SETTING}: the server refuses us: {reason}")
        if kind == "index_not_found_exception":
            raise IndexGone(f"the index is not there: {reason}")
        raise SearchUnavailable(f"the index refused {len(troubles)} documents: {kind}: {reason}")
