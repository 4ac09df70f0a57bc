"""The web process's entry: builds the application at import, as the server expects. Nothing imports this module."""

import atexit
import logging
import os
import sys
import threading

from mediateka.logs import set_up_logging
from mediateka.process import die_with_parent
from mediateka.services import build, tender, web_parts
from mediateka.settings import read_settings
from web.app import create_app

CLOSING_SECONDS = 2.0

die_with_parent()
_settings = read_settings()
set_up_logging(as_json=_settings.log_json)
_house = build(_settings)
_services = _house.__enter__()
app = create_app(web_parts(_services))
_stop = threading.Event()


def _tend() -> None:
    """A process that does not tend what it receives is started anew."""
    try:
        tender(_services).keep(_stop)
    finally:
        if not _stop.is_set():
            logging.getLogger(__name__).error(
                "the staging is not tended any more", exc_info=sys.exception()
            )
            os._exit(1)


_tender = threading.Thread(target=_tend, name="staging", daemon=True)
_tender.start()


def _close() -> None:
    _stop.set()
    _tender.join(CLOSING_SECONDS)
    _house.__exit__(None, None, None)


atexit.register(_close)
