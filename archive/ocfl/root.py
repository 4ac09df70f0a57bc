"""The OCFL storage root: what stands there beside the objects."""

from archive import keys
from archive.objects.port import ObjectStore
from archive.ocfl.inventory import ROOT_DECLARATION, spell
from archive.ocfl.readme import READMES

_LAYOUT = {
    "extension": keys.LAYOUT_NAME,
    "description": "Objects lie under two pairs of hexadecimal digits of the SHA-256 of their id.",
}
_LAYOUT_CONFIG = {
    "extensionName": keys.LAYOUT_NAME,
    "digestAlgorithm": "sha256",
    "tupleSize": keys.TUPLE_SIZE,
    "numberOfTuples": keys.TUPLES,
}


def require_root(objects: ObjectStore) -> None:
    """Write the storage root's own files where they are missing; the declaration comes last, so its presence means all."""
    name, declared = ROOT_DECLARATION
    declaration = f"{keys.ARCHIVE_ROOT}/{name}"
    if objects.stat(declaration):
        return
    for language, text in READMES.items():
        objects.put(f"{keys.ARCHIVE_ROOT}/README.{language}.txt", text.encode(), replace=True)
    config = f"{keys.ARCHIVE_ROOT}/extensions/{keys.LAYOUT_NAME}/config.json"
    objects.put(config, spell(_LAYOUT_CONFIG), replace=True)
    objects.put(f"{keys.ARCHIVE_ROOT}/ocfl_layout.json", spell(_LAYOUT), replace=True)
    objects.put(declaration, declared)
