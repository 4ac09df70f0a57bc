"""Assets by the API: find, read, describe, publish, take the bytes."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, g, json, request

from archive import work
from archive.catalogue.servable import Servable
from archive.describing import describe
from archive.errors import Invalid, NotFound, Stale
from archive.model.agent import ANONYMOUS
from archive.model.asset import Asset
from archive.model.ids import JobId
from archive.publishing import publish, withdraw
from archive.rights import Act, Facts, decide
from search.find import SearchRequest, find
from search.index.port import Sort
from web import bytes as bytes_out
from web.api import models
from web.api.body import parse_body
from web.api.patch import to_change
from web.api.present import present_all, present_page
from web.api.present_work import is_running, present_work
from web.parts import acting, parts
from web.rules import On, may, rule

assets = Blueprint("assets", __name__, url_prefix="/api/v1")
FILTERS = (
    "type",
    "date",
    "year",
    "month",
    "person",
    "place",
    "occasion",
    "keyword",
    "collection",
    "author",
    "orientation",
    "lang",
)
SORTS = tuple(str(sort) for sort in Sort)
DEFAULT_LIMIT = 60
LARGEST_LIMIT = 200


@assets.get("/assets")
@rule(Act.DISCOVER, on=On.HOUSE)
def search() -> Response:
    """Find assets. A query never errors; what could not be understood is in the notes."""
    page = find(
        search_request(),
        index=parts().index,
        catalogue=parts().catalogue,
        agent=g.agent,
        now=parts().clock(),
        secret=parts().settings.secret_key,
        zone=parts().settings.zone,
    )
    return _json(
        present_page(
            page,
            catalogue=parts().catalogue,
            agent=g.agent,
            now=parts().clock(),
            language=g.language,
        )
    )


@assets.get("/assets/<asset_id>")
@rule(Act.VIEW, on=On.ASSET)
def read(asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """The whole asset."""
    return _whole(g.asset)


@assets.patch("/assets/<asset_id>")
@rule(Act.DESCRIBE, on=On.ASSET)
def patch(asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Change descriptive metadata and rights by a merge patch made on the revision of If-Match."""
    revision = _revision(g.asset)
    change = to_change(parse_body(models.AssetPatch), g.asset, parts().catalogue)
    saved = describe(
        g.asset.id,
        change,
        revision=revision,
        catalogue=parts().catalogue,
        agent=g.agent,
        now=parts().clock(),
    )
    return _whole(saved)


@assets.post("/assets/<asset_id>/publish")
@rule(Act.PUBLISH, on=On.ASSET)
def publish_asset(asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Make it findable by all, its embargo apart."""
    facts = {"catalogue": parts().catalogue, "agent": g.agent, "now": parts().clock()}
    return _whole(publish(g.asset.id, **facts))


@assets.post("/assets/<asset_id>/withdraw")
@rule(Act.WITHDRAW, on=On.ASSET)
def withdraw_asset(asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Take it back from the public, with a reason."""
    reason = parse_body(models.Withdrawal).reason
    facts = {"catalogue": parts().catalogue, "agent": g.agent, "now": parts().clock()}
    return _whole(withdraw(g.asset.id, reason=reason, **facts))


@assets.post("/assets/<asset_id>/jobs/<job_id>/cancel")
@rule(Act.DESCRIBE, on=On.ASSET)
def cancel_job(asset_id: str, job_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Cancel a render that waits or runs; it stays cancelled until somebody retries it."""
    return _whole(work.cancel(g.asset.id, JobId(job_id), acting()))


@assets.post("/assets/<asset_id>/jobs/<job_id>/retry")
@rule(Act.DESCRIBE, on=On.ASSET)
def retry_job(asset_id: str, job_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Have parked or cancelled work done after all."""
    return _whole(work.retry(g.asset.id, JobId(job_id), acting()))


@assets.get("/assets/<asset_id>/original")
@rule(Act.ORIGINAL, on=On.BYTES)
def original(asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """The bytes as received, under their exact name, as an attachment."""
    return bytes_out.serve(_served(g.servable), parts().objects)


@assets.get("/assets/<asset_id>/renditions/<path:profile>")
@rule(Act.RENDITION, on=On.BYTES)
def rendition(asset_id: str, profile: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """The bytes of a rendition; a playlist and the files it names lie beside each other below this address."""
    return bytes_out.serve(_served(g.servable), parts().objects)


def _served(found: Servable) -> bytes_out.Served:
    if found.held is None:
        raise NotFound("there is no such rendition")
    return bytes_out.Served(
        key=found.held.key,
        size_bytes=found.held.size_bytes,
        media_type=found.held.media_type,
        digest=found.held.sha256,
        filename=found.held.filename,
        is_public=is_public(found.facts, parts().clock()),
    )


def search_request() -> SearchRequest:
    """The request's address as a search; Invalid for a limit or order that does not exist."""
    sort = request.args.get("sort") or "relevance"
    if sort not in SORTS:
        raise Invalid(f"sort is one of {', '.join(SORTS)}", field="sort")
    return SearchRequest(
        q=request.args.get("q", ""),
        filters={name: request.args.getlist(name) for name in FILTERS if request.args.get(name)},
        sort=Sort(sort),
        limit=limit_of(request.args),
        cursor=request.args.get("cursor") or None,
        language=g.language,
    )


def limit_of(args: Mapping[str, str]) -> int:
    """How many a page of a list holds; Invalid for what is no such number."""
    limit = args.get("limit", str(DEFAULT_LIMIT))
    if not (
        limit.isascii() and limit.isdigit() and len(limit) <= 6 and 1 <= int(limit) <= LARGEST_LIMIT
    ):
        raise Invalid(f"limit is a number from 1 to {LARGEST_LIMIT}", field="limit")
    return int(limit)


def is_public(facts: Facts, now: datetime) -> bool:
    """Whether anybody may have these bytes, so that shared caches may keep them for a minute."""
    return decide(ANONYMOUS, facts, Act.ORIGINAL, now).allowed


def _whole(asset: Asset) -> Response:
    shown = present_all(
        [asset],
        catalogue=parts().catalogue,
        agent=g.agent,
        now=parts().clock(),
        language=g.language,
    )
    more = present_work(asset, parts().catalogue, full=may(Act.DESCRIBE, asset))
    response = _json(shown[0] | more)
    response.headers["ETag"] = _etag(asset)
    known = request.headers.get("If-None-Match") == _etag(asset)
    # Progress changes no revision: while something runs, the whole is sent again.
    if request.method == "GET" and known and not is_running(more):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.set_data(b"")
    return response


def _etag(asset: Asset) -> str:
    return f'"{asset.revision}"'


def _revision(asset: Asset) -> int:
    """The revision that If-Match names; without the header nothing is changed."""
    condition = request.headers.get("If-Match")
    if condition is None:
        raise Invalid("an edit names the revision it was made on in If-Match", field="If-Match")
    if not {_etag(asset), "*"} & {tag.strip() for tag in condition.split(",")}:
        raise Stale("somebody changed it since you looked", revision=asset.revision)
    return asset.revision


def _json(document: object) -> Response:
    return Response(json.dumps(document), content_type="application/json")
