"""The OpenAPI 3.1 document, made from the models that validate: what is promised is what is checked."""

from typing import Any

from flask import Blueprint, Response, json
from pydantic.json_schema import models_json_schema

from web.api import models
from web.api.assets import FILTERS, LARGEST_LIMIT, SORTS
from web.rules import On, rule

openapi = Blueprint("openapi", __name__, url_prefix="/api/v1")
MODELS = (
    models.AssetOut,
    models.AssetPatch,
    models.CollectionNew,
    models.CollectionPatch,
    models.CollectionWholeOut,
    models.CollectionsOut,
    models.DigestsToCheck,
    models.Held,
    models.PlacedOut,
    models.Placing,
    models.ProblemOut,
    models.SearchOut,
    models.Withdrawal,
)
UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID_OR_SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
TUS = {
    "name": "Tus-Resumable",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "const": "1.0.0"},
}
PROGRESS = ("Upload-Offset", "Upload-Expires")


@openapi.get("/openapi.json")
@rule(None, on=On.PUBLIC)
def show() -> Response:
    """The document."""
    return Response(json.dumps(document()), content_type="application/json")


def document() -> dict[str, Any]:
    """The whole document as plain JSON."""
    _, schemas = models_json_schema(
        [(model, "validation") for model in MODELS], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mediateka",
            "version": "1",
            "summary": "Media archive of a press centre, in Azerbaijani, English and Russian",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{}, {"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "med_…"}
            },
            "responses": {
                "Problem": _content("An error, RFC 9457", "ProblemOut", "application/problem+json")
            },
        },
    }


def _paths() -> dict[str, Any]:
    document = _operation("readDocument", {"200": {"description": "This document"}})
    return (
        _asset_paths()
        | _collection_paths()
        | _upload_paths()
        | {"/openapi.json": {"get": document}}
    )


def _asset_paths() -> dict[str, Any]:
    asset = {"parameters": [_path_parameter("asset_id", UUID_PATTERN)]}
    whole = {"200": _content("The asset", "AssetOut")}
    return {
        "/assets": {
            "get": _operation(
                "searchAssets", {"200": _content("Hits", "SearchOut")}, _search_parameters()
            )
        },
        "/assets/{asset_id}": asset
        | {
            "get": _operation("readAsset", whole | {"304": {"description": "Not modified"}}),
            "patch": _operation(
                "describeAsset",
                whole,
                [_header("If-Match", required=True)],
                _body("AssetPatch", "application/merge-patch+json", "application/json"),
            ),
        },
        "/assets/{asset_id}/publish": asset | {"post": _operation("publishAsset", whole)},
        "/assets/{asset_id}/withdraw": asset
        | {
            "post": _operation("withdrawAsset", whole, body=_body("Withdrawal", "application/json"))
        },
        **{
            f"/assets/{{asset_id}}/jobs/{{job_id}}/{act}": {
                "parameters": [*asset["parameters"], _path_parameter("job_id", UUID_PATTERN)],
                "post": _operation(f"{act}Job", whole),
            }
            for act in ("cancel", "retry")
        },
        "/assets/{asset_id}/original": asset | {"get": _bytes("readOriginal")},
        "/assets/{asset_id}/renditions/{profile}": {
            "parameters": [*asset["parameters"], _profile_parameter()],
            "get": _bytes("readRendition"),
        },
    }


def _collection_paths() -> dict[str, Any]:
    named = _path_parameter("collection_id", UUID_OR_SLUG)
    one = {"parameters": [named]}
    member = {"parameters": [named, _path_parameter("asset_id", UUID_PATTERN)]}
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT}
    paged = [_query("limit", limit), _query("cursor", {"type": "string"}), _language()]
    whole = _content("The collection and a page of its assets", "CollectionWholeOut")
    gone = {"204": {"description": "Done"}}
    match = [_header("If-Match")]
    return {
        "/collections": {
            "get": _operation(
                "listCollections", {"200": _content("Collections", "CollectionsOut")}, paged
            ),
            "post": _operation(
                "makeCollection", {"201": whole}, body=_body("CollectionNew", "application/json")
            ),
        },
        "/collections/{collection_id}": one
        | {
            "get": _operation("readCollection", {"200": whole}, paged),
            "patch": _operation(
                "describeCollection",
                {"200": whole},
                [_header("If-Match", required=True)],
                _body("CollectionPatch", "application/merge-patch+json", "application/json"),
            ),
            "delete": _operation("removeCollection", gone, match),
        },
        "/collections/{collection_id}/assets/{asset_id}": member
        | {
            "put": _operation(
                "placeAsset",
                {"200": _content("Where it stands", "PlacedOut")},
                match,
                _body("Placing", "application/json") | {"required": False},
            ),
            "delete": _operation("takeAssetOut", gone, match),
        },
    }


