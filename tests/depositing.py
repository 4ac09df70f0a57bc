"""Depositing in tests: the same way in as every client."""

import io

from archive.catalogue.accounts import Account
from archive.catalogue.engine import Catalogue
from archive.model.asset import Asset
from archive.model.ids import AssetId
from ingest.receive import NewUpload, Receiver


def send(
    receiver: Receiver, account: Account, data: bytes, name: str = "photo.jpg", **more: object
):
    """Send a file whole; returns the finished upload."""
    upload = receiver.create(NewUpload(filename=name, length=len(data), **more), account.agent)
    if not data:
        return upload
    return receiver.append(upload.id, account.agent, upload.offset, io.BytesIO(data), len(data))


def deposit(
    receiver: Receiver, account: Account, data: bytes, *, catalogue: Catalogue, **more: object
) -> Asset:
    """Deposit a file that is taken in; returns the asset."""
    upload = send(receiver, account, data, **more)
    assert upload.outcome["outcome"] == "stored", upload.outcome
    with catalogue.reading() as tx:
        return tx.assets.get(AssetId(upload.outcome["asset"]))
