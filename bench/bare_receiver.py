"""The yardstick for uploads: the same server, a bare loop, one digest, the same sync. `granian --interface wsgi bench.bare_receiver:app`."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable

PIECE = 1 << 20


def app(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Take a body into a file; answer with its digest."""
    digest, left = hashlib.sha256(), int(environ.get("CONTENT_LENGTH") or 0)
    with tempfile.NamedTemporaryFile(dir=os.environ["BARE_FOLDER"]) as file:
        while left > 0 and (piece := environ["wsgi.input"].read(min(PIECE, left))):
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
        file.flush()
        os.fdatasync(file.fileno())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [digest.hexdigest().encode()]
