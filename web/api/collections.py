"""Collections by the API: curated, ordered sets with title and text in three languages."""

from http import HTTPStatus

from flask import Blueprint, Response, g, json, request

from archive import collecting
from archive.collecting import Words
from archive.errors import Invalid, Stale
from archive.model.collection import Collection
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from ingest.cleaning import clean
from web.api import models
from web.api.assets import limit_of
from web.api.body import parse_body
from web.api.present import present_all
from web.api.present_collections import present_collection, present_listed
from web.parts import acting, parts
from web.rules import On, may, rule
from web.seen import before_of, cursor_of, seen_collection

collections = Blueprint("collections", __name__, url_prefix="/api/v1/collections")


@collections.get("")
@rule(Act.DISCOVER, on=On.HOUSE)
def listed() -> Response:
    """The collections that hold something the viewer may discover, newest first; staff see all."""
    limit, before = limit_of(request.args), before_of(request.args.get("cursor", ""))
    with parts().catalogue.reading() as tx:
        found = tx.collections.list_visible(
            g.agent, parts().clock(), before=before, limit=limit + 1
        )
        covers = tx.assets.find(one.cover for one in found if one.cover)
    shown = found[:limit]
    document = {
        "items": [
            present_listed(one, covers, g.language, may_arrange=may(Act.ARRANGE)) for one in shown
        ],
        "next": cursor_of(shown[-1].collection) if len(found) > limit else None,
    }
    return _json(document)


@collections.post("")
@rule(Act.ARRANGE, on=On.HOUSE)
def make() -> Response:
    """Make an empty collection."""
    wanted = parse_body(models.CollectionNew)
    made = collecting.make(_words(wanted), acting())
    response = _json(_whole(made.id), HTTPStatus.CREATED)
    response.headers["Location"] = f"/api/v1/collections/{made.id}"
    response.headers["ETag"] = etag(made)
    return response


@collections.get("/<collection_id>")
@rule(Act.DISCOVER, on=On.HOUSE)
def read(collection_id: str) -> Response:
    """The collection, by id or address, with a page of its assets in its order."""
    return _answer(collection_id)


@collections.patch("/<collection_id>")
@rule(Act.ARRANGE, on=On.HOUSE)
def patch(collection_id: str) -> Response:
    """Change title, text or address by a merge patch made on the revision of If-Match."""
    revision = _revision(_held(collection_id), required=True)
    wanted = parse_body(models.CollectionPatch)
    saved = collecting.describe(collection_id, _words(wanted), acting(), revision=revision)
    return _answer(saved.id)


@collections.delete("/<collection_id>")
@rule(Act.ARRANGE, on=On.HOUSE)
def remove(collection_id: str) -> Response:
    """Remove the collection; its assets stay."""
    collecting.remove(collection_id, acting(), revision=_revision(_held(collection_id)))
    return Response(status=HTTPStatus.NO_CONTENT)


@collections.put("/<collection_id>/assets/<asset_id>")
@rule(Act.ARRANGE, on=On.ASSET)
def put(collection_id: str, asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Put an asset in, or move it to another place."""
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    wanted = parse_body(models.Placing) if has_body else models.Placing()
    held = _held(collection_id)
    place = collecting.put(
        held.id, g.asset.id, acting(), position=wanted.position, revision=_revision(held)
    )
    return _json({"collection": held.id, "asset": g.asset.id, "position": place})


@collections.delete("/<collection_id>/assets/<asset_id>")
@rule(Act.ARRANGE, on=On.ASSET)
def take_out(collection_id: str, asset_id: str) -> Response:  # noqa: ARG001 - loaded by the gate
    """Take an asset out; one that is not in the collection stays so."""
    collecting.take_out(
        collection_id, g.asset.id, acting(), revision=_revision(_held(collection_id))
    )
    return Response(status=HTTPStatus.NO_CONTENT)


def etag(held: Collection) -> str:
    """The revision as an entity tag."""
    return f'"{held.revision}"'


def _answer(name: str) -> Response:
    document = _whole(name)
    response = _json(document)
    if "revision" in document:
        response.headers["ETag"] = f'"{document["revision"]}"'
    return response


def _whole(name: str) -> dict[str, object]:
    """CollectionWholeOut for this viewer; NotFound where there is nothing for them."""
    cursor = request.args.get("cursor", "")
    seen = seen_collection(name, after=cursor, limit=limit_of(request.args))
    items = present_all(
        seen.assets,
        catalogue=parts().catalogue,
        agent=g.agent,
        now=parts().clock(),
        language=g.language,
    )
    about = present_collection(
        seen.collection, seen.count, seen.cover, g.language, may_arrange=may(Act.ARRANGE)
    )
    return about | {"items": items, "next": seen.next}


def _words(wanted: models.CollectionNew | models.CollectionPatch) -> Words:
    return Words(
        title=_change(wanted, "title"),
        text=_change(wanted, "text"),
        slug=wanted.slug,
    )


def _change(
    wanted: models.CollectionNew | models.CollectionPatch, field: str
) -> dict[str, str | None] | None:
    """The languages given; a whole field given as null removes every language."""
    if field not in wanted.model_fields_set:
        return None
    said: models.Languages | models.Titles | None = getattr(wanted, field)
    if said is None:
        return dict.fromkeys(LANGUAGES)
    return {tag: clean(getattr(said, tag) or "") for tag in said.model_fields_set}


def _held(name: str) -> Collection:
    with parts().catalogue.reading() as tx:
        return tx.collections.resolve(name)


def _revision(held: Collection, *, required: bool = False) -> int | None:
    """The revision that If-Match names; None when none is named and none need be, or any will do (`*`)."""
    condition = request.headers.get("If-Match")
    if condition is None:
        if required:
            raise Invalid("an edit names the revision it was made on in If-Match", field="If-Match")
        return None
    if condition.strip() == "*":
        return None
    if etag(held) not in {tag.strip() for tag in condition.split(",")}:
        raise Stale("somebody changed it since you looked", revision=held.revision)
    return held.revision


def _json(document: object, status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
