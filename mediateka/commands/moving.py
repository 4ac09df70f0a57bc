"""Move the house to other places, and write down what the archive consists of."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from mediateka import moving
from mediateka.services import build
from mediateka.settings import read_settings


@click.command()
@click.option(
    "--to",
    "given",
    multiple=True,
    help="Where a part goes; its scheme says which part. Repeat it. @FILE: addresses from a file, one a line.",
)
@click.option("--stay", is_flag=True, help="Take a house up again where it was left.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def move(given: tuple[str, ...], stay: bool, as_json: bool) -> None:
    """Move catalogue and objects elsewhere, and build the index there. Stop the house first; run it again if it was cut off."""
    settings = read_settings()
    if stay:
        _stay(settings.catalogue)
        return
    target = moving.destination(settings, _addresses(given))
    with build(settings, moves=True) as services, _progress() as said:
        moved = moving.move(
            services, target, say=lambda text: click.echo(text, err=True), said=said
        )
    places = {
        "MEDIATEKA_CATALOGUE": target.catalogue,
        "MEDIATEKA_OBJECTS": target.objects,
        "MEDIATEKA_SEARCH": target.search,
        "MEDIATEKA_QUEUE": target.queue,
    }
    lines = {name: _redacted(url) for name, url in places.items()}
    done = moved.copied
    if as_json:
        facts = {
            "objects": done.objects,
            "done_before": done.done_before,
            "bytes": done.size_bytes,
            "digests_proved": done.proved,
            "rows": moved.rows,
            "indexed": moved.indexed,
            "settings": lines,
        }
        click.echo(json.dumps(facts))
        return
    click.echo(
        f"{done.objects} objects moved ({done.size_bytes / 1e6:.1f} MB), {done.done_before} were there, "
        f"{done.proved} digests proved; {moved.rows} rows; {moved.indexed} assets indexed."
    )
    click.echo("The house is whole in its new place. Start it there with (secrets are not shown):")
    for name, value in lines.items():
        click.echo(f"  {name}={value}")


@click.command()
@click.option("--canonical", is_flag=True, required=True, help="One form for every house.")
def dump(canonical: bool) -> None:  # noqa: ARG001 - the one form there is, asked for by name
    """Print what the archive consists of, as JSON lines: equal archives give equal lines, wherever they are kept."""
    catalogue = Catalogue.open(read_settings().catalogue, clock=utc_now)
    try:
        for line in catalogue.dump():
            click.echo(line)
    finally:
        catalogue.close()


def _addresses(given: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses as given, and those from files, so that no list of processes shows a secret."""
    found: list[str] = []
    for one in given:
        if one.startswith("@"):
            lines = Path(one[1:]).read_text(encoding="utf-8").splitlines()
            found += [line.strip() for line in lines if line.strip()]
        else:
            found.append(one)
    return tuple(found)


def _redacted(url: str) -> str:
    scheme, _, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:***@{host}{slash}{path}" if at else url


def _stay(url: str) -> None:
    catalogue = Catalogue.open(url, clock=utc_now)
    try:
        had_moved = moving.stay(catalogue)
    finally:
        catalogue.close()
    click.echo("The house is at home here." if had_moved else "The house never left.")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("objects", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