def _upload_paths() -> dict[str, Any]:
    upload = {"parameters": [_path_parameter("upload_id", r"^[A-Za-z0-9_.-]+$")]}
    return {
        "/uploads": {
            "post": _operation(
                "createUpload",
                {"201": _stands("Begun", "Location", *PROGRESS)},
                [TUS, *_creation_headers()],
                _offset_body(),
            ),
            "options": _operation(
                "uploadOptions",
                {
                    "204": _stands(
                        "What this server can do", "Tus-Version", "Tus-Extension", "Tus-Max-Size"
                    )
                },
            ),
        },
        "/uploads/{upload_id}": upload
        | {
            "head": _operation(
                "askUpload",
                {
                    "200": _stands("How far it is", "Upload-Offset"),
                    "410": {"description": "Refused, ended or expired"},
                },
                [TUS],
            ),
            "patch": _operation(
                "appendUpload",
                {"204": _stands("Taken", *PROGRESS)},
                [TUS, _header("Upload-Offset", required=True, kind="integer"), *_append_headers()],
                _offset_body(),
            ),
            "delete": _operation("cancelUpload", {"204": {"description": "Ended"}}, [TUS]),
        },
        "/uploads/check": {
            "post": _operation(
                "checkDigests",
                {"200": _content("What is held already", "Held")},
                body=_body("DigestsToCheck", "application/json"),
            )
        },
    }


def _operation(
    name: str,
    answers: dict[str, Any],
    parameters: list[dict[str, Any]] | None = None,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    problem = {"$ref": "#/components/responses/Problem"}
    operation: dict[str, Any] = {"operationId": name, "responses": answers | {"default": problem}}
    if parameters:
        operation["parameters"] = parameters
    if body:
        operation["requestBody"] = body
    return operation


def _bytes(name: str) -> dict[str, Any]:
    binary = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    answers = {
        "200": binary | {"description": "All bytes"},
        "206": binary | {"description": "A range"},
        "304": {"description": "Not modified"},
        "416": {
            "description": "No bytes in that range",
            "headers": {"Content-Range": {"required": True, "schema": {"type": "string"}}},
        },
    }
    return _operation(
        name, answers, [_header("Range"), _header("If-Range"), _header("If-None-Match")]
    )


def _content(description: str, model: str, kind: str = "application/json") -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {"description": description, "content": {kind: {"schema": schema}}}


def _body(model: str, *kinds: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{model}"}
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def _offset_body() -> dict[str, Any]:
    return {
        "content": {
            "application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}
        }
    }


def _header(name: str, *, required: bool = False, kind: str = "string") -> dict[str, Any]:
    schema: dict[str, Any] = {"type": kind} | ({"minimum": 0} if kind == "integer" else {})
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _stands(description: str, *headers: str) -> dict[str, Any]:
    """An answer of the upload protocol: no body, all of it in headers that are always there."""
    names = ("Tus-Resumable", *headers)
    schema = {"type": "string"}
    return {
        "description": description,
        "headers": {name: {"required": True, "schema": schema} for name in names},
    }


def _creation_headers() -> list[dict[str, Any]]:
    """Exactly one of length and deferred length; a first part may come along, its checksum too."""
    deferred = _header("Upload-Defer-Length") | {"schema": {"type": "string", "const": "1"}}
    return [
        _header("Upload-Length", kind="integer"),
        deferred,
        _header("Upload-Metadata"),
        _header("Upload-Checksum"),
    ]


def _append_headers() -> list[dict[str, Any]]:
    """The length that was deferred, and the checksum of this part."""
    return [_header("Upload-Length", kind="integer"), _header("Upload-Checksum")]


def _path_parameter(name: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _profile_parameter() -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[a-z]+(/[0-9a-z]+)?([.][0-9a-z]+)?$"}
    return {"name": "profile", "in": "path", "required": True, "schema": schema}


def _search_parameters() -> list[dict[str, Any]]:
    text: dict[str, Any] = {"type": "string"}
    several = {"type": "array", "items": text}
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT}
    return [
        _query("q", text),
        *(_query(name, several) for name in FILTERS),
        _query(
            "sort", {"type": "string", "enum": [*SORTS, ""]}
        ),  # empty as forms send it: relevance
        _query("limit", limit),
        _query("cursor", text),
        _language(),
    ]


def _language() -> dict[str, Any]:
    found = _query("language", {"type": "string"})
    return found | {"description": "az, en or ru; anything else is passed over"}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}
