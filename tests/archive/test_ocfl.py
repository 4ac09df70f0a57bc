"""OCFL objects as the real way in writes them: valid for a stranger's validator, exact in their names, whole after any crash."""

import base64
import hashlib
import json
import subprocess
import sys
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from depositing import deposit, send
from making import jpeg
from valid import complaints, require_valid

from archive import faults, keys
from archive.catalogue.engine import Catalogue
from archive.errors import Conflict, FixityMismatch, ObjectMissing
from archive.model.ids import AssetId
from archive.ocfl.commit import commit_first_version
from archive.ocfl.root import require_root
from ingest.receive import NewUpload

ROOT = Path(__file__).parent.parent.parent
NAMES = {
    "az": "Şuşa — Cıdır düzü, Üzeyir Hacıbəyli.jpg",
    "ru": "Праздник ёлки № 1.jpg",
    "nfc": unicodedata.normalize("NFC", "Ağdam й.jpg"),
    "nfd": unicodedata.normalize("NFD", "Ağdam й.jpg"),
    "emoji": "📷 \"back\\slash\" 'quotes'.jpg",
    "line feed": "two\nlines.jpg",
    "leading dash": "-rf.jpg",
    "trailing space": "photo.jpg ",
    "right to left": "photo\u202egpj.exe.jpg",
    "control": "tab\tbell\x07.jpg",
    "300 octets": "ə" * 148 + ".jpg",
    "dots inside": "..hidden..jpg",
}
UNFIT = {"slash": "folder/photo.jpg", "empty": "", "dot": ".", "dots": "..", "nul": "a\0b.jpg"}

IN_FILES = pytest.mark.parametrize("keeper_of_objects", ["files"])  # they look into its folder


def inventory_of(objects, asset: str) -> dict:
    root = keys.object_root(keys.object_id(AssetId(asset)))
    return json.loads(objects.read(f"{root}/inventory.json"))


def names_in(inventory: dict) -> dict[str, str]:
    """Logical name → the digest it stands for."""
    state = inventory["versions"]["v1"]["state"]
    return {name: digest for digest, names in state.items() for name in names}


@pytest.mark.parametrize("kind", NAMES)
def test_the_exact_name_stands_in_the_inventory(
    receiver, photographer, catalogue, objects, kind
) -> None:
    data = jpeg()
    asset = deposit(receiver, photographer, data, catalogue=catalogue, name=NAMES[kind])
    names = names_in(inventory_of(objects, asset.id))
    assert names.get(f"original/{NAMES[kind]}") == hashlib.sha512(data).hexdigest()
    assert set(names) == {f"original/{NAMES[kind]}", "provenance/receipt.json"}
    assert asset.original.filename == NAMES[kind]


def receipt_of(objects, asset) -> dict:
    root = keys.object_root(keys.object_id(asset.id))
    tag = asset.original.tag
    return json.loads(objects.read(f"{root}/v1/content/provenance/receipt-{tag}.json"))


@pytest.mark.parametrize("kind", UNFIT)
def test_a_name_that_cannot_be_a_path_is_kept_in_the_receipt(
    receiver, photographer, catalogue, objects, kind
) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue, name=UNFIT[kind])
    assert "original/unnamed.jpg" in names_in(inventory_of(objects, asset.id))
    receipt = receipt_of(objects, asset)
    octets = base64.b64decode(receipt["name_bytes_base64"] or "")
    assert (receipt["name"] or octets.decode()) == UNFIT[kind]


def test_a_name_that_is_no_utf8_is_kept_octet_by_octet(
    receiver, photographer, catalogue, objects
) -> None:
    octets = b"\xea\xe5\xed\xf2.jpg"  # windows-1251
    asset = deposit(
        receiver,
        photographer,
        jpeg(),
        catalogue=catalogue,
        name=octets.decode("utf-8", "replace"),
        filename_bytes=base64.b64encode(octets).decode(),
    )
    assert "original/unnamed.jpg" in names_in(inventory_of(objects, asset.id))
    receipt = receipt_of(objects, asset)
    assert receipt["name"] is None
    assert base64.b64decode(receipt["name_bytes_base64"]) == octets


