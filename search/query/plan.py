"""The plan: one engine-neutral tree of a dozen node types. A keeper translates it and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from archive.rights import Scope


@dataclass(frozen=True, slots=True)
class Term:
    """The field holds this token; scored by BM25 times `boost`."""

    field: str
    token: str
    boost: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """The field holds these tokens side by side, in this order, within one value; two or more."""

    field: str
    tokens: tuple[str, ...]
    boost: float


@dataclass(frozen=True, slots=True)
class Prefix:
    """The field holds a token that begins with `start` (letters and digits only); scored `boost`, whatever the token."""

    field: str
    start: str
    boost: float


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """The field holds a token within `distance` (1 or 2; a swap of neighbours counts 1); scored `boost`."""

    field: str
    token: str
    distance: int
    boost: float


@dataclass(frozen=True, slots=True)
class Best:
    """Any of the nodes; scored by the best of them plus `tie` of the others."""

    nodes: tuple["Node", ...]
    tie: float


@dataclass(frozen=True, slots=True)
class All:
    """Every node; scores add up."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of the nodes; scores add up."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """`node`, but not where `excluded` holds."""

    node: "Node"
    excluded: "Node"


@dataclass(frozen=True, slots=True)
class In:
    """An exact or member field holds one of the values (or a number field one of the numbers); scores nothing."""

    field: str
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A number field lies between these bounds, both included, None open; scores nothing."""

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Everything:
    """Every document; scores nothing."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No document."""


Node = (
    Term
    | Phrase
    | Prefix
    | Fuzzy
    | Best
    | All
    | Any
    | Without
    | In
    | Between
    | Everything
    | Nothing
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a query asks for.

    `strict` wants every word. `relaxed`, where there is one, wants any word; it follows after the strict hits, without them.
    `is_scored` is False when no node gives a score, so that only a date order makes sense.
    """

    strict: Node
    relaxed: Node | None = None
    is_scored: bool = True


def both(nodes: list[Node]) -> Node:
    """All of the nodes, in the simplest form."""
    kept = tuple(node for node in nodes if not isinstance(node, Everything))
    if not kept:
        return Everything()
    return kept[0] if len(kept) == 1 else All(kept)


def either(nodes: list[Node]) -> Node:
    """Any of the nodes, in the simplest form."""
    return nodes[0] if len(nodes) == 1 else Any(tuple(nodes)) if nodes else Nothing()


def visible(scope: Scope, now: int) -> Node:
    """What the viewer may discover at `now` (microseconds since 1970): one required term and one exclusion.

    A range `<= now` as a requirement is the slowest form (measured at a million records), and an embargo must lift by itself,
    so what is excluded are the few assets whose embargo lies ahead.
    """
    if not scope.audiences:
        return Nothing()
    audience = In("audience", tuple(sorted(scope.audiences)))
    if scope.sees_embargoed:
        return audience
    ahead: Node = All((In("is", ("embargoed",)), Between("embargo_until", now + 1, None)))
    if scope.own:
        ahead = Without(ahead, In("audience", (scope.own,)))
    return Without(audience, ahead)


Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth saying about a query, as a code with facts; worded by the interface in its language."""

    code: str
    facts: Facts
