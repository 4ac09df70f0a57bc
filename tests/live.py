"""The real servers that tests run on: named by variables, skipped with the reason where absent, never where they are required."""

import os
import secrets

import pytest

CATALOGUE, OBJECTS, SEARCH, QUEUE = (
    f"MEDIATEKA_TEST_{part}" for part in ("CATALOGUE", "OBJECTS", "SEARCH", "QUEUE")
)


def live(name: str) -> str:
    """The address of a real server; the test is skipped where none is named, and fails where they are required."""
    if url := os.environ.get(name):
        return url
    if os.environ.get("MEDIATEKA_TEST_LIVE") == "required":
        pytest.fail(f"{name} names no server, and the real ones are required")
    pytest.skip(f"{name} names no server")


def own_name() -> str:
    """A name for what one test keeps on a server, so that runs do not meet."""
    return f"t{secrets.token_hex(6)}"
