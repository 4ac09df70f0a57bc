"""Look at assets, publish them, take them back, from the command line, which sees all."""

import json
from dataclasses import asdict
from typing import Any

import click

from archive.model.agent import OPERATOR
from archive.model.ids import AssetId
from archive.publishing import publish as publish_one
from archive.publishing import withdraw as withdraw_one
from mediateka.services import Services, build
from mediateka.settings import read_settings
from search.find import SearchRequest, find
from web.api.present import authorities_of, present, present_page
from web.i18n import LANGUAGES


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
def publish(ids: tuple[str, ...]) -> None:
    """Make assets findable by all."""
    with build(read_settings()) as services:
        for asset in ids:
            facts: Any = {
                "catalogue": services.catalogue,
                "agent": OPERATOR,
                "now": services.clock(),
            }
            publish_one(AssetId(asset), via="command", **facts)
            click.echo(f"{asset} published")


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--reason", required=True, help="Why; kept in the asset's history.")
def withdraw(ids: tuple[str, ...], reason: str) -> None:
    """Take assets back from the public."""
    with build(read_settings()) as services:
        for asset in ids:
            facts: Any = {
                "catalogue": services.catalogue,
                "agent": OPERATOR,
                "now": services.clock(),
            }
            withdraw_one(AssetId(asset), reason=reason, via="command", **facts)
            click.echo(f"{asset} withdrawn")


@click.command()
@click.argument("query", default="")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what the API's search returns.")
def search(query: str, lang: str, limit: int, as_json: bool) -> None:
    """Find assets; every word of the query language works."""
    with build(read_settings()) as services:
        page = find(
            SearchRequest(q=query, limit=limit, language=lang),
            index=services.index,
            catalogue=services.catalogue,
            agent=OPERATOR,
            now=services.clock(),
            secret=services.secret,
            zone=services.settings.zone,
        )
        shown = present_page(
            page, catalogue=services.catalogue, agent=OPERATOR, now=services.clock(), language=lang
        )
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"{page.total} found")
    for item in shown["items"]:
        title = item["title"].get(lang) or next(iter(item["title"].values()), item["filename"])
        click.echo(f"{item['id']}  {item['state']:<10}  {item['visibility']:<9}  {title}")


@click.command()
@click.argument("asset_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def asset(asset_id: str, as_json: bool) -> None:
    """Show one asset, its renditions, jobs and events."""
    with build(read_settings()) as services:
        shown = _whole(AssetId(asset_id), services)
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False, default=str))
        return
    for name in (
        "id",
        "filename",
        "state",
        "reason_text",
        "visibility",
        "title",
        "taken_at",
        "sha256",
    ):
        click.echo(f"{name:<12} {shown[name]}")
    for kind in ("renditions", "jobs", "events"):
        for row in shown[kind]:
            text = "  ".join(f"{name}={value}" for name, value in row.items() if value is not None)
            click.echo(f"{kind.removesuffix('s'):<12} {text}")


def _whole(asset_id: AssetId, services: Services) -> dict[str, Any]:
    with services.catalogue.reading() as tx:
        found = tx.assets.get(asset_id)
        authorities = tx.authorities.find(authorities_of([found]))
        jobs = [
            {
                "kind": job.kind,
                "state": job.state,
                "attempt": job.attempt,
                "progress": job.progress,
                "remaining_seconds": job.remaining_seconds,
                "error_class": job.error_class,
                "error": job.error,
            }
            for job in tx.jobs.of(asset_id)
        ]
        events = [asdict(event) for event in tx.events.of(asset_id)]
    shown = present(
        found, agent=OPERATOR, now=services.clock(), language="en", authorities=authorities
    )
    return shown | {"jobs": jobs, "events": events}
