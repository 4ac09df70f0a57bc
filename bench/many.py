"""Thousands of photographs as deposits leave them in a catalogue, without their bytes: what an index is measured with."""

import random
from datetime import UTC, datetime, timedelta

from press_records import PHOTOGRAPHERS, PLACES, STORIES

from archive.catalogue.engine import Catalogue
from archive.catalogue.originals import Storing
from archive.model.agent import Role
from archive.model.asset import Asset, AssetType, Original, Visibility
from archive.model.description import Description, Keyword, Link
from archive.model.ids import AgentId, AssetId, UploadId, new_id
from archive.model.multilingual import Multilingual, Value
from archive.model.taken import Precision, Taken

AT_ONCE = 500
BEGIN = datetime(2012, 1, 1, 9, 0, tzinfo=UTC)
GIVEN = [
    "Leyla",
    "Elçin",
    "Şəhla",
    "Orxan",
    "Günel",
    "Çingiz",
    "Nigar",
    "Rəşad",
    "Aysel",
    "Tural",
    "Kamran",
    "Səbinə",
    "Фёдор",
    "Ольга",
    "Anna",
    "James",
]
FAMILY = [
    "Quliyeva",
    "Məmmədov",
    "Hüseynzadə",
    "Əliyev",
    "Cəfərova",
    "İsgəndərov",
    "Vəliyeva",
    "İsmayılov",
    "Abbasova",
    "Rzayev",
    "Həsənli",
    "Nəbiyeva",
    "Щербакова",
    "Лукьянов",
    "Зимина",
    "Громов",
    "Whitfield",
    "Ashdown",
    "Turner",
    "Okafor",
    "Kərimli",
    "Şirinov",
    "Babayeva",
    "Tağızadə",
]


def fill(catalogue: Catalogue, records: int) -> None:
    """The assets, as deposits leave them in the catalogue, many in one transaction."""
    chance = random.Random(20261124)
    with catalogue.writing() as tx:
        owner = tx.accounts.add(
            email="desk@media.test", name="Desk", role=Role.PHOTOGRAPHER, password_hash=None
        ).id
    for start in range(0, records, AT_ONCE):
        with catalogue.writing() as tx:
            for number in range(start, min(start + AT_ONCE, records)):
                asset = photograph(number, owner, chance)
                tx.originals.begin(storing(asset))
                tx.assets.add(asset)


def storing(asset: Asset) -> Storing:
    return Storing(
        asset=asset.id,
        upload=UploadId(f"u{asset.id}"),
        owner=asset.owner,
        type=asset.type,
        original=asset.original,
        flags=(),
        receipt={},
        begun=asset.deposited_at,
    )


def photograph(number: int, owner: AgentId, chance: random.Random) -> Asset:
    """One photograph: a title, a long caption in up to three languages, people out of 384, places, keywords."""
    at = BEGIN + timedelta(hours=number * 6, minutes=chance.randrange(300))
    identity = AssetId(new_id(at))
    city, country = chance.choice(PLACES)
    title, *captions = chance.sample(STORIES, 4)
    told = [item for story in (title, *captions) for item in story.keywords.items()]
    words = [(tag, text) for tag, some in told for text in some]
    said = Description(
        title=texts(title.title),
        description=texts(
            {
                tag: " ".join(caption.caption.get(tag, "") for caption in captions) + f" {number}"
                for tag in ("az", "en", "ru")
            }
        ),
        keywords=tuple(
            Keyword(text=text, source="typed", language=tag)
            for tag, text in chance.sample(words, 3)
        ),
        people=tuple(
            Link(labels={"az": f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"}, source="typed")
            for _ in range(chance.randrange(3))
        ),
        creator=(chance.choice(PHOTOGRAPHERS),),
        city=city,
        country=country,
        taken=Taken(
            text=at.date().isoformat(),
            precision=Precision.DAY,
            offset=None,
            offset_source=None,
            earliest=at,
            latest=at + timedelta(hours=1),
            source="typed",
        ),
    )
    return Asset(
        id=identity,
        number=0,
        revision=1,
        type=AssetType.PHOTO,
        owner=owner,
        original=Original(
            key=f"k/{identity}",
            filename=f"DSC_{number:05d}.JPG",
            size_bytes=1,
            sha256=f"{number + 1:064x}",
            sha512="0" * 128,
            media_type="image/jpeg",
            extension="jpg",
            tag="00000000",
        ),
        deposited_at=at,
        visibility=Visibility.PUBLISHED if number % 5 else Visibility.DRAFT,
        chosen=said,
    )


def texts(said: dict[str, str]) -> Multilingual:
    return Multilingual(
        {tag: Value(text=text, source="typed") for tag, text in said.items() if text.strip()}
    )
