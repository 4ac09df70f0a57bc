"""Run the house: serve, web, worker, doctor, reindex."""

import json
import sys
from contextlib import nullcontext
from dataclasses import replace

import click

from archive.errors import DoorbellUnavailable
from archive.model.job import JobState, RebuildIndex
from mediateka import doctor as examination
from mediateka.logs import set_up_logging
from mediateka.serve import serve as run_house
from mediateka.services import Services, build
from mediateka.settings import Settings, read_hands, read_settings
from mediateka.waiting import until
from mediateka.web import run_web
from mediateka.work import run_worker, worker_in_this_process

DEFAULT_URL = "http://127.0.0.1:8080"
POLL_SECONDS = 0.2


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Migrate, then run web and worker until stopped."""
    settings = read_settings()
    set_up_logging(as_json=settings.log_json)
    if settings.public_url == DEFAULT_URL and port != 8080:
        settings = replace(settings, public_url=f"http://127.0.0.1:{port}")
    run_house(settings, host=host, port=port, say=click.echo)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--parent", type=int, hidden=True)
def web(host: str, port: int, parent: int | None) -> None:
    """Run the web process alone."""
    run_web(read_settings(), host=host, port=port, parent=parent)


@click.command()
@click.option("--queues", help="As MEDIATEKA_WORKERS: interactive=4,render=2.")
@click.option("--parent", type=int, hidden=True)
def worker(queues: str | None, parent: int | None) -> None:
    """Run the worker alone."""
    settings = read_settings()
    if queues is not None:
        settings = replace(settings, hands=read_hands(queues))
    set_up_logging(as_json=settings.log_json)
    run_worker(settings, parent=parent)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Ask every part; exit 0 only if all is well."""
    with build(read_settings(), migrates=False) as services:
        findings = examination.examine(services)
    if as_json:
        click.echo(json.dumps([finding.as_json() for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{'ok ' if finding.is_well else 'BAD'}  {finding.part}: {finding.said}")
            if finding.advice:
                click.echo(f"     {finding.advice}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


@click.command()
def reindex() -> None:
    """Build the index anew beside the old one and swap; searching goes on meanwhile."""
    settings = read_settings()
    with build(settings) as services:
        with worker_if_none(settings, services):
            with services.catalogue.writing() as tx:
                job = tx.jobs.defer(RebuildIndex("index"))

            def is_over() -> bool:
                with services.catalogue.reading() as tx:
                    row = tx.jobs.get(job)
                return row is None or row.state not in {JobState.READY, JobState.RUNNING}

            until(is_over, every_seconds=POLL_SECONDS)
        with services.catalogue.reading() as tx:
            row = tx.jobs.get(job)
    if row is None or row.state is not JobState.DONE:
        raise click.ClickException(f"the index was not rebuilt: {row.error if row else 'no job'}")
    click.echo("The index is new.")


def worker_if_none(settings: Settings, services: Services) -> "nullcontext[None]":
    """A worker in this process while the block lasts, unless the house's own is at work."""
    try:
        services.doorbell.ping()
    except DoorbellUnavailable:
        return worker_in_this_process(settings)  # type: ignore[return-value] # a context manager too
    return nullcontext()
