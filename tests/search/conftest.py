"""A shelf of described assets in a real catalogue, and the real index beside it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archive.catalogue.originals import Storing
from archive.model.agent import OPERATOR
from archive.model.asset import Asset, AssetType, Original, Visibility
from archive.model.description import Description
from archive.model.ids import AssetId, UploadId, new_id
from archive.model.multilingual import Multilingual, Value
from archive.model.taken import Precision, Taken
from search.find import SearchRequest, find
from search.index.embedded import EmbeddedIndex
from search.indexer import drain

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MULTILINGUAL = {"title", "headline", "description", "alt_text", "extended_description", "credit"}


def described(**said):
    """A description: languages as plain mappings, `day` as the date taken."""
    fields = {
        name: Multilingual({tag: Value(text=text, source="typed") for tag, text in value.items()})
        if name in MULTILINGUAL
        else value
        for name, value in said.items()
        if name != "day"
    }
    if "day" in said:
        start = datetime.fromisoformat(said["day"]).replace(tzinfo=ZoneInfo("Asia/Baku"))
        fields["taken"] = Taken(
            text=said["day"],
            precision=Precision.DAY,
            offset=None,
            offset_source=None,
            earliest=start.astimezone(UTC),
            latest=(start + timedelta(days=1, microseconds=-1)).astimezone(UTC),
            source="typed",
        )
    return Description(**fields)


class Shelf:
    """Puts assets into the catalogue, indexes them and finds them."""

    def __init__(self, catalogue, index, owner):
        self.catalogue = catalogue
        self.index = index
        self.owner = owner
        self.secret = b"secret"
        self.now = NOW
        self.count = 0

    def put(self, *, owner=None, about=None, **said):
        self.count += 1
        self_id = AssetId(new_id(NOW + timedelta(seconds=self.count)))
        owner = (owner or self.owner).id
        original = Original(
            key=f"k/{self_id}",
            filename=f"DSC_{self.count:04d}.JPG",
            size_bytes=1,
            sha256=f"{self.count:064x}",
            sha512="0" * 128,
            media_type="image/jpeg",
            extension="jpg",
            tag="00000000",
        )
        about = {"visibility": Visibility.PUBLISHED} | (about or {})
        asset = Asset(
            id=self_id,
            number=0,
            revision=1,
            type=AssetType.PHOTO,
            owner=owner,
            original=original,
            deposited_at=NOW - timedelta(minutes=self.count),
            chosen=described(**said),
            **about,
        )
        with self.catalogue.writing() as tx:
            tx.originals.begin(
                Storing(
                    asset=asset.id,
                    upload=UploadId(f"u{self.count}"),
                    owner=owner,
                    type=asset.type,
                    original=original,
                    flags=(),
                    receipt={},
                    begun=NOW,
                )
            )
            return tx.assets.add(asset)

    def drain(self):
        taken = 0
        while batch := drain(catalogue=self.catalogue, index=self.index):
            taken += batch
        return taken

    def find(self, q="", *, agent=OPERATOR, **request):
        return find(
            SearchRequest(q=q, **request),
            index=self.index,
            catalogue=self.catalogue,
            agent=agent,
            now=self.now,
            secret=self.secret,
            zone=ZoneInfo("Asia/Baku"),
        )

    def ids(self, q="", **request):
        return [asset.id for asset in self.find(q, **request).items]


@pytest.fixture
def index(tmp_path):
    made = EmbeddedIndex(tmp_path / "index")
    made.prepare()
    yield made
    made.lay_down()


@pytest.fixture
def shelf(catalogue, index, photographer):
    return Shelf(catalogue, index, photographer)
