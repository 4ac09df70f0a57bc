"""Which tests run one after the other in one process: those of a file, and those of files that name the same group.

The scheduler of pytest-xdist that goes by groups knows them by the ids of tests, which pytest 9.2 no longer lets it change.
"""

import re
from functools import lru_cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUP = re.compile(r'xdist_group\("([^"]+)"\)')


@lru_cache
def group_of(file: Path) -> str:
    """The group that a file of tests names; its own path where it names none."""
    named = GROUP.search(file.read_text(encoding="utf-8"))
    return named[1] if named else str(file)


class ByGroup(LoadScopeScheduling):
    """Gives whole groups to the processes, the largest first."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        self._root = config.rootpath

    def _split_scope(self, nodeid: str) -> str:
        return group_of(self._root / nodeid.partition("::")[0])