@IN_FILES
def test_every_name_makes_a_valid_object(
    receiver, photographer, catalogue, objects, tmp_path
) -> None:
    for number, name in enumerate([*NAMES.values(), *UNFIT.values()]):
        deposit(receiver, photographer, jpeg(number), catalogue=catalogue, name=name)
    send(
        receiver,
        photographer,
        jpeg(99),
        name="\ufffd.jpg",
        filename_bytes=base64.b64encode(b"\xff.jpg").decode(),
    )
    require_valid(tmp_path / "objects", len(NAMES) + len(UNFIT) + 1)


@IN_FILES
def test_the_validator_sees_what_is_wrong(
    receiver, photographer, catalogue, objects, tmp_path
) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    path = tmp_path / "objects" / asset.original.key
    path.chmod(0o600)
    path.write_bytes(b"other bytes")
    assert "INVALID" in complaints(tmp_path / "objects")


def test_the_object_says_who_gave_it_and_when(receiver, photographer, catalogue, objects) -> None:
    asset = deposit(receiver, photographer, jpeg(), catalogue=catalogue)
    version = inventory_of(objects, asset.id)["versions"]["v1"]
    assert version["user"] == {
        "name": "Leyla Əliyeva",
        "address": f"https://media.test/agents/{photographer.id}",
    }
    assert version["created"].endswith("Z")
    receipt = receipt_of(objects, asset)
    assert (receipt["asset"], receipt["sha256"]) == (asset.id, asset.original.sha256)
    assert "@" not in json.dumps(receipt["depositor"], ensure_ascii=False)


def test_the_root_tells_a_stranger_how_to_read_it(objects) -> None:
    require_root(objects)
    before = {key: objects.read(key) for key in objects.keys("archive/")}
    assert {f"archive/README.{tag}.txt" for tag in ("az", "en", "ru")} <= set(before)
    assert before["archive/0=ocfl_1.1"] == b"ocfl_1.1\n"
    require_root(objects)
    assert {key: objects.read(key) for key in objects.keys("archive/")} == before


# --- stopped dead at every point, then finished by whoever comes next ------------------------------------------------

POINTS = (
    "adopt.after_sync",
    "adopt.after_row",
    "store.before_link",
    "adopt.after_original",
    "adopt.after_receipt",
    "adopt.after_version_inventory",
    "adopt.after_version_sidecar",
    "adopt.after_root_inventory",
    "adopt.after_root_sidecar",
    "adopt.after_declaration",
    "adopt.after_stored",
)
PROGRAM = """
import io, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from archive import faults
from archive.catalogue.engine import Catalogue
from archive.clock import utc_now
from archive.objects.files import FileObjects
from ingest.adopt import Adoption
from ingest.receive import Limits, Receiver
from ingest.staging import Staging

home = Path({home!r})
catalogue = Catalogue.open({url!r}, clock=utc_now)
objects = FileObjects(home / "objects")
objects.prepare()
staging = Staging(home / "staging")
adoption = Adoption(
    catalogue=catalogue, objects=objects, staging=staging, clock=utc_now, public_url="https://media.test"
)
receiver = Receiver(
    catalogue=catalogue, objects=objects, staging=staging, adoption=adoption, clock=utc_now, node="node",
    limits=Limits(low_water_bytes=0),
)
with catalogue.reading() as tx:
    upload = tx.uploads.get({upload!r})
    agent = tx.accounts.get(upload.owner).agent
data = Path({file!r}).read_bytes()
faults.arm(home / "faults")
receiver.append(upload.id, agent, 0, io.BytesIO(data), len(data))
"""


