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
PROFILES = ("preview", "thumbnail", "poster", "ladder/master.m3u8", "first/master.m3u8", "waveform")

schemathesis.openapi.media_type(OFFSET_TYPE, st.binary(max_size=4096))


@schemathesis.serializer(OFFSET_TYPE)
def send_as_it_is(_ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def number_of(drawn) -> int:
    """A number that is the same whenever the same was drawn."""
    return zlib.crc32(repr(sorted(drawn.items())).encode("utf-8", "replace"))


@schemathesis.hook
def map_headers(_ctx, headers):
    """Half of the uploads are announced as clients do: a length or its promise, not both, and metadata that can be read."""
    if not headers or "Upload-Metadata" not in headers or number_of(headers) % 2:
        return headers
    key = base64.b64encode(repr(number_of(headers)).encode()).decode()
    sane = {name: text for name, text in headers.items() if name != "Upload-Checksum"}
    sane["Upload-Metadata"] = METADATA + key
    if "Upload-Length" in sane:
        sane.pop("Upload-Defer-Length", None)
    return sane


@schemathesis.hook
def map_path_parameters(_ctx, path_parameters):
    """Two of three requests about an asset are about one that exists, so that they reach beyond the gate."""
    if not path_parameters:
        return path_parameters
    drawn = number_of(path_parameters)
    if UPLOADS and "upload_id" in path_parameters and drawn % 3:
        return path_parameters | {"upload_id": UPLOADS[drawn // 3 % len(UPLOADS)]}
    if not ASSETS or "asset_id" not in path_parameters or drawn % 3 == 0:
        return path_parameters
    known = path_parameters | {"asset_id": ASSETS[drawn // 3 % len(ASSETS)]}
    if "profile" in known and drawn % 2:
        known["profile"] = PROFILES[drawn // 7 % len(PROFILES)]
    return known
