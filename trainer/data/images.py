"""The image bank. Pixels lie in the blob store by sha256; these rows say what they are."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from trainer.core.words import Modality, Provenance, Truth
from trainer.data.base import Base, Word, new_id


class Dataset(Base):
    """A set of images with one origin and one licence."""

    __tablename__ = "dataset"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    provenance: Mapped[Provenance] = mapped_column(Word(Provenance))
    #: Never empty in a published set.
    licence: Mapped[str] = mapped_column(String(200))
    citation: Mapped[str] = mapped_column(default="")
    #: Everything else its dataset.toml says (terms, source, consent basis, contact).
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    #: Cases of a set can be played from this moment on.
    published_at: Mapped[datetime | None]
    #: Drawn anew whenever a film of the set comes, goes or changes: counts are kept by it.
    films_stamp: Mapped[uuid.UUID | None]

    cases: Mapped[list[Case]] = relationship(back_populates="dataset")


class Image(Base):
    """What is served for one case: normalised pixels, nothing else."""

    __tablename__ = "image"
    __table_args__ = (
        UniqueConstraint("dataset_id", "sha256"),
        Index("ix_image_dataset_source", "dataset_id", "source_sha256"),
        Index("ix_image_dataset_phash", "dataset_id", "phash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dataset.id"))
    #: The content's identity: of the served block, or of the sha256 of all blocks of a stack.
    sha256: Mapped[str] = mapped_column(String(64))
    #: One sha256 per slice, in order; a radiograph has one.
    blocks: Mapped[list[Any]]
    #: Of the file that came in, kept privately; empty for a made film.
    source_sha256: Mapped[str] = mapped_column(String(64), default="")
    #: What the curator's manifest calls the file; private.
    name: Mapped[str] = mapped_column(String(400), default="", server_default="")
    #: Perceptual hash of the picture as it came (64 hexadecimal digits), or empty for a made film.
    phash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    modality: Mapped[Modality] = mapped_column(Word(Modality))
    region: Mapped[str] = mapped_column(String(40))
    view: Mapped[str] = mapped_column(String(40))
    columns: Mapped[int]
    rows: Mapped[int]
    #: Length of one block in bytes, before the sitting's padding.
    block_bytes: Mapped[int]
    #: Private facts: spacing, slice positions, de-identification, normalisation and its version.
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Case(Base):
    """A film that can be put before a reader."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_pool", "dataset_id", "live"),
        Index("ix_case_set_order", "dataset_id", "id"),
        Index("ix_case_image", "image_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dataset_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("dataset.id"))
    image_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("image.id"))
    #: Cases that share anatomy (twins, one patient, one seed) share this; never two in a sitting.
    kin: Mapped[str] = mapped_column(String(80), index=True)
    #: The same anatomy without (or with) the hallmark: shown after the call, beside this one.
    twin_image_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("image.id"))
    #: ``practice`` or ``test``: kin never straddle the two.
    split: Mapped[str] = mapped_column(String(16), default="practice")
    #: What made it: a generator's or a forgery's family; one can be held out of training.
    family: Mapped[str] = mapped_column(String(80), default="")
    live: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    key_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case_key.id", use_alter=True))

    dataset: Mapped[Dataset] = relationship(back_populates="cases")
    image: Mapped[Image] = relationship(foreign_keys=[image_id])
    twin_image: Mapped[Image | None] = relationship(foreign_keys=[twin_image_id])
    key: Mapped[CaseKey | None] = relationship(foreign_keys=[key_id])


class CaseKey(Base):
    """The truth of a case as it was known at one time. Never edited: a correction adds a row."""

    __tablename__ = "case_key"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case.id"), index=True)
    truth: Mapped[Truth] = mapped_column(Word(Truth))
    #: Hallmark ids that are there; empty for an authentic film.
    hallmarks: Mapped[list[Any]]
    #: For an authentic film: the hallmark it imitates, or empty.
    mimic_of: Mapped[str] = mapped_column(String(32), default="")
    #: Outlines of the truth in native pixels: ``[{"z": slice, "points": [[x, y], ...]}, ...]``;
    #: of an authentic film, of what imitates the hallmark. So are ``everywhere`` and ``masks``.
    outlines: Mapped[list[Any]]
    #: The change is all over the film: no place to mark.
    everywhere: Mapped[bool] = mapped_column(default=False)
    #: Blocks of the truth mask in the blob store (0 or 65535) by slice: ``{"0": sha256}``.
    masks: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: Dose, reason in words, recipe, who agreed.
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
