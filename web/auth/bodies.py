"""How much of a body is read, and of how many strangers at once: no visitor may fill the disk or hold every thread."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request

from archive.errors import TooManyRequests
from web.parts import parts

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "mediateka_largest_form"
LARGEST_FORM = 64 * 1024
LARGEST_TEXTS = 2 << 20  # as much as an asset's words may be
LARGEST_FILES = 2 << 30  # a plain form without script; tus has its own limit
STRANGERS_AT_ONCE = 32  # of the hundreds of threads; a stalled body costs one until its line ends
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

_strangers = threading.BoundedSemaphore(STRANGERS_AT_ONCE)


def takes_files(view: View) -> View:
    """Declare that a view's form carries files: its body may be large, once the right to deposit is decided."""
    setattr(view, ATTRIBUTE, LARGEST_FILES)
    return view


def takes_texts(view: View) -> View:
    """Declare that a view's form carries captions in three languages, more than a plain form may hold."""
    setattr(view, ATTRIBUTE, LARGEST_TEXTS)
    return view


def limit() -> None:
    """Set how much of this request's body may be read, after its right is decided and before anything reads it."""
    if request.endpoint is None or request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.mimetype in FORMS:
        view = current_app.view_functions[request.endpoint]
        request.max_content_length = getattr(view, ATTRIBUTE, LARGEST_FORM)
        if request.max_content_length == LARGEST_FILES:
            parts().receiver.require_room(request.content_length or 0)
    if g.agent.role is None:
        if not _strangers.acquire(blocking=False):
            raise TooManyRequests("too many forms are being sent at this moment")
        g.holds_a_stranger = True


def release(_error: BaseException | None = None) -> None:
    """Let the next stranger in when this request is over."""
    if g.pop("holds_a_stranger", False):
        _strangers.release()
