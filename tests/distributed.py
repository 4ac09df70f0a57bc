"""The distributed house on the real servers: what one test keeps there is its own, and goes with it."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager

from live import QUEUE, bucket_of_its_own, index_of_its_own, live, own_name, schema_of_its_own

EMBEDDED, DISTRIBUTED = "embedded", "distributed"
PARTS = ("catalogue", "objects", "search", "queue")


@contextmanager
def four_addresses() -> Iterator[dict[str, str]]:
    """The four settings that make a house distributed, on servers that hold nothing of it yet."""
    with (
        schema_of_its_own() as catalogue,
        bucket_of_its_own() as objects,
        index_of_its_own() as search,
    ):
        yield {
            "MEDIATEKA_CATALOGUE": catalogue,
            "MEDIATEKA_OBJECTS": objects,
            "MEDIATEKA_SEARCH": search,
            "MEDIATEKA_QUEUE": f"{live(QUEUE)}?prefix={own_name()}",
        }


def kind_of_house(text: str) -> str:
    """A kind that `settings_of` knows, as an option's value."""
    if text not in {EMBEDDED, DISTRIBUTED} and not set(text.split("+")) <= set(PARTS):
        raise ArgumentTypeError(f"no such house: {text}")
    return text


@contextmanager
def settings_of(kind: str) -> Iterator[dict[str, str]]:
    """What turns a house into one of this kind: `embedded`, `distributed`, or the parts that lie on servers (`search+queue`)."""
    if kind == EMBEDDED:
        yield {}
        return
    parts = PARTS if kind == DISTRIBUTED else kind.split("+")
    with four_addresses() as addresses:
        yield {
            f"MEDIATEKA_{part.upper()}": addresses[f"MEDIATEKA_{part.upper()}"] for part in parts
        }
