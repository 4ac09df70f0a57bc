"""Settings: one frozen value made from a mapping; the only module that reads the environment."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.errors import Misconfigured
from archive.model.job import Queue
from archive.objects.files import write_once
from archive.sandbox.rungs import Rung
from ingest.receive import Limits
from workers.dispatch import Timing
from workers.run import HANDS

SECRET_BYTES = 32
MOST_HANDS = 256
LONGEST_SECONDS = 24 * 3600.0
LIMITS, TIMING = Limits(), Timing()  # the defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the parts are and how they behave. `MEDIATEKA_HOME` alone gives a working house."""

    home: Path  # MEDIATEKA_HOME, ./mediateka-home: everything the embedded house keeps
    catalogue: str  # MEDIATEKA_CATALOGUE, sqlite:///$HOME/catalogue.db
    objects: str  # MEDIATEKA_OBJECTS, file:///$HOME/objects
    search: str  # MEDIATEKA_SEARCH, tantivy:///$HOME/index
    queue: str  # MEDIATEKA_QUEUE, local://
    staging: Path  # MEDIATEKA_STAGING, $HOME/staging: uploads under way, a local disk
    node: (
        str | None
    )  # MEDIATEKA_NODE: this staging's name in upload ids; unset it is made once and kept there
    cache_bytes: int  # MEDIATEKA_CACHE_BYTES, 20 GB: $HOME/cache, copies of what a distant object store keeps
    public_url: str  # MEDIATEKA_PUBLIC_URL, http://127.0.0.1:8080: how the outside sees us
    zone: ZoneInfo  # MEDIATEKA_TIMEZONE, Asia/Baku: for dates without an offset
    secret_key: bytes | None  # MEDIATEKA_SECRET_KEY; otherwise made once into $HOME/secret-key
    limits: Limits  # MEDIATEKA_MAX_BYTES, _OPEN_UPLOADS, _BYTES_A_DAY, _LOW_WATER_BYTES
    timing: Timing  # MEDIATEKA_LEASE_SECONDS, _POLL_SECONDS, _SWEEP_SECONDS
    hands: Mapping[
        Queue, int
    ]  # MEDIATEKA_WORKERS, interactive=2,render=1,bulk=1,fixity=1: how many jobs of each queue at once; a queue left out is left to other workers
    rung: Rung | None  # MEDIATEKA_SANDBOX: bubblewrap or landlock; unset tries both, best first
    proxies: int  # MEDIATEKA_PROXIES, 0: how many proxies of our own stand before the house
    web_threads: int  # MEDIATEKA_WEB_THREADS, 600: a stalled upload costs one
    log_json: bool  # MEDIATEKA_LOG: plain (default) or json
    faults: Path | None  # MEDIATEKA_FAULTS: folder of armed fault points, for tests of the house


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings from a mapping (the process's environment by default); Misconfigured names what does not fit."""
    given = os.environ if environment is None else environment
    home = Path(given.get("MEDIATEKA_HOME") or "mediateka-home").resolve()
    return Settings(
        home=home,
        catalogue=given.get("MEDIATEKA_CATALOGUE") or f"sqlite:///{home}/catalogue.db",
        objects=given.get("MEDIATEKA_OBJECTS") or f"file://{home}/objects",
        search=given.get("MEDIATEKA_SEARCH") or f"tantivy://{home}/index",
        queue=given.get("MEDIATEKA_QUEUE") or "local://",
        staging=Path(given.get("MEDIATEKA_STAGING") or home / "staging").resolve(),
        node=given.get("MEDIATEKA_NODE") or None,
        cache_bytes=_number(given, "MEDIATEKA_CACHE_BYTES", 20 * 10**9),
        public_url=_url(given.get("MEDIATEKA_PUBLIC_URL") or "http://127.0.0.1:8080"),
        zone=_zone(given.get("MEDIATEKA_TIMEZONE") or "Asia/Baku"),
        secret_key=given["MEDIATEKA_SECRET_KEY"].encode()
        if given.get("MEDIATEKA_SECRET_KEY")
        else None,
        limits=Limits(
            max_bytes=_number(given, "MEDIATEKA_MAX_BYTES", LIMITS.max_bytes, least=1),
            open_uploads=_number(given, "MEDIATEKA_OPEN_UPLOADS", LIMITS.open_uploads, least=1),
            bytes_a_day=_number(given, "MEDIATEKA_BYTES_A_DAY", LIMITS.bytes_a_day),
            low_water_bytes=_number(given, "MEDIATEKA_LOW_WATER_BYTES", None),
        ),
        timing=Timing(
            lease_seconds=_seconds(given, "MEDIATEKA_LEASE_SECONDS", TIMING.lease_seconds),
            poll_seconds=_seconds(given, "MEDIATEKA_POLL_SECONDS", TIMING.poll_seconds),
            sweep_seconds=_seconds(given, "MEDIATEKA_SWEEP_SECONDS", TIMING.sweep_seconds),
        ),
        hands=read_hands(given.get("MEDIATEKA_WORKERS") or ",".join(HANDS)),
        rung=_rung(given.get("MEDIATEKA_SANDBOX")),
        proxies=_number(given, "MEDIATEKA_PROXIES", 0),
        web_threads=_number(given, "MEDIATEKA_WEB_THREADS", 600, least=1),
        log_json=_log(given.get("MEDIATEKA_LOG") or "plain") == "json",
        faults=Path(given["MEDIATEKA_FAULTS"]) if given.get("MEDIATEKA_FAULTS") else None,
    )


def read_hands(text: str) -> dict[Queue, int]:
    """Queues as `interactive=4,render`, each with how many jobs at once; without a number, as many as usual."""
    hands: dict[Queue, int] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in set(Queue) or name in hands:
            raise Misconfigured(f"MEDIATEKA_WORKERS: each of {', '.join(Queue)} once, not {name!r}")
        number = number or str(HANDS[Queue(name)])
        if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= MOST_HANDS):
            raise Misconfigured(f"MEDIATEKA_WORKERS: {name}: 1 to {MOST_HANDS}, not {number!r}")
        hands[Queue(name)] = int(number)
    return hands


