"""How keys in the object store are spelled, and nowhere else. All are ASCII; user names never become keys."""

import hashlib
import re

from archive.errors import Invalid
from archive.model.ids import AssetId, JobId

MARKER = "marker.json"
ARCHIVE_ROOT = "archive"
LAYOUT_NAME = "0003-hash-and-id-n-tuple-storage-layout"
TUPLE_SIZE = 2
TUPLES = 2
_KEY = re.compile(r"[A-Za-z0-9._=%-]+(/[A-Za-z0-9._=%-]+)*")
_LONGEST = 512


def checked(key: str) -> str:
    """The key itself when it is one of ours; Invalid when it could leave the root, is empty, too long or not ASCII."""
    parts = key.split("/")
    if len(key) > _LONGEST or not _KEY.fullmatch(key) or {".", ".."} & set(parts):
        raise Invalid(f"not a key of this archive: {key[:80]!r}")
    return key


def object_id(asset: AssetId) -> str:
    """The OCFL id of an asset's object."""
    return f"urn:uuid:{asset}"


def object_root(identifier: str) -> str:
    """Where an OCFL object lies (layout extension 0003: SHA-256, two tuples of two, then the encoded id)."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    tuples = [digest[at : at + TUPLE_SIZE] for at in range(0, TUPLE_SIZE * TUPLES, TUPLE_SIZE)]
    return "/".join([ARCHIVE_ROOT, *tuples, _encoded(identifier)])


def _encoded(identifier: str) -> str:
    """Percent-encode all but unreserved characters, in lower case (extension 0003)."""
    return "".join(
        chr(octet)
        if chr(octet).isascii() and (chr(octet).isalnum() or chr(octet) in "-_")
        else f"%{octet:02x}"
        for octet in identifier.encode()
    )


def original(asset: AssetId, tag: str, extension: str) -> str:
    """The content key of an asset's original; its extension is our finding, never the given name's."""
    return f"{object_root(object_id(asset))}/v1/content/original/{tag}.{extension}"


def rendition(asset: AssetId, profile: str, job: JobId, fence: int, extension: str) -> str:
    """A rendition's key names the job and its fence, so that no two attempts ever write the same one."""
    name = profile.removesuffix(f".{extension}")
    return f"{renditions_of(asset)}{name}-{job}-{fence}.{extension}"


def is_of(job: JobId, rendition_key: str) -> bool:
    """Whether an attempt of this job wrote a rendition."""
    return f"-{job}-" in rendition_key


def fence_of(rendition_key: str) -> int:
    """The fence of the attempt that wrote a rendition."""
    return int(rendition_key.rpartition("-")[2].partition(".")[0])


def renditions_of(asset: AssetId) -> str:
    """The prefix of everything made from one asset."""
    tuple_ = asset.replace("-", "")[-4:]
    return f"renditions/{tuple_[:2]}/{tuple_[2:]}/{asset}/"
