"""Uploads: tus 1.0.0 (all but concatenation) over the protocol-neutral receiver."""

import base64
import hashlib
from collections.abc import Mapping
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, g, json, make_response, render_template, request

from archive.catalogue.uploads import UNKNOWN_LENGTH, Upload, UploadState
from archive.errors import ChecksumMismatch, Invalid, MediatekaError
from archive.languages import language_of
from archive.model.ids import UploadId
from archive.model.multilingual import LANGUAGES
from archive.rights import Act
from ingest.bodies import Body, Checked
from ingest.cleaning import clean
from ingest.receive import NewUpload
from ingest.wishes import parse_instant
from web import i18n
from web.api import models
from web.api.body import parse_body
from web.api.patch import SOURCE
from web.parts import parts
from web.problems import language, problem
from web.rules import On, rule

uploads = Blueprint("uploads", __name__, url_prefix="/api/v1")
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration"
CHECKSUMS = ("sha1", "sha256")
CHECKSUM_MISMATCH = 460  # tus 1.0.0, checksum: a status of its own
OFFSET_TYPE = "application/offset+octet-stream"
LARGEST_METADATA = 8 * 1024
KNOWN_WISHES = ("batch", "language", "collection", "occasion", "embargo_until", "publish")
SAID = ("description", "credit")  # words for every file of a batch
TRUE_WORDS = frozenset({"1", "true", "yes"})