def die_at(point: str, home: Path, url: str, upload: str, data: bytes) -> int:
    """Send the last bytes in a process of their own, which ends as by kill -9 at the point."""
    (home / "faults").mkdir(exist_ok=True)
    (home / "faults" / point).touch()
    file = home / "photo"
    file.write_bytes(data)
    program = PROGRAM.format(
        tests=str(ROOT), home=str(home), url=url, upload=upload, file=str(file)
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == faults.EXIT_STATUS, done.stderr
    return done.returncode


def written_in(objects) -> dict[str, bytes]:
    return {key: objects.read(key) for key in objects.keys("archive/")}


@IN_FILES
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_leaves_an_adoption_that_can_be_finished(
    point,
    receiver,
    photographer,
    catalogue: Catalogue,
    objects,
    adoption,
    clock,
    tmp_path,
    catalogue_url,
) -> None:
    require_root(objects)  # so that "before the link" means the object's own files
    data = jpeg(5)
    upload = receiver.create(NewUpload(filename="Şəkil.jpg", length=len(data)), photographer.agent)
    die_at(point, tmp_path, catalogue_url, upload.id, data)
    clock.advance(400 * 24 * 3600)  # the dead process wrote real time
    assert adoption.recover("node", older_than=timedelta(0)) == (
        0 if point == "adopt.after_stored" else 1
    )
    first = written_in(objects)
    require_valid(tmp_path / "objects", 1)
    with catalogue.reading() as tx:
        done = tx.uploads.get(upload.id)
        asset = tx.assets.get(upload.asset)
        acts = [entry.act for entry in tx.audit.of(asset.id)]
        jobs = sorted(job.kind for job in tx.jobs.of(asset.id))
        assert len(tx.assets.after(None, 10)) == 1
    assert done.outcome["outcome"] == "stored"
    assert objects.read(asset.original.key) == data
    assert acts == ["upload.created", "asset.stored"]
    assert jobs == ["check-original", "examine-asset"]
    assert adoption.recover("node", older_than=timedelta(0)) == 0
    assert written_in(objects) == first


@pytest.fixture
def begun(receiver, photographer, catalogue, adoption, staging, clock):
    """An adoption whose row is written and whose bytes still lie in staging."""
    import io
    from dataclasses import replace

    class Dies(Exception):
        pass

    class Dying:
        def stat(self, key):
            raise Dies

    data = jpeg(5)
    upload = receiver.create(NewUpload(filename="a.jpg", length=len(data)), photographer.agent)
    receiver._adoption = replace(adoption, objects=Dying())
    with pytest.raises(Dies):
        receiver.append(upload.id, photographer.agent, 0, io.BytesIO(data), len(data))
    receiver._adoption = adoption
    with catalogue.reading() as tx:
        return tx.originals.of_upload(upload.id)


def test_a_second_attempt_writes_the_same_bytes(begun, adoption, staging, objects) -> None:
    deposit_ = adoption._deposit(begun)
    first = commit_first_version(deposit_, staged=staging.path(begun.upload), objects=objects)
    written = written_in(objects)
    second = commit_first_version(deposit_, staged=None, objects=objects)
    assert (second, written_in(objects)) == (first, written)


def test_bytes_that_are_lost_are_named_and_nothing_is_declared(begun, adoption, objects) -> None:
    with pytest.raises(ObjectMissing):
        commit_first_version(adoption._deposit(begun), staged=None, objects=objects)
    root = keys.object_root(keys.object_id(begun.asset))
    assert objects.stat(f"{root}/0=ocfl_object_1.1") is None


@pytest.mark.parametrize("there", [b"short", jpeg(6)[: len(jpeg(5))].ljust(len(jpeg(5)), b"\0")])
def test_other_bytes_under_the_key_are_a_mismatch(begun, adoption, objects, there) -> None:
    objects.put(begun.original.key, there)
    with pytest.raises(FixityMismatch):
        commit_first_version(adoption._deposit(begun), staged=None, objects=objects)


def test_an_original_is_never_replaced(begun, adoption, staging, objects) -> None:
    objects.put(begun.original.key, b"somebody else's")
    with pytest.raises(Conflict):
        adoption.store(begun)
    assert objects.read(begun.original.key) == b"somebody else's"
    assert staging.path(begun.upload).exists()
