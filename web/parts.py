"""What the web room works with, given by the front door and reached through the application."""

from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g

from archive.acting import Acting
from archive.catalogue.engine import Catalogue
from archive.clock import Clock
from archive.objects.port import ObjectStore
from ingest.receive import Receiver
from search.index.port import SearchIndex

KEY = "mediateka"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The settings that the web room needs. `public_url` has no trailing slash; `secret_key` signs cursors and forms.

    `proxies` is how many proxies of our own stand before the house: so many forwarded addresses are believed.
    """

    public_url: str
    secret_key: bytes
    zone: ZoneInfo
    proxies: int = 0

    @property
    def secure_cookies(self) -> bool:
        """Cookies are bound to https when the outside sees us by it."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts, by name."""

    catalogue: Catalogue
    objects: ObjectStore
    index: SearchIndex
    receiver: Receiver
    clock: Clock
    settings: WebSettings


def parts() -> Parts:
    """The parts of the running application."""
    return cast("Parts", current_app.extensions[KEY])


def acting(via: str = "api") -> Acting:
    """The facts of an act by the one who asks, now."""
    return Acting(catalogue=parts().catalogue, agent=g.agent, now=parts().clock(), via=via)
