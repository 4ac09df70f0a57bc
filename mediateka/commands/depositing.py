"""Put files and folders into the archive, by the same way in as every other client."""

import base64
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.catalogue.accounts import Account
from archive.errors import MediatekaError, NotFound
from archive.model.asset import Asset, Reason, State
from archive.model.ids import AssetId
from ingest.metadata_file import MetadataFile, read_metadata_file
from ingest.receive import NewUpload
from mediateka.commands.house import worker_if_none
from mediateka.services import Services, build, tender
from mediateka.settings import read_settings
from mediateka.waiting import until
from web.i18n import reason_text

POLL_SECONDS = 0.1
LOOKED_AT = 20  # of those that wait: they are ready about in the order in which they came


@dataclass(slots=True)
class Line:
    """What became of one file, as printed."""

    path: str
    outcome: str
    asset: str | None = None
    sha256: str | None = None
    reason: str | None = None
    detail: str | None = None
    state: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The line of `--json`; `detail` and `state` only where there is something to say."""
        always = {
            "path": self.path,
            "outcome": self.outcome,
            "asset": self.asset,
            "sha256": self.sha256,
            "reason": self.reason,
        }
        more = {"detail": self.detail, "state": self.state}
        return always | {name: value for name, value in more.items() if value is not None}


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--metadata",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV or JSON lines keyed by `file`.",
)
@click.option("--collection", help="Id or address of the collection to put them in.")
@click.option("--as", "email", help="Deposit as this account; by default the first admin.")
@click.option("--publish", is_flag=True, help="Publish at once.")
@click.option("--wait", is_flag=True, help="Return when each asset is ready or needs attention.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
def ingest(
    paths: tuple[Path, ...],
    metadata: Path | None,
    collection: str | None,
    email: str | None,
    publish: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Take files and folders into the archive."""
    settings = read_settings()
    with build(settings) as services:
        account = _depositor(services, email)
        table = read_metadata_file(metadata, settings.zone) if metadata else MetadataFile()
        wishes = {"collection": collection, "publish": publish or None}
        wanted = {name: value for name, value in wishes.items() if value}
        files = list(_files(paths))
        tending = tender(services)
        tending.tend()  # what an earlier run left half done
        tending.give_up()
        with _worker(services, wait=wait):
            lines = list(_deposit_all(files, services, account, table, wanted))
            if wait:
                _wait(lines, services, len(files))
    for notice in table.notices():
        click.echo(notice, err=True)
    for line in lines:
        _print(line, as_json=as_json)
    sys.exit(1 if any(line.outcome == "refused" for line in lines) else 0)


def _depositor(services: Services, email: str | None) -> Account:
    with services.catalogue.reading() as tx:
        account = tx.accounts.by_email(email) if email else tx.accounts.first_admin()
    if account is None:
        missing = (
            f"no account for {email}" if email else "no admin; name who deposits with --as EMAIL"
        )
        raise NotFound(f"{missing}, or make one: mediateka user add EMAIL --role admin")
    return account


@contextmanager
def _worker(services: Services, *, wait: bool) -> Iterator[None]:
    if not wait:
        yield
        return
    with worker_if_none(services.settings, services):
        yield


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files themselves and all files below the folders, hidden ones apart, in order of name."""
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if not name.startswith("."))
                yield from (
                    Path(folder) / name for name in sorted(names) if not name.startswith(".")
                )
        else:
            yield path


def _deposit_all(
    files: list[Path],
    services: Services,
    account: Account,
    table: MetadataFile,
    wishes: dict[str, Any],
) -> Iterator[Line]:
    with _progress() as progress:
        task = progress.add_task("deposit", total=len(files))
        for path in files:
            yield _deposit(path, services, account, wishes | table.wishes_for(path))
            progress.advance(task)


def _deposit(path: Path, services: Services, account: Account, wishes: dict[str, Any]) -> Line:
    shown = os.fsencode(path).decode("utf-8", "replace")
    try:
        with path.open("rb") as file:
            new = _announce(path, os.fstat(file.fileno()).st_size, wishes)
            upload = services.receiver.create(new, account.agent)
            if upload.offset < upload.length:
                upload = services.receiver.append(
                    upload.id, account.agent, upload.offset, file, upload.length
                )
    except MediatekaError as trouble:
        return Line(shown, "refused", reason=trouble.code, detail=str(trouble))
    except OSError as trouble:
        return Line(shown, "refused", reason="unreadable", detail=trouble.strerror)
    outcome = upload.outcome or {}
    return Line(
        shown,
        outcome.get("outcome", "refused"),
        asset=outcome.get("asset"),
        sha256=outcome.get("sha256"),
        reason=outcome.get("reason"),
        detail=outcome.get("detail"),
    )


def _announce(path: Path, length: int, wishes: dict[str, Any]) -> NewUpload:
    octets = os.fsencode(path.name)
    try:
        name, unreadable = octets.decode(), None
    except UnicodeDecodeError:
        name, unreadable = octets.decode("utf-8", "replace"), base64.b64encode(octets).decode()
    return NewUpload(
        filename=name, filename_bytes=unreadable, length=length, via="command", wishes=wishes
    )


def _wait(lines: list[Line], services: Services, total: int) -> None:
    """Wait for every asset, then note its state."""
    waiting = {AssetId(line.asset) for line in lines if line.asset}
    with _progress() as progress:
        task = progress.add_task("prepare", total=total)

        def all_settled() -> bool:
            with services.catalogue.reading() as tx:
                found = tx.assets.find(sorted(waiting)[:LOOKED_AT])
            waiting.difference_update(
                asset.id for asset in found.values() if asset.state is not State.PROCESSING
            )
            progress.update(task, completed=total - len(waiting))
            return not waiting

        until(all_settled, every_seconds=POLL_SECONDS)

        def index_knows() -> bool:
            with services.catalogue.reading() as tx:
                return tx.index_due.count() == 0

        until(index_knows, every_seconds=POLL_SECONDS)
    with services.catalogue.reading() as tx:
        found = tx.assets.find(AssetId(line.asset) for line in lines if line.asset)
    for line in lines:
        if asset := found.get(AssetId(line.asset or "")):
            _note_state(line, asset)


def _note_state(line: Line, asset: Asset) -> None:
    line.state = asset.state
    if asset.trouble:
        line.reason, line.detail = asset.trouble.reason, asset.trouble.detail


def _progress() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _print(line: Line, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(line.as_json(), ensure_ascii=False))
        return
    why = f": {_why(line)}" if line.reason else ""
    click.echo(f"{line.outcome:<9} {line.asset or '-':<36} {line.path}{why}")


def _why(line: Line) -> str:
    """The sentence of a reason; of anything else what went wrong."""
    if line.reason in set(Reason):
        return reason_text(line.reason, "en")
    return line.detail or str(line.reason)
