"""Every route declares what act it is and on what; one gate decides before any view runs. A route without a rule stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from archive.errors import Forbidden, NotFound, Unauthenticated
from archive.model.asset import Asset
from archive.model.ids import AssetId, is_id
from archive.rights import Act, Facts, decide, facts_of
from web.parts import parts

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "mediateka_rule"


class On(StrEnum):
    """What a route's act is done to."""

    PUBLIC = "public"  # open to all: sign-in, static files, health
    HOUSE = "house"  # no single asset: searching, depositing
    ASSET = "asset"  # the asset named by <asset_id>, loaded into g.asset
    BYTES = "bytes"  # the original of the asset named by <asset_id> or its <profile>, put into g.servable


OF_ASSET = frozenset({On.ASSET, On.BYTES})


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one route."""

    act: Act | None
    on: On


def rule(act: Act | None, *, on: On) -> Callable[[View], View]:
    """Declare a view's rule; `act` is None for what is open to all."""

    def declared(view: View) -> View:
        setattr(view, ATTRIBUTE, Rule(act, on))
        return view

    return declared


def require_rules(app: Flask) -> None:
    """Stop the start when a route has no rule, or one that does not fit its address."""
    for route in app.url_map.iter_rules():
        declared = getattr(app.view_functions[route.endpoint], ATTRIBUTE, None)
        if declared is None:
            raise LookupError(f"the route {route.rule} ({route.endpoint}) declares no rule")
        if (declared.on in OF_ASSET) != ("asset_id" in route.arguments):
            raise LookupError(f"the rule of {route.rule} does not fit its address")
        if (declared.act is None) != (declared.on is On.PUBLIC):
            raise LookupError(f"the rule of {route.rule} names no act")


def guard() -> None:
    """Decide before the view runs. Hidden is told as unknown; a visitor who might after signing in is asked to."""
    if request.endpoint is None or request.routing_exception is not None:
        return
    declared: Rule = getattr(current_app.view_functions[request.endpoint], ATTRIBUTE)
    if declared.act is None:
        return
    decision = decide(g.agent, _loaded(declared.on), declared.act, parts().clock())
    if decision.hidden:
        raise NotFound("there is no such material")
    if not decision.allowed:
        if g.agent.role is None:
            raise Unauthenticated("sign in first")
        raise Forbidden("you may not do this", reason=decision.reason)


def may(act: Act, asset: Asset | None = None) -> bool:
    """Say whether the one who asks may do this, for showing or leaving out a button."""
    facts = facts_of(asset) if asset else None
    return decide(g.agent, facts, act, parts().clock()).allowed


def _loaded(on: On) -> Facts | None:
    """The facts of what the act is done to, and for the view the asset itself or what sending its bytes takes."""
    if on not in OF_ASSET:
        return None
    given = request.view_args or {}
    if not is_id(given["asset_id"]):
        raise NotFound("there is no such material")
    asset_id = AssetId(given["asset_id"])
    with parts().catalogue.reading() as tx:
        if on is On.BYTES:
            found = g.servable = tx.assets.servable(asset_id, given.get("profile"))
            return found.facts
        g.asset = tx.assets.get(asset_id)
    return facts_of(g.asset)
