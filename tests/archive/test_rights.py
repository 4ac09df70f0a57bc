"""Who may what: the whole visibility table written out by hand, and what must hold of every decision."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.agent import ANONYMOUS, OPERATOR, Agent, Role, TokenScope
from archive.model.asset import Visibility
from archive.model.ids import AgentId
from archive.rights import SCOPE_FOR, Act, Facts, audiences, decide, scope_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OWNER, OTHER = AgentId("owner"), AgentId("other")
PEOPLE = {
    "anonymous": ANONYMOUS,
    "journalist": Agent(id=AgentId("j"), role=Role.JOURNALIST),
    "other": Agent(id=OTHER, role=Role.PHOTOGRAPHER),
    "owner": Agent(id=OWNER, role=Role.PHOTOGRAPHER),
    "archivist": Agent(id=AgentId("a"), role=Role.ARCHIVIST),
    "admin": Agent(id=AgentId("b"), role=Role.ADMIN),
}
FACTS = {
    "published": Facts(owner=OWNER, visibility=Visibility.PUBLISHED),
    "lifted": Facts(owner=OWNER, visibility=Visibility.PUBLISHED, embargo_until=NOW),
    "embargoed": Facts(
        owner=OWNER, visibility=Visibility.PUBLISHED, embargo_until=NOW + timedelta(hours=1)
    ),
    "draft": Facts(owner=OWNER, visibility=Visibility.DRAFT),
    "withdrawn": Facts(owner=OWNER, visibility=Visibility.WITHDRAWN),
}
# Per act in this order: discover, view, rendition, original, view-protected, describe, publish, withdraw.
# y: may; -: may not, but may know that it is there; .: is told that there is nothing.
ACTS = (
    Act.DISCOVER,
    Act.VIEW,
    Act.RENDITION,
    Act.ORIGINAL,
    Act.VIEW_PROTECTED,
    Act.DESCRIBE,
    Act.PUBLISH,
    Act.WITHDRAW,
)
TABLE = """
published anonymous   y y y y - - - -
published journalist  y y y y - - - -
published other       y y y y - - - -
published owner       y y y y y y - -
published archivist   y y y y y y y y
published admin       y y y y y y y y
lifted    anonymous   y y y y - - - -
lifted    journalist  y y y y - - - -
lifted    other       y y y y - - - -
lifted    owner       y y y y y y - -
lifted    archivist   y y y y y y y y
lifted    admin       y y y y y y y y
embargoed anonymous   . . . . . . . .
embargoed journalist  . . . . . . . .
embargoed other       . . . . . . . .
embargoed owner       y y y y y y - -
embargoed archivist   y y y y y y y y
embargoed admin       y y y y y y y y
draft     anonymous   . . . . . . . .
draft     journalist  . . . . . . . .
draft     other       . . . . . . . .
draft     owner       y y y y y y - -
draft     archivist   y y y y y y y y
draft     admin       y y y y y y y y
withdrawn anonymous   . . . . . . . .
withdrawn journalist  . . . . . . . .
withdrawn other       . . . . . . . .
withdrawn owner       y y y - y - - -
withdrawn archivist   y y y y y y y y
withdrawn admin       y y y y y y y y
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
HOUSE = """
discover    y y y y y
view        y y y y y
deposit     - - y y y
publish     - - - y y
withdraw    - - - y y
describe    - - - y y
arrange     - - - y y
administer  - - - - y
original    - - - - -
rendition   - - - - -
"""


def spelled(agent: Agent, facts: Facts | None, act: Act, now: datetime = NOW) -> str:
    decision = decide(agent, facts, act, now)
    return "y" if decision.allowed else "." if decision.hidden else "-"


@pytest.mark.parametrize("row", ROWS, ids=[" ".join(row[:2]) for row in ROWS])
def test_the_table_of_visibility_is_kept_cell_by_cell(row: list[str]) -> None:
    state, person, *wanted = row
    found = [spelled(PEOPLE[person], FACTS[state], act) for act in ACTS]
    assert found == wanted


def test_the_table_is_whole() -> None:
    assert {(row[0], row[1]) for row in ROWS} == {(s, p) for s in FACTS for p in PEOPLE}


@pytest.mark.parametrize("line", HOUSE.strip().splitlines())
def test_what_is_done_to_the_house_goes_by_role(line: str) -> None:
    act, *wanted = line.split()
    names = ("anonymous", "journalist", "other", "archivist", "admin")
    assert [spelled(PEOPLE[name], None, Act(act)) for name in names] == wanted


def test_whoever_runs_the_machine_may_all() -> None:
    assert {spelled(OPERATOR, facts, act) for facts in FACTS.values() for act in ACTS} == {"y"}


