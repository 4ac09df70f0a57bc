"""Logging: one line per fact, plain at a terminal, JSON in containers."""

import json
import logging
import sys
from datetime import UTC, datetime

LONGEST = 4000


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _PlainLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        head, *trace = text.split("\n") if not record.exc_info else [text]
        return "\\n".join([head, *trace])  # what users typed cannot forge a second line


def set_up_logging(*, as_json: bool, level: int = logging.INFO) -> None:
    """Send everything to standard error in one form; short commands say only what is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    plain = _PlainLines("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
    handler.setFormatter(_JsonLines() if as_json else plain)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # our own line says what is away
