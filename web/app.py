"""The application: parts in, routes with rules, one gate before every view, one place for headers and errors."""

import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import Invalid, MediatekaError
from archive.model.agent import ANONYMOUS
from archive.model.multilingual import LANGUAGES
from web import headers, problems, rules
from web.api.assets import assets
from web.api.collections import collections
from web.api.health import health
from web.api.openapi import openapi
from web.api.uploads import uploads
from web.auth import bodies, csrf, identity
from web.auth.views import doors, remember_form_cookie
from web.pages import errors as error_pages
from web.pages import pages
from web.pages.static import static_files
from web.parts import KEY, Parts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UPLOADS = "/api/v1/uploads/"
OVERRIDES = frozenset({"PATCH", "DELETE", "HEAD"})
MOST_PARAMETERS = 100  # filters cost a question each
LANGUAGE_COOKIE = "mediateka_language"
Error = TypeVar("Error", bound=Exception)


def create_app(parts: Parts) -> Flask:
    """Build the application; a route without a rule stops the start."""
    app = Flask(__name__, static_folder=None, template_folder="templates")
    app.extensions[KEY] = parts
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 << 20
    app.config["MAX_CONTENT_LENGTH"] = None
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # readable JSON in three alphabets
    app.jinja_env.autoescape = True
    for blueprint in (assets, collections, uploads, health, openapi, doors, pages, static_files):
        app.register_blueprint(blueprint)
    if hops := parts.settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.wsgi_app = _overridable(app.wsgi_app)  # type: ignore[assignment]
    app.before_request(_begin)
    app.before_request(identity.identify_visitor)
    app.before_request(rules.guard)
    app.before_request(bodies.limit)
    app.before_request(csrf.check)
    app.teardown_request(bodies.release)
    app.after_request(remember_form_cookie)
    app.after_request(_headed)
    app.register_error_handler(MediatekaError, _told(problems.answer))
    app.register_error_handler(HTTPException, _told(problems.answer_http))
    app.register_error_handler(Exception, _told(problems.answer_defect))
    rules.require_rules(app)
    return app


def _overridable(application: "WSGIApplication") -> "WSGIApplication":
    """Some networks let only GET and POST through: tus clients then name the method in a header."""

    def overriding(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        wished = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").upper()
        is_upload = environ.get("PATH_INFO", "").startswith(UPLOADS)
        if wished in OVERRIDES and is_upload and environ["REQUEST_METHOD"] == "POST":
            environ["REQUEST_METHOD"] = wished
        return application(environ, start)

    return overriding


def _begin() -> None:
    """What every request has before anything can fail: an id, a language, nobody signed in."""
    g.request_id = uuid.uuid4().hex
    g.agent, g.account, g.session, g.asset = ANONYMOUS, None, None, None
    g.language = _language()
    if any(ord(char) < 0x20 for char in request.path):
        raise BadRequest
    if request.query_string.count(b"&") >= MOST_PARAMETERS:
        raise Invalid(f"an address has at most {MOST_PARAMETERS} parameters")


def _language() -> str:
    """The address says it; otherwise `language`, the reader's cookie, the browser's wish, the house's first language."""
    first = request.path.split("/", 2)[1]
    if first in LANGUAGES:
        return first
    for said in (request.args.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in LANGUAGES:
            return said
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def _headed(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("Content-Language", problems.language())
    return headers.finish(response)


def _told(answer: Callable[[Error], Response]) -> Callable[[Error], AnyResponse]:
    """People get a page, programs get a problem document; the status is the same."""

    def told(error: Error) -> AnyResponse:
        made = answer(error)
        if _is_for_a_program() or made.mimetype != problems.PROBLEM_JSON:
            return made
        return error_pages.page_for(made)

    return told


def _is_for_a_program() -> bool:
    return request.path.startswith(("/api/", "/healthz", "/readyz", "/metrics", "/static/"))
