"""Reading a file with every reader at once: two sandboxed children side by side, and what became of each."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.errors import Damaged, NoSafeDecoder
from archive.sandbox.budgets import READING
from archive.sandbox.child import Sandbox
from archive.sandbox.exiftool import ExifTool
from archive.sandbox.rungs import Input, python_program
from ingest.readers import iim

UNREAD = "metadata-unread"
RAW_IIM = "IPTC:IPTC"
BASE64 = "base64:"
TEXT_GROUPS = ("XMP-", "IFD0:", "ExifIFD:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the readers said: the header of the picture, exifread's tags, ExifTool's properties, the IIM block."""

    header: Mapping[str, Any] = field(default_factory=dict)
    exif: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    block: iim.Block = field(default_factory=iim.Block)
    tools: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    complaints: Mapping[str, str] = field(default_factory=dict)


def read_file(path: Path, decoder: str, sandbox: Sandbox) -> Report:
    """Run both readers on one file. One that fails is flagged `metadata-unread`; the other's word stands.

    Raises NoSafeDecoder when there is no sandbox to read in; a missing ExifTool alone is a flag.
    """
    with ThreadPoolExecutor(
        max_workers=2
    ) as pool:  # the children die with these threads, which outlive them
        exif = pool.submit(_attempt, lambda: _exif(path, decoder, sandbox))
        tool = pool.submit(_attempt, lambda: _exiftool(path, sandbox))
    (lines, exif_complaint), (raws, tool_complaint) = exif.result(), tool.result()
    complaints = {"exif": exif_complaint, "exiftool": tool_complaint}
    said = {name: text for name, text in complaints.items() if text is not None}
    header, tags = [*lines, {}, {}][:2]
    raw, guessed = _readable(raws[0] if raws else {})
    unread = {UNREAD} if said or len(lines) < 2 else set()
    unread |= set(guessed)
    return Report(
        header=header,
        exif=tags,
        raw=raw,
        block=_block(raw),
        tools=_tools(header, raw),
        flags=tuple(sorted(unread)),
        complaints=said,
    )


def read_properties(path: Path, sandbox: Sandbox) -> Report:
    """Run ExifTool alone, for material that is no picture; its failure is flagged `metadata-unread`.

    Raises NoSafeDecoder when there is no sandbox to read in.
    """
    raws, complaint = _attempt(lambda: _exiftool(path, sandbox))
    raw, guessed = _readable(raws[0] if raws else {})
    return Report(
        raw=raw,
        block=_block(raw),
        tools=_tools({}, raw),
        flags=tuple(sorted({*guessed, *({UNREAD} if complaint is not None else ())})),
        complaints={} if complaint is None else {"exiftool": complaint},
    )


def _attempt(
    reader: Callable[[], list[dict[str, Any]]],
) -> tuple[list[dict[str, Any]], str | None]:
    try:
        return reader(), None
    except Damaged as error:
        return [], error.tail or str(error)


def _exif(path: Path, decoder: str, sandbox: Sandbox) -> list[dict[str, Any]]:
    """The lines the child printed before it ended, by itself or by its Exif."""
    program = python_program("ingest.readers.exif", Input("original"), decoder)
    completed = sandbox.run(program, inputs={"original": path}, budget=READING)
    try:
        lines = [dict(json.loads(line)) for line in completed.stdout.splitlines()]
    except (ValueError, TypeError) as error:
        raise Damaged("the reader said nothing we understand", tail=completed.stderr) from error
    for side in ("width", "height"):
        if lines and not isinstance(lines[0].get(side), int):
            lines[0].pop(side, None)
    return lines


def _exiftool(path: Path, sandbox: Sandbox) -> list[dict[str, Any]]:
    if sandbox.rung is None:
        raise NoSafeDecoder
    try:
        tool = ExifTool.find(sandbox)
    except NoSafeDecoder as error:
        raise Damaged(str(error), detail=UNREAD) from error
    return [tool.read(path)]


def _readable(raw: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """ExifTool hands text on as Base64 when it is no UTF-8: such text is decoded by one decision for all, its octets kept."""
    encoded = {name: said for name, said in raw.items() if name.startswith(TEXT_GROUPS)}
    found = [octets for said in encoded.values() for octets in _octets(said)]
    if not found:
        return dict(raw), ()
    charset, flags = iim.decide_charset(found, b"")
    kept = {f"Octets:{name}": said for name, said in encoded.items() if any(_octets(said))}
    return {**raw, **kept, **{name: _decoded(raw[name], charset) for name in encoded}}, flags


def _octets(said: object) -> list[bytes]:
    """The octets of a value, or of those elements of a list, that are written in Base64."""
    if isinstance(said, list):
        return [octets for one in said for octets in _octets(one)]
    if not isinstance(said, str) or not said.startswith(BASE64):
        return []
    try:
        return [base64.b64decode(said.removeprefix(BASE64), validate=True)]
    except ValueError:  # also what is not ASCII
        return []


def _decoded(said: Any, charset: str) -> Any:
    if isinstance(said, list):
        return [_decoded(one, charset) for one in said]
    octets = _octets(said)
    return iim.decode(octets[0], charset) if octets else said


def _block(raw: Mapping[str, Any]) -> iim.Block:
    """The IIM block as octets, so that we decide its character set ourselves."""
    text = raw.get(RAW_IIM, "")
    encoded = next(iter(text), "") if isinstance(text, list) else str(text)
    try:
        octets = (
            base64.b64decode(encoded.removeprefix(BASE64), validate=True)
            if encoded.startswith(BASE64)
            else encoded.encode("latin-1")
        )
    except (binascii.Error, UnicodeEncodeError):
        return iim.Block(flags=(iim.DAMAGED,))
    return iim.parse(octets) if octets else iim.Block()


def _tools(header: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[str, ...]:
    versions = dict(header.get("versions", {}))
    if version := raw.get("ExifTool:ExifToolVersion"):
        versions["ExifTool"] = version
    return tuple(f"{name} {version}" for name, version in sorted(versions.items()))
