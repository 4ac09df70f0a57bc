"""Light, dark, or as the system: a cookie, so that the server paints the right one at once."""

from flask import g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from archive.errors import Invalid
from web.pages.blueprint import pages
from web.pages.shell import THEMES, YEAR_SECONDS
from web.parts import parts
from web.rules import On, rule


@pages.post("/theme")
@rule(None, on=On.PUBLIC)
def choose_theme() -> AnyResponse:
    """Keep the choice and go back; on a shared computer it ends with the window."""
    chosen = request.form.get("theme", "")
    if chosen not in {*THEMES, "system"}:
        raise Invalid("no such theme", theme=chosen)
    answer = redirect(_back(request.form.get("next", "/")), 303)
    if chosen == "system":
        answer.delete_cookie("theme")
    else:
        session = g.get("session")
        age = None if session and session.shared else YEAR_SECONDS
        answer.set_cookie(
            "theme",
            chosen,
            max_age=age,
            samesite="Lax",
            httponly=True,
            secure=parts().settings.secure_cookies,
        )
    return answer


def _back(address: str) -> str:
    """Only a path of this house: nobody is sent elsewhere."""
    ours = (
        address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    )
    return address if ours and "\\" not in address else "/"
