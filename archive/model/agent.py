"""Agents: people, groups and programs that act, and what their role lets them ask."""

from dataclasses import dataclass
from enum import StrEnum

from archive.model.ids import AgentId


class Role(StrEnum):
    """What a person does here; an admin may do all."""

    PHOTOGRAPHER = "photographer"
    JOURNALIST = "journalist"
    ARCHIVIST = "archivist"
    ADMIN = "admin"


class TokenScope(StrEnum):
    """What an API token may be used for, never above its owner's role."""

    READ = "read"
    UPLOAD = "upload"
    EDIT = "edit"
    PUBLISH = "publish"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who asks. `id` and `role` are None for the public; `scopes` is None unless a token asks."""

    id: AgentId | None = None
    role: Role | None = None
    name: str = ""
    scopes: frozenset[TokenScope] | None = None

    @property
    def is_staff(self) -> bool:
        """Archivists and admins."""
        return self.role in {Role.ARCHIVIST, Role.ADMIN}


ANONYMOUS = Agent()
OPERATOR = Agent(
    role=Role.ADMIN, name="operator"
)  # the command line: whoever runs it owns the machine
