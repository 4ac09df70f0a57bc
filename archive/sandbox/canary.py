"""The canary: a child that tries what no child may do and prints what came of it."""

import json
import socket
import sys
from pathlib import Path

READY = b"ready\n"


def main(arguments: list[str]) -> int:
    """`try INPUT SECRET PORT` reports as JSON; `stay` says it is ready and waits to be killed."""
    if arguments[0] == "stay":
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        sys.stdin.read()
        return 0
    _, given, secret, port = arguments
    report = {
        "reads": _readable(given),
        "secret": _readable(secret),
        "connected": _connects(int(port)),
    }
    json.dump(report, sys.stdout)
    return 0


def _readable(path: str) -> bool:
    try:
        return bool(Path(path).read_bytes())
    except OSError:
        return False


def _connects(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
