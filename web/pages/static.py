"""The built client: files whose names carry their content's hash, so they never change."""

from flask import Blueprint, Response, send_from_directory
from markupsafe import Markup

from archive.errors import NotFound
from web.pages.shell import STATIC, YEAR_SECONDS, manifest
from web.rules import On, rule

static_files = Blueprint("static_files", __name__)

MARK = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#fff"/>'
    '<rect x="3" y="7" width="12" height="18" rx="1" fill="#161718"/><rect x="17" y="7" width="7" height="18" rx="1"'
    ' fill="#00607a"/><rect x="26" y="7" width="4" height="18" rx="1" fill="#161718"/></svg>'
)


@static_files.get("/static/<path:name>")
@rule(None, on=On.PUBLIC)
def static_file(name: str) -> Response:
    """One built file, cached for a year; only names of the manifest are served."""
    if name not in manifest().values():
        raise NotFound("no such file", name=name)
    answer = send_from_directory(STATIC, name, max_age=YEAR_SECONDS, conditional=True)
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer


@static_files.get("/favicon.svg")
@rule(None, on=On.PUBLIC)
def favicon() -> Response:
    """The mark, three bars, for tabs and bookmarks."""
    answer = Response(MARK, mimetype="image/svg+xml")
    answer.cache_control.max_age = 86_400
    return answer