@uploads.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@rule(None, on=On.PUBLIC)
def options() -> Response:
    """What this server can do."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(parts().receiver.max_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status=HTTPStatus.NO_CONTENT, headers=headers)


@uploads.post("/uploads")
@rule(Act.DEPOSIT, on=On.HOUSE)
def create() -> Response:
    """Begin an upload; a body of the offset type is its first part."""
    if refused := _wrong_version():
        return refused
    new, body = _announced(), _body()
    upload = parts().receiver.create(new, g.agent)
    if request.mimetype == OFFSET_TYPE and upload.state is UploadState.RECEIVING:
        upload = _first_part(upload, body)
    response = _progress(upload, HTTPStatus.CREATED)
    response.headers["Location"] = (
        f"/api/v1/uploads/{upload.id}"  # relative: holds behind any proxy
    )
    return response


@uploads.route("/uploads/<upload_id>", methods=["HEAD"])
@rule(Act.DEPOSIT, on=On.HOUSE)
def ask(upload_id: str) -> Response:
    """How far the upload is."""
    if refused := _wrong_version():
        return refused
    upload = parts().receiver.settle(UploadId(upload_id), g.agent)
    if (upload.outcome or {}).get("outcome") == "refused":
        return Response(status=HTTPStatus.GONE, headers=_common())
    response = _progress(upload, HTTPStatus.OK)
    if upload.length == UNKNOWN_LENGTH:
        response.headers["Upload-Defer-Length"] = "1"
    else:
        response.headers["Upload-Length"] = str(upload.length)
    if upload.metadata:
        response.headers["Upload-Metadata"] = upload.metadata
    return response


@uploads.patch("/uploads/<upload_id>")
@rule(Act.DEPOSIT, on=On.HOUSE)
def append(upload_id: str) -> Response:
    """Take bytes at an offset."""
    if refused := _wrong_version():
        return refused
    if request.mimetype != OFFSET_TYPE:
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", OFFSET_TYPE)
    offset, body = _number("Upload-Offset"), _body()
    if "Upload-Length" in request.headers:
        parts().receiver.announce(UploadId(upload_id), g.agent, _number("Upload-Length"))
    upload = parts().receiver.append(
        UploadId(upload_id), g.agent, offset, body, request.content_length
    )
    return _progress(upload, HTTPStatus.NO_CONTENT)


@uploads.delete("/uploads/<upload_id>")
@rule(Act.DEPOSIT, on=On.HOUSE)
def cancel(upload_id: str) -> Response:
    """End an upload and forget its bytes."""
    if refused := _wrong_version():
        return refused
    parts().receiver.cancel(UploadId(upload_id), g.agent)
    return Response(status=HTTPStatus.NO_CONTENT, headers=_common())


@uploads.post("/uploads/check")
@rule(Act.DEPOSIT, on=On.HOUSE)
def check() -> Response:
    """Which of these digests are held already, as far as the one who asks may know."""
    wanted = parse_body(models.DigestsToCheck).sha256
    held = parts().receiver.held(wanted, g.agent)
    return Response(json.dumps({"held": held}), content_type="application/json")


@uploads.errorhandler(ChecksumMismatch)
def refuse_checksum(trouble: ChecksumMismatch) -> Response:
    """The answer tus has for bytes that are not those promised."""
    return problem(CHECKSUM_MISMATCH, trouble.code, str(trouble))


@uploads.after_request
def name_the_version(response: Response) -> Response:
    """Every answer says which protocol it speaks, refusals too (tus 1.0.0, Tus-Resumable)."""
    response.headers["Tus-Resumable"] = VERSION
    return response


def form_upload() -> Response:
    """Take the files of a plain form, one after the other, and show what became of each."""
    wishes = _edited({name: request.form.get(name, "") for name in SAID})
    outcomes = [_take(file, wishes) for file in request.files.getlist("file") if file.filename]
    if not outcomes:
        raise Invalid("the form holds no file", field="file")
    refused = all(outcome["outcome"] == "refused" for outcome in outcomes)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return make_response(render_template("uploaded.html", outcomes=outcomes), status)


def _take(file: Any, wishes: Mapping[str, Any]) -> dict[str, Any]:
    stream = file.stream
    length = stream.seek(0, 2)
    stream.seek(0)
    new = NewUpload(filename=file.filename, length=length, via="page", wishes=wishes)
    try:
        upload = parts().receiver.create(new, g.agent)
        if length:
            upload = parts().receiver.append(upload.id, g.agent, 0, stream, length)
    except MediatekaError as trouble:
        return {
            "filename": file.filename,
            "outcome": "refused",
            "reason": None,
            "error": trouble.code,
        }
    outcome = dict(upload.outcome or {})
    return {
        "filename": file.filename,
        "outcome": outcome.get("outcome"),
        "reason": outcome.get("reason"),
        "asset_id": outcome.get("asset"),
    }


def _first_part(upload: Upload, body: Body) -> Upload:
    """Append what came with the creation; bytes that are not those promised leave no upload that nobody knows of."""
    receiver, size = parts().receiver, request.content_length
    try:
        return receiver.append(upload.id, g.agent, upload.offset, body, size)
    except ChecksumMismatch:
        receiver.cancel(upload.id, g.agent)
        raise


def _body() -> Body:
    """The request's body; with `Upload-Checksum` one that is taken whole or not at all. Invalid names a bad promise."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return request.stream
    name, _, value = header.strip().partition(" ")
    if name not in CHECKSUMS:
        raise Invalid(f"the algorithm is one of {', '.join(CHECKSUMS)}", field="Upload-Checksum")
    running = hashlib.new(name, usedforsecurity=False)
    try:
        promised = base64.b64decode(value.strip(), validate=True)
    except ValueError:
        raise Invalid("the checksum is not Base64", field="Upload-Checksum") from None
    if len(promised) != running.digest_size:
        raise Invalid(f"{name} has {running.digest_size} bytes", field="Upload-Checksum")
    return Checked(request.stream, running, promised)


def _length() -> int:
    """The announced length of a new upload, or that it comes later; exactly one of both."""
    deferred = request.headers.get("Upload-Defer-Length")
    if deferred is None:
        return _number("Upload-Length")
    if deferred != "1" or "Upload-Length" in request.headers:
        raise Invalid(
            "Upload-Defer-Length is 1 and comes without a length", field="Upload-Defer-Length"
        )
    return UNKNOWN_LENGTH


