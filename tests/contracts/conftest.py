"""Contracts hold on every keeper: the catalogue's on both databases."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def keeper_of_catalogue(request: pytest.FixtureRequest) -> str:
    return request.param
