"""Errors as answers: problem documents (RFC 9457) for the API, pages for people; one table from verdict to status."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from flask import Response, g, json, request
from werkzeug.exceptions import HTTPException

from archive.errors import (
    Conflict,
    Damaged,
    Forbidden,
    Gone,
    Invalid,
    LostLease,
    MediatekaError,
    NoRoom,
    NotFound,
    Refused,
    Stale,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from web import i18n

log = logging.getLogger(__name__)

STATUS: tuple[tuple[type[MediatekaError], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (Gone, HTTPStatus.GONE),
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Stale, HTTPStatus.PRECONDITION_FAILED),
    (Conflict, HTTPStatus.CONFLICT),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (NoRoom, HTTPStatus.INSUFFICIENT_STORAGE),
    (Invalid, HTTPStatus.BAD_REQUEST),
    (Refused, HTTPStatus.BAD_REQUEST),
    (LostLease, HTTPStatus.CONFLICT),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (Damaged, HTTPStatus.INTERNAL_SERVER_ERROR),
)
PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 5
Facts = Mapping[str, object]
CODE_OF_STATUS = {
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many-requests",
}


def status_of(error: MediatekaError) -> HTTPStatus:
    """The status a named error is answered with; a defect of ours is 500."""
    for kind, status in STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(
    status: int, code: str, detail: str = "", *, title: str = "", facts: Facts | None = None
) -> Response:
    """A problem document: `type` and `code` are stable, `title` is a sentence in the reader's language."""
    document = {
        "type": f"urn:mediateka:error:{code}",
        "title": title or i18n.error_text(code, language()),
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    kept = {
        name: value
        for name, value in (facts or {}).items()
        if value is not None and name not in document
    }
    response = Response(json.dumps(document | kept), status=status, content_type=PROBLEM_JSON)
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="mediateka"'
    return response


def language() -> str:
    """The language of this answer, also when the request never got far enough to choose one."""
    return str(g.get("language", "az"))


def answer(error: MediatekaError) -> Response:
    """Turn a named error into a problem document."""
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s: %s: %s", request.method, request.path, type(error).__name__, error)
    if isinstance(error, Unavailable):  # where our servers live is nobody's business outside
        return problem(status, error.code)
    return problem(status, error.code, str(error), facts=error.facts)


def answer_http(error: HTTPException) -> Response:
    """Turn an error of the framework into a problem document."""
    if error.response is not None:
        return cast("Response", error.get_response())  # a redirect, for example
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    made = problem(status, CODE_OF_STATUS.get(status, "invalid"), error.description or "")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        made.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))  # type: ignore[attr-defined]
    return made


def answer_defect(error: Exception) -> Response:
    """A defect of ours: said plainly, logged whole, told without its inside."""
    log.error("%s %s: a defect of ours", request.method, request.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal")
