"""Who acts, when, and by which way: the same facts for every act, with the catalogue it changes."""

from dataclasses import dataclass
from datetime import datetime

from archive.catalogue.engine import Catalogue
from archive.model.agent import Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """The facts of an act. `via` is api, page or command."""

    catalogue: Catalogue
    agent: Agent
    now: datetime
    via: str = "api"
