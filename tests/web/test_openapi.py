"""The document: valid OpenAPI 3.1, and neither more nor less than the live routes."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from web.api import models
from web.api.openapi import document

METHODS = {"get", "post", "patch", "put", "delete", "head", "options"}


@pytest.fixture
def spec(visit) -> dict:
    response = visit().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    return response.json


def test_the_document_is_valid_openapi_3_1(spec) -> None:
    assert spec["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(spec).iter_errors()) == []


def test_what_is_served_is_what_is_made(spec) -> None:
    assert spec == document()


def test_every_live_route_is_described_and_nothing_else(app, spec) -> None:
    live = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            live |= {(path, method) for method in rule.methods - {"HEAD", "OPTIONS"}}
    live |= {("/uploads/{upload_id}", "HEAD"), ("/uploads", "OPTIONS")}
    told = {
        (path, method.upper())
        for path, item in spec["paths"].items()
        for method in item
        if method in METHODS
    }
    assert told == live


def test_operations_have_names_of_their_own_and_tell_how_they_fail(spec) -> None:
    operations = [
        operation
        for item in spec["paths"].values()
        for method, operation in item.items()
        if method in METHODS
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all("default" in operation["responses"] for operation in operations)


def test_every_reference_leads_somewhere(spec) -> None:
    text = str(spec)
    for kind, name in re.findall(r"#/components/(\w+)/([^'\"]+)", text):
        assert name in spec["components"][kind]


def test_models_are_closed_for_what_is_taken_in(spec) -> None:
    for model in (models.AssetPatch, models.Withdrawal, models.DigestsToCheck):
        assert spec["components"]["schemas"][model.__name__]["additionalProperties"] is False


def test_every_search_parameter_is_described(spec) -> None:
    told = {parameter["name"] for parameter in spec["paths"]["/assets"]["get"]["parameters"]}
    from web.api.assets import FILTERS

    assert told == {"q", "sort", "limit", "cursor", "language", *FILTERS}
