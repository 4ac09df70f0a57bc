"""What the API fuzzer is told about our house: how a part of an upload is sent, which assets there really are."""

import base64
import os
import zlib

import schemathesis
from hypothesis import strategies as st

OFFSET_TYPE = "application/offset+octet-stream"
ASSETS = tuple(filter(None, os.environ.get("FUZZ_ASSETS", "").split(",")))
UPLOADS = tuple(filter(None, os.environ.get("FUZZ_UPLOADS", "").split(",")))
METADATA = "filename Zm90by5qcGc=,key "
PROFILES = (
    "preview",
    "thumbnail",
    "poster",
    "ladder/master.m3u8",
    "first/master.m3u8",
    "ladder/sound-2-az.mp4",
    "waveform.json",
)

schemathesis.openapi.media_type(OFFSET_TYPE, st.binary(max_size=4096))


@schemathesis.serializer(OFFSET_TYPE)
def send_as_it_is(_ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def number_of(drawn) -> int:
    """A number that is the same whenever the same was drawn."""
    return zlib.crc32(repr(sorted(drawn.items())).encode("utf-8", "replace"))


@schemathesis.hook
def before_call(_ctx, case, _kwargs):
    """Most requests that are meant to be right are about what exists and are announced as clients do; wrong ones stay wrong."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or meta.phase.name == "stateful":
        return
    if case.path_parameters:
        case.path_parameters = led(dict(case.path_parameters))
    if case.headers and "Upload-Metadata" in case.headers:
        announced(case.headers)


def led(drawn):
    """Two of three addresses name something that is there."""
    number = number_of(drawn)
    if number % 3 == 0:
        return drawn
    if UPLOADS and "upload_id" in drawn:
        drawn["upload_id"] = UPLOADS[number // 3 % len(UPLOADS)]
    if ASSETS and "asset_id" in drawn:
        drawn["asset_id"] = ASSETS[number // 3 % len(ASSETS)]
    if "profile" in drawn and number % 2:
        drawn["profile"] = PROFILES[number // 7 % len(PROFILES)]
    return drawn


def announced(headers):
    """Half of the uploads: a length or its promise, not both, and metadata that can be read."""
    number = number_of(headers)
    if number % 2:
        return
    headers.pop("Upload-Checksum", None)
    headers["Upload-Metadata"] = METADATA + base64.b64encode(str(number).encode()).decode()
    if "Upload-Length" in headers:
        headers.pop("Upload-Defer-Length", None)