def secret_of(settings: Settings) -> bytes:
    """The key that signs cookies and cursors: given, or made once into the home with mode 0600."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.home / "secret-key"
    settings.home.mkdir(mode=0o750, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another process may make it at this moment
        if not path.exists():
            write_once(path, secrets.token_hex(SECRET_BYTES).encode())
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise Misconfigured(f"MEDIATEKA_SECRET_KEY: {path} does not hold a whole key; remove it")
    return secret


def child_environment(overrides: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of ours, with some settings laid over."""
    return {**os.environ, **overrides}


def scheme(url: str, setting: str, known: tuple[str, ...]) -> str:
    """The scheme of a part's URL; Misconfigured names the known ones."""
    found = url.partition(":")[0]
    if found not in known:
        raise Misconfigured(f"{setting}: unknown scheme {found!r}; known: {', '.join(known)}")
    return found


def _url(text: str) -> str:
    try:
        url = urlsplit(text)
        is_whole = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or url.path.strip("/") or url.query or url.fragment:
        raise Misconfigured(f"MEDIATEKA_PUBLIC_URL: http:// or https:// and a host, not {text!r}")
    return text.rstrip("/")


def _log(text: str) -> str:
    if text not in {"plain", "json"}:
        raise Misconfigured(f"MEDIATEKA_LOG: plain or json, not {text!r}")
    return text


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as trouble:
        raise Misconfigured(f"MEDIATEKA_TIMEZONE: no such time zone: {name!r}") from trouble


def _rung(name: str | None) -> Rung | None:
    if not name:
        return None
    if name not in set(Rung):
        raise Misconfigured(f"MEDIATEKA_SANDBOX: one of {', '.join(Rung)}, not {name!r}")
    return Rung(name)


Default = TypeVar("Default", int, None)


def _number(given: Mapping[str, str], name: str, default: Default, least: int = 0) -> int | Default:
    text = given.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= least):
        raise Misconfigured(f"{name}: a whole number from {least}, not {text!r}")
    return int(text)


def _seconds(given: Mapping[str, str], name: str, default: float) -> float:
    text = given.get(name)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST_SECONDS:  # neither `inf` nor `nan`
        raise Misconfigured(f"{name}: seconds above zero, at most a day, not {text!r}")
    return seconds
