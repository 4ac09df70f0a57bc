"""What people see when something cannot be shown: what happened, and what to do next."""

from http import HTTPStatus

from flask import Response, make_response, render_template

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
DEFECT = _m("Something went wrong here")


def error_page(status: HTTPStatus, code: str, number: str = "") -> Response:
    """The page for a status and an error's code; `number` is what the help desk asks for, where there is one."""
    heading = words(language()).gettext(HEADINGS.get(status, DEFECT))
    body = render_template(
        "error.html",
        status=int(status),
        heading=heading,
        sentence=error_text(code, language()),
        number_for_help=number,
    )
    return make_response(body, status)
