"""What people see when something cannot be shown: what happened, and what to do next."""

from http import HTTPStatus

from flask import Response, g, make_response, render_template

from archive.errors import SearchUnavailable
from web.i18n import error_text, words
from web.i18n.catalogue import marked as _m
from web.pages.blueprint import language

HEADINGS = {
    HTTPStatus.BAD_REQUEST: _m("This request cannot be read"),
    HTTPStatus.UNAUTHORIZED: _m("Sign in to go on"),
    HTTPStatus.FORBIDDEN: _m("Not for this account"),
    HTTPStatus.NOT_FOUND: _m("Nothing here"),
    HTTPStatus.METHOD_NOT_ALLOWED: _m("This request cannot be read"),
    HTTPStatus.GONE: _m("This material was withdrawn"),
    HTTPStatus.PRECONDITION_FAILED: _m("Changed meanwhile"),
    HTTPStatus.CONFLICT: _m("Changed meanwhile"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _m("Too large"),
    HTTPStatus.TOO_MANY_REQUESTS: _m("Slow down a little"),
    HTTPStatus.SERVICE_UNAVAILABLE: _m("Back soon"),
    HTTPStatus.INSUFFICIENT_STORAGE: _m("No room for new material"),
}
KEPT_HEADERS = {"Retry-After", "Allow"}
DEFECT = _m("Something went wrong here")


def page_for(problem: Response) -> Response:
    """The page that says to people what a problem document says to programs; status and headers are the document's."""
    status = HTTPStatus(problem.status_code)
    said = problem.get_json()
    body = render_template(
        "error.html",
        status=int(status),
        heading=words(language()).gettext(HEADINGS.get(status, DEFECT)),
        sentence=error_text(said["code"], language()),
        is_search_away=said["code"] == SearchUnavailable.code,
        number_for_help=_number() if status is HTTPStatus.INTERNAL_SERVER_ERROR else "",
    )
    page = make_response(body, status)
    for name, value in problem.headers:
        if name in KEPT_HEADERS:
            page.headers[name] = value
    return page


def _number() -> str:
    """What the help desk asks for: enough of the request's id to find its line in the log."""
    return str(g.get("request_id", ""))[:8]