def _announced() -> NewUpload:
    """The creation request's headers as an upload; Invalid names what does not fit."""
    length = _length()
    header = request.headers.get("Upload-Metadata", "")
    fields = parse_metadata(header)
    raw = fields.pop("filename", b"")
    wishes = {name: _text(name, fields[name]) for name in KNOWN_WISHES if name in fields}
    said = {name: _text(name, fields[name]) for name in SAID if name in fields}
    return NewUpload(
        filename=raw.decode("utf-8", "replace"),
        filename_bytes=None if _is_utf8(raw) else base64.b64encode(raw).decode(),
        length=length,
        sha256=_text("sha256", fields["sha256"]).lower() if "sha256" in fields else None,
        client_key=_text("key", fields["key"])[:256] if fields.get("key") else None,
        metadata=header,
        wishes=_checked(wishes) | _edited(said),
    )


def parse_metadata(header: str) -> dict[str, bytes]:
    """`Upload-Metadata` as names and octets; Invalid when a name is empty or doubled, or a value is no Base64."""
    if len(header) > LARGEST_METADATA:
        raise Invalid(f"at most {LARGEST_METADATA} bytes of metadata", field="Upload-Metadata")
    fields: dict[str, bytes] = {}
    for pair in header.split(",") if header.strip() else ():
        name, _, value = pair.strip().partition(" ")
        if not name or name in fields:
            raise Invalid("names are unique and not empty", field="Upload-Metadata")
        try:
            fields[name] = base64.b64decode(value.strip(), validate=True)
        except ValueError:  # also what is not ASCII
            raise Invalid(f"{name}: the value is not Base64", field="Upload-Metadata") from None
    return fields


def _checked(wishes: dict[str, str]) -> dict[str, Any]:
    checked: dict[str, Any] = {name: text for name, text in wishes.items() if text}
    if checked.get("language", "az") not in LANGUAGES:
        raise Invalid(f"language is one of {', '.join(LANGUAGES)}", field="language")
    if "embargo_until" in checked:
        checked["embargo_until"] = parse_instant(
            checked["embargo_until"], "embargo_until"
        ).isoformat()
    if "batch" in checked:
        checked["batch"] = checked["batch"][:64]
    if "publish" in checked:
        checked["publish"] = checked["publish"].lower() in TRUE_WORDS
    return checked


def _edited(said: Mapping[str, str]) -> dict[str, Any]:
    """Words typed at deposit as the edited layer; in the language they show, else in that of who typed them."""
    edited = {
        name: {language_of(text) or language(): {"text": text, "source": SOURCE}}
        for name, typed in said.items()
        if (text := clean(typed))
    }
    return {"edited": edited} if edited else {}


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Invalid(f"{name}: not UTF-8", field=name) from None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid(f"{header} must be a number that is not negative", field=header)
    return int(text)


def _wrong_version() -> Response | None:
    """A client of another version gets nothing done (tus 1.0.0, Tus-Resumable)."""
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    refused = problem(HTTPStatus.PRECONDITION_FAILED, "tus-version", VERSION)
    refused.headers["Tus-Version"] = VERSION
    return refused


def _progress(upload: Upload, status: HTTPStatus) -> Response:
    """Where the upload stands; a refusal is a problem that names the reason."""
    outcome = upload.outcome or {}
    if outcome.get("outcome") == "refused":
        reason = outcome["reason"]
        refused = problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            reason,
            outcome.get("detail", ""),
            title=i18n.reason_text(reason, g.language),
            facts={"reason": reason, "outcome": "refused"},
        )
        refused.headers.update(_common())
        return refused
    headers = _common() | {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": format_datetime(upload.expires, usegmt=True),
    }
    if "asset" in outcome:
        headers["Mediateka-Asset"] = outcome["asset"]
        headers["Mediateka-Outcome"] = outcome["outcome"]
    return Response(status=status, headers=headers)


def _common() -> dict[str, str]:
    return {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
