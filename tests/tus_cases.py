"""tus 1.0.0 as a table: what is sent, what must (or should) come back; it runs against any server that speaks the protocol."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

VERSION = {"Tus-Resumable": "1.0.0"}
TYPE = {"Content-Type": "application/offset+octet-stream"}
MUST, SHOULD, OURS = "MUST", "SHOULD", "OURS"
BYTES = b"0123456789"


class Line(Protocol):
    """Asks a server; returns (status, headers with names in lower case)."""

    def __call__(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str]]: ...


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request, on the upload of the case unless `on` says otherwise."""

    method: str
    headers: dict[str, str | None] = field(default_factory=dict)
    body: bytes = b""
    status: frozenset[int]
    shows: dict[str, str | None] = field(default_factory=dict)  # None: absent, "*": any value
    on: str = "upload"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Steps in their order; the first 201 names the upload. `needs` are extensions beyond core and creation."""

    name: str
    level: str
    steps: tuple[Step, ...]
    needs: frozenset[str] = frozenset()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def step(method: str, status: int | tuple[int, ...], body: bytes = b"", **more: Any) -> Step:
    statuses = frozenset({status} if isinstance(status, int) else status)
    return Step(method=method, status=statuses, body=body, **more)


def post(status: int | tuple[int, ...] = 201, body: bytes = b"", **headers: str | None) -> Step:
    """A creation of ten bytes, unless the headers say otherwise."""
    given: dict[str, str | None] = {"Upload-Length": "10"} | named(headers)
    shows = {"location": "*"} if status == 201 else {"location": None}
    return step("POST", status, body, headers=given, on="uploads", shows=shows)


def patch(
    at: int | str | None, body: bytes, status: int | tuple[int, ...] = 204, **headers: str | None
) -> Step:
    given: dict[str, str | None] = {**TYPE, "Upload-Offset": None if at is None else str(at)}
    shows: dict[str, str | None] = {}
    if status == 204:
        shows["upload-offset"] = str(int(at or 0) + len(body))
    return step("PATCH", status, body, headers=given | named(headers), shows=shows)


def head(
    offset: int | None, status: int | tuple[int, ...] = (200, 204), **shows: str | None
) -> Step:
    expected = {"upload-offset": None if offset is None else str(offset)} | named(shows, lower=True)
    return step("HEAD", status, shows=expected)


def named(headers: dict[str, str | None], lower: bool = False) -> dict[str, str | None]:
    """Names written with underscores, as headers."""
    fit: Callable[[str], str] = str.lower if lower else str
    return {fit(name.replace("_", "-")): value for name, value in headers.items()}


def case(name: str, *steps: Step, level: str = MUST, needs: str = "") -> Case:
    return Case(name=name, level=level, steps=steps, needs=frozenset(needs.split()))


SHA1 = f"sha1 {b64(hashlib.sha1(BYTES).digest())}"
SHA256 = f"sha256 {b64(hashlib.sha256(BYTES).digest())}"
WRONG1 = f"sha1 {b64(hashlib.sha1(b'other').digest())}"
WRONG256 = f"sha256 {b64(hashlib.sha256(b'other').digest())}"
DEFER: dict[str, str | None] = {"Upload_Length": None, "Upload_Defer_Length": "1"}
D, C, T, W = "creation-defer-length", "checksum", "termination", "creation-with-upload"
ENDED = (404, 410)


def options(**shows: str) -> Step:
    return step("OPTIONS", (200, 204), shows=named(dict(shows), lower=True), on="uploads")


def versionless(method: str, version: str | None) -> Step:
    headers: dict[str, str | None] = {"Tus-Resumable": version, "Upload-Length": "10"}
    if method == "PATCH":
        headers = {**TYPE, "Tus-Resumable": version, "Upload-Offset": "0"}
    return step(
        method,
        412,
        BYTES if method == "PATCH" else b"",
        headers=headers,
        shows={"tus-version": "*"},
        on="uploads" if method == "POST" else "upload",
    )


CASES: tuple[Case, ...] = (
    # --- core: version and abilities
    case("options names the versions", options(Tus_Version="*")),
    case("options names the extensions", options(Tus_Extension="*"), level=SHOULD),
    case("options names the maximum", options(Tus_Max_Size="*"), level=SHOULD),
    case("options needs no version", step("OPTIONS", (200, 204), headers={"Tus-Resumable": None}, on="uploads")),
    case("options ignores a foreign version", step("OPTIONS", (200, 204), headers={"Tus-Resumable": "9.9.9"}, on="uploads")),
    case("options names the checksums", options(Tus_Checksum_Algorithm="*"), needs=C),
    case("post without a version", versionless("POST", None)),
    case("post of an older version", versionless("POST", "0.2.2")),
    case("post of a newer version", versionless("POST", "2.0.0")),
    case("patch of another version writes nothing", post(), versionless("PATCH", "0.2.2"), head(0)),
    case("patch without a version writes nothing", post(), versionless("PATCH", None), head(0)),
    case("head of another version", post(), step("HEAD", 412, headers={"Tus-Resumable": "2.0.0"}, shows={"tus-version": "*"})),
    case("delete of another version ends nothing", post(), versionless("DELETE", "2.0.0"), head(0), needs=T),
    case("a created answer names the version", post(), step("HEAD", (200, 204), shows={"tus-resumable": "1.0.0"})),
    case("a refusal names the version", post(), step("PATCH", 409, b"x", headers={**TYPE, "Upload-Offset": "3"}, shows={"tus-resumable": "1.0.0"})),
    case("an unknown upload's answer names the version", step("HEAD", ENDED, on="unknown", shows={"tus-resumable": "1.0.0"})),
    # --- core: head
    case("head of a new upload stands at zero", post(), head(0)),
    case("head names the length", post(), head(0, Upload_Length="10")),
    case("head is never cached", post(), head(0, Cache_Control="no-store")),
    case("head answers 200", post(), head(0, status=200), level=SHOULD),
    case("head of an unknown upload", step("HEAD", ENDED, on="unknown", shows={"upload-offset": None})),
    case("head after a part", post(), patch(0, b"012"), head(3)),
    case("head twice is the same", post(), patch(0, b"012"), head(3), head(3)),
    case("head has no deferral when the length is known", post(), head(0, Upload_Defer_Length=None)),
    # --- core: patch
    case("patch from zero", post(), patch(0, b"01234"), head(5)),
    case("patch goes on", post(), patch(0, b"01234"), patch(5, b"567"), head(8)),
    case("patch byte by byte", post(), *(patch(n, BYTES[n : n + 1]) for n in range(4)), head(4)),
    case("patch with nothing in it", post(), patch(0, b""), head(0)),
    case("patch at a later offset", post(), patch(4, b"4567", 409), head(0)),
    case("patch at an earlier offset", post(), patch(0, b"01234"), patch(2, b"234", 409), head(5)),
    case("a wrong offset writes nothing", post(), patch(9, b"9", 409), patch(0, b"0"), head(1)),
    case("patch without an offset", post(), patch(None, b"0", (400, 403)), head(0)),
    case("patch at a negative offset", post(), patch(-1, b"0", (400, 403, 409)), head(0)),
    case("patch at no number", post(), patch("zero", b"0", (400, 403, 409)), head(0)),
    case("patch with a fraction", post(), patch("0.5", b"0", (400, 403, 409)), head(0)),
    case("patch of another type", post(), patch(0, b"0", (400, 415), Content_Type="text/plain"), head(0)),
    case("another type is 415", post(), patch(0, b"0", 415, Content_Type="text/plain"), level=SHOULD),
    case("patch of no type", post(), patch(0, b"0", (400, 403, 415), Content_Type=None), head(0)),
    case("patch of an unknown upload", step("PATCH", ENDED, b"0", headers={**TYPE, "Upload-Offset": "0"}, on="unknown")),
    case("patch past the end", post(), patch(0, BYTES + b"x", (400, 413)), level=OURS),
    case("patch past the end keeps nothing beyond", post(), patch(0, b"01234"), patch(5, b"567890", (400, 413)), head(5), level=OURS),
    case("the method overridden", post(), step("POST", 204, b"012", headers={**TYPE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}), head(3)),
    case("head overridden over post", post(), step("POST", (200, 204), headers={"X-HTTP-Method-Override": "HEAD"}, shows={"upload-offset": "0"}), level=SHOULD),
    # --- creation
    case("creation answers 201 and a place", post()),
    case("two creations are two uploads", post(), patch(0, b"01"), post(), head(0)),
    case("creation without a length", post((400, 412), Upload_Length=None)),
    case("a negative length", post((400, 412), Upload_Length="-1")),
    case("a length of letters", post((400, 412), Upload_Length="ten")),
    case("a length with a fraction", post((400, 412), Upload_Length="1.5")),
    case("an empty length", post((400, 412), Upload_Length="")),
    case("a length over the maximum", post(413, Upload_Length=str((64 << 30) + 1)), level=OURS),
    case("metadata are given back", post(Upload_Metadata="filename YS5qcGc="), head(0, Upload_Metadata="filename YS5qcGc=")),
    case("metadata of two names", post(Upload_Metadata="filename YS5qcGc=,batch Yg=="), head(0, Upload_Metadata="*")),
    case("metadata with a name alone", post(Upload_Metadata="secret,filename YS5qcGc="), head(0)),
    case("metadata that are no Base64", post((400, 412), Upload_Metadata="filename ###"), level=OURS),
    case("metadata with a name twice", post((400, 412), Upload_Metadata="a YQ==,a Yg=="), level=OURS),
    case("metadata without a name", post((400, 412), Upload_Metadata="a YQ==,,b Yg=="), level=OURS),
    case("metadata over eight KiB", post((400, 413), Upload_Metadata="a " + "A" * 9000), level=OURS),
    # --- creation-with-upload
    case("creation takes bytes along", post(body=b"0123", **TYPE), head(4), needs=W),
    case("creation of another type takes none", post(body=b"0123", Content_Type="text/plain"), head(0), needs=W, level=OURS),
    case("creation with bytes, then a part", post(body=b"0123", **TYPE), patch(4, b"45"), head(6), needs=W),
    case("creation with a right checksum", post(body=BYTES[:4], Upload_Checksum=f"sha1 {b64(hashlib.sha1(BYTES[:4]).digest())}", **TYPE), head(4), needs=f"{W} {C}"),
    case("creation with a wrong checksum", post(460, body=BYTES, Upload_Checksum=WRONG1, **TYPE), needs=f"{W} {C}"),
    # --- creation-defer-length
    case("a deferred length", post(**DEFER), head(0, Upload_Defer_Length="1", Upload_Length=None), needs=D),
    case("deferral of another value", post((400, 412), Upload_Length=None, Upload_Defer_Length="2"), needs=D),
    case("deferral and length", post((400, 412), Upload_Defer_Length="1"), needs=D),
    case("parts before the length", post(**DEFER), patch(0, b"0123"), head(4, Upload_Defer_Length="1"), needs=D),
    case("the length with a part", post(**DEFER), patch(0, b"0123", Upload_Length="10"), head(4, Upload_Length="10", Upload_Defer_Length=None), needs=D),
    case("the length with a later part", post(**DEFER), patch(0, b"01"), patch(2, b"23", Upload_Length="10"), head(4, Upload_Length="10"), needs=D),
    case("the same length again", post(**DEFER), patch(0, b"01", Upload_Length="10"), patch(2, b"23", Upload_Length="10"), head(4), level=OURS, needs=D),
    case("another length later", post(**DEFER), patch(0, b"01", Upload_Length="10"), patch(2, b"23", (400, 409), Upload_Length="11"), head(2, Upload_Length="10"), needs=D),
    case("a length below the offset", post(**DEFER), patch(0, b"0123"), patch(4, b"", (400, 409, 413), Upload_Length="2"), head(4), needs=D),
    case("a length that is no number", post(**DEFER), patch(0, b"01", (400, 412), Upload_Length="many"), head(0), needs=D),
    # --- checksum
    *(case(f"a right {word}", post(Upload_Length="20"), patch(0, BYTES, Upload_Checksum=value), head(10), needs=C) for word, value in (("sha1", SHA1), ("sha256", SHA256))),
    *(case(f"a wrong {word} keeps nothing", post(Upload_Length="20"), patch(0, BYTES, 460, Upload_Checksum=value), head(0), needs=C) for word, value in (("sha1", WRONG1), ("sha256", WRONG256))),
    case("after a wrong checksum the right bytes", post(Upload_Length="20"), patch(0, b"X" * 10, 460, Upload_Checksum=SHA1), patch(0, BYTES, Upload_Checksum=SHA1), head(10), needs=C),
    case("a wrong checksum of a later part", post(Upload_Length="20"), patch(0, b"abc"), patch(3, BYTES, 460, Upload_Checksum=WRONG256), head(3), needs=C),
    case("an unknown algorithm", post(), patch(0, b"01", 400, Upload_Checksum="crc99 AAAA"), head(0), needs=C),
    case("a checksum that is no Base64", post(), patch(0, b"01", 400, Upload_Checksum="sha1 ###"), head(0), needs=C, level=OURS),
    case("a checksum of the wrong size", post(), patch(0, b"01", 400, Upload_Checksum="sha1 AAAA"), head(0), needs=C, level=OURS),
    case("an empty checksum", post(), patch(0, b"01", 400, Upload_Checksum=""), head(0), needs=C, level=OURS),
    # --- expiration, termination
    case("creation tells when it ends", step("POST", 201, headers={"Upload-Length": "10"}, on="uploads", shows={"upload-expires": "*"}), needs="expiration"),
    case("a part tells when it ends", post(), step("PATCH", 204, b"0", headers={**TYPE, "Upload-Offset": "0"}, shows={"upload-expires": "*"}), needs="expiration"),
    case("termination", post(), step("DELETE", 204), needs=T),
    case("head after termination", post(), step("DELETE", 204), step("HEAD", ENDED, shows={"upload-offset": None}), needs=T),
    case("patch after termination", post(), step("DELETE", 204), patch(0, b"0", ENDED), needs=T),
    case("termination twice", post(), step("DELETE", 204), step("DELETE", ENDED), needs=T),
    case("termination of an unknown upload", step("DELETE", ENDED, on="unknown"), needs=T),
    case("termination of a half upload", post(), patch(0, b"012"), step("DELETE", 204), head(None, ENDED), needs=T),
)  # fmt: skip


def faults_of(tried: Case, line: Line, uploads: str) -> list[str]:
    """Run one case; returns what came back otherwise than it must, empty when all is well."""
    upload, found = "", []
    for number, asked in enumerate(tried.steps, 1):
        path = {"uploads": uploads, "unknown": f"{uploads}/node.unknown"}.get(asked.on, upload)
        headers = VERSION | asked.headers
        sent = {name: value for name, value in headers.items() if value is not None}
        status, shown = line(asked.method, path, sent, asked.body)
        if status == 201:
            upload = shown["location"]
        if status not in asked.status:
            found.append(f"{number} {asked.method}: {status}, not {sorted(asked.status)}")
        for name, value in asked.shows.items():
            if not (name in shown if value == "*" else shown.get(name) == value):
                found.append(f"{number} {asked.method}: {name} is {shown.get(name)}, not {value}")
    return found
