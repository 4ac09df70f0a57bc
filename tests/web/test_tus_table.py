"""Every case of the tus table holds on this server, those that only should be so as well."""

from collections import Counter

import pytest
from tus_cases import CASES, faults_of

from archive.model.agent import TokenScope


@pytest.fixture
def line(visit, photographer):
    visitor = visit(photographer, frozenset({TokenScope.UPLOAD, TokenScope.READ}))

    def asking(method, path, headers, body):
        answer = visitor.open(path, method, headers=headers, data=body)
        return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}

    return asking


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "_"))
def test_the_server_answers_as_the_protocol_says(line, case) -> None:
    assert faults_of(case, line, "/api/v1/uploads") == []


def test_the_table_is_long_enough_and_names_no_case_twice() -> None:
    levels = Counter(case.level for case in CASES)
    assert len({case.name for case in CASES}) == len(CASES) >= 70
    assert levels["MUST"] >= 50
