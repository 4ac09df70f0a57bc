"""Plan nodes as queries of Elasticsearch. Pure.

Prefixes and fuzzy terms score a constant, filters score nothing, as in the embedded keeper; empty nodes find nothing.
"""

from typing import Any

from search.query import plan as plans
from search.query.plan import Node

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}
MOST_EXPANSIONS = 1000  # of a fuzzy term


def query(node: Node) -> Query:  # noqa: C901, PLR0911 - one line per node type
    """What finds and scores as the node says."""
    match node:
        case plans.Term(field, token, boost):
            return {"term": {field: {"value": token, "boost": boost}}}
        case plans.Phrase(field, tokens, boost):
            return {"match_phrase": {field: {"query": " ".join(tokens), "boost": boost}}}
        case plans.Prefix(field, start, boost):
            return _constant({"prefix": {field: {"value": start}}}, boost)
        case plans.Fuzzy(field, token, distance, boost):
            return _constant(_fuzzy(field, token, distance), boost)
        case plans.Best(nodes, tie) if nodes:
            return {"dis_max": {"queries": [query(part) for part in nodes], "tie_breaker": tie}}
        case plans.All(nodes) if nodes:
            return {"bool": {"must": [query(part) for part in nodes]}}
        case plans.Any(nodes) if nodes:
            return {"bool": {"should": [query(part) for part in nodes], "minimum_should_match": 1}}
        case plans.Without(wanted, excluded):
            return {"bool": {"must": [query(wanted)], "must_not": [query(excluded)]}}
        case plans.In(field, values):
            return _constant({"terms": {field: list(values)}}, 0.0)
        case plans.Between(field, low, high):
            return _constant(_between(field, low, high), 0.0)
        case plans.Everything():
            return {"match_all": {"boost": 0.0}}
        case _:
            return NOTHING


def within(visible: Node, *wanted: Node) -> Query:
    """What all the nodes find among what is visible; only the nodes score."""
    return {"bool": {"filter": [query(visible)], "must": [query(node) for node in wanted]}}


def _constant(filter_: Query, boost: float) -> Query:
    return {"constant_score": {"filter": filter_, "boost": boost}}


def _fuzzy(field: str, token: str, distance: int) -> Query:
    asked = {
        "value": token,
        "fuzziness": distance,
        "max_expansions": MOST_EXPANSIONS,
        "transpositions": True,
    }
    return {"fuzzy": {field: asked}}


def _between(field: str, low: int | None, high: int | None) -> Query:
    if low is None and high is None:
        return {"exists": {"field": field}}
    bounds = {"gte": low, "lte": high}
    return {"range": {field: {name: value for name, value in bounds.items() if value is not None}}}
