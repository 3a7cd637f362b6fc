"""Whether the installation can do its work at this moment."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from trainer.data.images import Image
from trainer.services.blobs import BlobStore

NO_BLOB = "0" * 64


def check(session: Session, store: BlobStore) -> dict[str, str]:
    """Ask the database and the blob store a question each.

    The store is asked for an image the database knows of, so that a database that was moved
    without its pixels is noticed.

    Returns
    -------
    dict
        ``ok``, or what is wrong, by part.
    """
    try:
        blocks = session.scalar(select(Image.blocks).limit(1))
    except SQLAlchemyError:
        return {"database": "cannot be read", "images": "not asked"}
    try:
        found = store.has(blocks[0] if blocks else NO_BLOB)
    except Exception:  # whatever an object store's driver raises
        return {"database": "ok", "images": "cannot be reached"}
    missing = bool(blocks) and not found
    return {"database": "ok", "images": "pixels are missing" if missing else "ok"}
