"""Who may do what: one pure decision, and the same rules as values for the index.

Source: the visibility table of the outer contract. Fail closed: what no rule allows is denied.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archive.model.agent import Agent, Role, TokenScope
from archive.model.asset import Asset, Visibility
from archive.model.ids import AgentId


class Act(StrEnum):
    """What somebody wants to do with an asset, or with the house (the last four)."""

    DISCOVER = "discover"
    VIEW = "view"
    VIEW_PROTECTED = "view-protected"
    RENDITION = "rendition"
    ORIGINAL = "original"
    DESCRIBE = "describe"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    DEPOSIT = "deposit"
    ARRANGE = "arrange"
    ADMINISTER = "administer"


READS = frozenset({Act.DISCOVER, Act.VIEW, Act.RENDITION, Act.ORIGINAL})

SCOPE_FOR = {
    Act.DISCOVER: TokenScope.READ,
    Act.VIEW: TokenScope.READ,
    Act.VIEW_PROTECTED: TokenScope.READ,
    Act.RENDITION: TokenScope.READ,
    Act.ORIGINAL: TokenScope.READ,
    Act.DESCRIBE: TokenScope.EDIT,
    Act.ARRANGE: TokenScope.EDIT,
    Act.PUBLISH: TokenScope.PUBLISH,
    Act.WITHDRAW: TokenScope.PUBLISH,
    Act.DEPOSIT: TokenScope.UPLOAD,
    Act.ADMINISTER: TokenScope.ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a decision about an asset rests on."""

    owner: AgentId
    visibility: Visibility
    embargo_until: datetime | None = None

    def is_embargoed(self, now: datetime) -> bool:
        """An embargo ends at its instant, by comparison alone."""
        return self.embargo_until is not None and now < self.embargo_until


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, or no with the reason; `hidden` means that even its existence is not told (404 instead of 403)."""

    allowed: bool
    reason: str = ""
    hidden: bool = False


ALLOW = Decision(allowed=True)
HIDDEN = Decision(allowed=False, reason="not-found", hidden=True)


def decide(agent: Agent, facts: Facts | None, act: Act, now: datetime) -> Decision:
    """Decide whether `agent` may `act` on the asset of these facts (or on the house, with `facts` None) at `now`."""
    if agent.scopes is not None and not _token_allows(agent.scopes, act):
        visible = facts is None or (
            TokenScope.READ in agent.scopes and _may_read(agent, facts, now)
        )
        return Decision(allowed=False, reason="scope", hidden=not visible)
    if facts is None:
        return ALLOW if _may_in_house(agent, act) else Decision(allowed=False, reason="role")
    if not _may_read(agent, facts, now):
        return HIDDEN
    if act in READS and _reads_bytes_or_page(agent, facts, act):
        return ALLOW
    return ALLOW if _may_change(agent, facts, act) else Decision(allowed=False, reason="role")


def _token_allows(scopes: frozenset[TokenScope], act: Act) -> bool:
    return SCOPE_FOR[act] in scopes or TokenScope.ADMIN in scopes


def _may_in_house(agent: Agent, act: Act) -> bool:
    match act:
        case Act.DISCOVER | Act.VIEW:
            return True
        case Act.DEPOSIT:
            return agent.role in {Role.PHOTOGRAPHER, Role.ARCHIVIST, Role.ADMIN}
        case Act.PUBLISH | Act.ARRANGE | Act.WITHDRAW | Act.DESCRIBE:
            return agent.is_staff
        case Act.ADMINISTER:
            return agent.role is Role.ADMIN
        case _:
            return False


def _owns(agent: Agent, facts: Facts) -> bool:
    return agent.role is Role.PHOTOGRAPHER and agent.id is not None and agent.id == facts.owner


def _may_read(agent: Agent, facts: Facts, now: datetime) -> bool:
    if agent.is_staff or _owns(agent, facts):
        return True
    return facts.visibility is Visibility.PUBLISHED and not facts.is_embargoed(now)


def _reads_bytes_or_page(agent: Agent, facts: Facts, act: Act) -> bool:
    """Of a withdrawn asset its owner keeps the page and what it shows, not the original."""
    withdrawn = facts.visibility is Visibility.WITHDRAWN and not agent.is_staff
    return not (withdrawn and act is Act.ORIGINAL)


def _may_change(agent: Agent, facts: Facts, act: Act) -> bool:
    if agent.is_staff:
        return act is not Act.ADMINISTER or agent.role is Role.ADMIN
    own = _owns(agent, facts)
    if act is Act.VIEW_PROTECTED:
        return own
    return own and act is Act.DESCRIBE and facts.visibility is not Visibility.WITHDRAWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a viewer may discover, for the index: one of `audiences` must meet, and no embargo may lie ahead of `now`.

    `sees_embargoed` lifts the embargo for all; `own` names the audience whose assets' embargo is lifted.
    """

    audiences: frozenset[str]
    now: datetime
    sees_embargoed: bool = False
    own: str | None = None


def scope_of(agent: Agent, now: datetime) -> Scope:
    """The discover rules of `decide` as a value for queries."""
    if agent.scopes is not None and not _token_allows(agent.scopes, Act.DISCOVER):
        return Scope(audiences=frozenset(), now=now)
    if agent.is_staff:
        return Scope(audiences=frozenset({"staff"}), now=now, sees_embargoed=True)
    if agent.role is Role.PHOTOGRAPHER and agent.id is not None:
        return Scope(
            audiences=frozenset({"public", f"owner-{agent.id}"}), now=now, own=f"owner-{agent.id}"
        )
    return Scope(audiences=frozenset({"public"}), now=now)


def audiences(facts: Facts) -> frozenset[str]:
    """Every audience that may discover the asset, its embargo apart; the value written into the index."""
    base = {"staff", f"owner-{facts.owner}"}
    return frozenset(base | {"public"} if facts.visibility is Visibility.PUBLISHED else base)


def facts_of(asset: Asset) -> Facts:
    """The facts of an asset that decisions rest on."""
    return Facts(owner=asset.owner, visibility=asset.visibility, embargo_until=asset.embargo_until)