def test_only_an_admin_administers_also_when_an_asset_is_named() -> None:
    assert spelled(PEOPLE["archivist"], FACTS["published"], Act.ADMINISTER) == "-"
    assert spelled(PEOPLE["admin"], FACTS["published"], Act.ADMINISTER) == "y"


def test_an_embargo_ends_at_its_instant_to_the_microsecond() -> None:
    end = datetime(2026, 5, 1, 8, 0, 0, 1, tzinfo=UTC)
    facts = Facts(owner=OWNER, visibility=Visibility.PUBLISHED, embargo_until=end)
    assert spelled(ANONYMOUS, facts, Act.VIEW, end - timedelta(microseconds=1)) == "."
    assert spelled(ANONYMOUS, facts, Act.VIEW, end) == "y"


def test_an_owner_who_is_no_photographer_any_more_owns_nothing() -> None:
    former = Agent(id=OWNER, role=Role.JOURNALIST)
    assert spelled(former, FACTS["draft"], Act.VIEW) == "."


def test_nobody_in_particular_owns_nothing() -> None:
    nameless = Agent(id=None, role=Role.PHOTOGRAPHER)
    assert spelled(nameless, FACTS["draft"], Act.VIEW) == "."


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("scope", list(TokenScope))
def test_a_token_does_what_its_scopes_say_and_no_more(act: Act, scope: TokenScope) -> None:
    holder = Agent(id=AgentId("b"), role=Role.ADMIN, scopes=frozenset({scope}))
    facts = None if act in {Act.DEPOSIT, Act.ARRANGE, Act.ADMINISTER} else FACTS["draft"]
    covered = scope in {SCOPE_FOR[act], TokenScope.ADMIN}
    hidden = facts is not None and scope is not TokenScope.READ
    assert spelled(holder, facts, act) == ("y" if covered else "." if hidden else "-")


def test_a_token_never_lifts_its_owner_above_the_role() -> None:
    everything = Agent(id=OTHER, role=Role.PHOTOGRAPHER, scopes=frozenset(TokenScope))
    assert spelled(everything, FACTS["draft"], Act.VIEW) == "."
    assert spelled(everything, FACTS["published"], Act.PUBLISH) == "-"


def test_a_token_without_scopes_is_told_nothing() -> None:
    empty = Agent(id=OWNER, role=Role.ADMIN, scopes=frozenset())
    assert {spelled(empty, facts, act) for facts in FACTS.values() for act in ACTS} == {"."}
    assert scope_of(empty, NOW).audiences == frozenset()


def test_every_act_has_a_scope() -> None:
    assert set(SCOPE_FOR) == set(Act)


IDS = st.sampled_from([None, OWNER, OTHER, AgentId("third")])
AGENTS = st.builds(
    Agent,
    id=IDS,
    role=st.none() | st.sampled_from(list(Role)),
    scopes=st.none() | st.frozensets(st.sampled_from(list(TokenScope))),
)
ANY_FACTS = st.builds(
    Facts,
    owner=st.sampled_from([OWNER, OTHER]),
    visibility=st.sampled_from(list(Visibility)),
    embargo_until=st.none()
    | st.integers(-2, 2).map(lambda step: NOW + timedelta(microseconds=step)),
)


@given(agent=AGENTS, facts=ANY_FACTS)
def test_the_scope_of_a_query_finds_exactly_what_may_be_discovered(
    agent: Agent, facts: Facts
) -> None:
    scope = scope_of(agent, NOW)
    heard_by = audiences(facts)
    meets = bool(scope.audiences & heard_by)
    over = facts.embargo_until is None or facts.embargo_until <= NOW
    lifted = over or scope.sees_embargoed or (scope.own is not None and scope.own in heard_by)
    assert (meets and lifted) == decide(agent, facts, Act.DISCOVER, NOW).allowed


@given(agent=AGENTS, facts=ANY_FACTS, act=st.sampled_from(list(Act)))
def test_who_may_not_discover_may_do_nothing_and_is_told_nothing(
    agent: Agent, facts: Facts, act: Act
) -> None:
    whole = Agent(id=agent.id, role=agent.role)
    if not decide(whole, facts, Act.DISCOVER, NOW).allowed:
        decision = decide(agent, facts, act, NOW)
        assert (decision.allowed, decision.hidden) == (False, True)


@given(agent=AGENTS, facts=ANY_FACTS, act=st.sampled_from(list(Act)))
def test_a_token_never_allows_what_its_owner_may_not(agent: Agent, facts: Facts, act: Act) -> None:
    owner = Agent(id=agent.id, role=agent.role)
    if decide(agent, facts, act, NOW).allowed:
        assert decide(owner, facts, act, NOW).allowed
