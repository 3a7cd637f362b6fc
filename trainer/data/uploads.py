"""What a curator brings in, before it is in the bank: private, and removed afterwards."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trainer.data.base import Base, new_id


class Upload(Base):
    """One delivery of files. Their bytes lie in the upload folder under its id."""

    __tablename__ = "upload"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    #: Nobody: it was sent by DICOM, and any curator may take it.
    owner_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    #: ``browser``, ``pacs`` or ``dicom``.
    origin: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200), default="")
    #: ``open`` (files come), ``looked`` (what came is known), ``done``, ``discarded``.
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    #: The last job's id, what the curator said, the report.
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: Of the last act or byte: what is left alone for too long is removed.
    touched_at: Mapped[datetime] = mapped_column(index=True)


class UploadFile(Base):
    """One file of an upload and how much of it has come."""

    __tablename__ = "upload_file"
    __table_args__ = (UniqueConstraint("upload_id", "name"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"))
    #: Path below the upload, as the browser named it.
    name: Mapped[str] = mapped_column(String(1000))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    #: Tells an edited file of the same name and size apart: when it was last changed.
    stamp: Mapped[str] = mapped_column(String(40), default="")
