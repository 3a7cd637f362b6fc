"""A C-STORE receiver (PS3.4 B, PS3.7 9.1.1): what is sent lands as an upload for a curator.

Off unless the operator starts it (`flask --app wsgi bank receive`), and closed to all but the
peers that are named: by AE title and host together, for a title alone can be claimed by anyone.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt
from sqlalchemy import select
from sqlalchemy.orm import Session

from trainer.data.uploads import Upload
from trainer.services import upload_pieces, uploads
from trainer.services.errors import OperatorError, ServiceError
from trainer.services.uploads import Store

log = logging.getLogger("telltale")

#: What a peer sends within this time of its last image goes into the same upload.
QUIET = timedelta(minutes=10)
MOST_ASSOCIATIONS = 8
#: The SOP class by which a peer asks whether we are there (C-ECHO).
VERIFICATION = "1.2.840.10008.1.1"
#: Statuses of PS3.4 B.2.3 and PS3.7 C.
SUCCESS, NOT_AUTHORISED, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0x0124, 0xA700, 0xC000


@dataclass(frozen=True, slots=True)
class Peer:
    """Who may send: an AE title, and the host it must come from."""

    title: str
    host: str


def peers(setting: str) -> tuple[Peer, ...]:
    """Read ``TITLE@host`` entries, separated by spaces.

    Raises
    ------
    OperatorError
        When there is none, or one lacks its host.
    """
    found = []
    for entry in setting.split():
        title, _, host = entry.partition("@")
        if not title or not host or len(title) > 16:
            raise OperatorError(f"TRAINER_DICOM_PEERS: {entry!r} is not TITLE@address")
        found.append(Peer(title, host))
    if not found:
        raise OperatorError(
            "TRAINER_DICOM_PEERS names nobody, so nobody may send. Set it to TITLE@address of each "
            "peer, separated by spaces."
        )
    return tuple(found)


class Receiver:
    """A storage SCP that keeps what it is sent as uploads.

    Parameters
    ----------
    transaction : callable
        Opens a session and commits it at the end.
    store : Store
        Where uploads lie, and what they may come to.
    title : str
        Our AE title.
    allowed : tuple of Peer
        Who may send.
    now : callable
        The clock.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Session]],
        store: Store,
        title: str,
        allowed: tuple[Peer, ...],
        now: Callable[[], datetime],
    ) -> None:
        self.transaction = transaction
        self.store = store
        self.allowed = allowed
        self.now = now
        self._one_at_a_time = threading.Lock()
        self._seen: dict[Any, int] = {}
        self._server: Any = None
        self.ae = AE(ae_title=title)
        self.ae.maximum_associations = MOST_ASSOCIATIONS
        self.ae.acse_timeout, self.ae.dimse_timeout, self.ae.network_timeout = 30, 60, 60
        self.ae.require_called_aet = True
        self.ae.require_calling_aet = sorted({peer.title for peer in allowed})
        self.ae.add_supported_context(VERIFICATION)
        for context in AllStoragePresentationContexts:
            self.ae.add_supported_context(str(context.abstract_syntax), ALL_TRANSFER_SYNTAXES)

    def start(self, host: str, port: int) -> int:
        """Listen; return the port."""
        handlers: list[Any] = [
            (evt.EVT_ACCEPTED, self._accepted),
            (evt.EVT_CONN_CLOSE, self._closed),
            (evt.EVT_DATA_RECV, self._came),
            (evt.EVT_C_STORE, self._stored),
        ]
        try:
            self._server = self.ae.start_server((host, port), block=False, evt_handlers=handlers)
        except OSError as fault:
            raise OperatorError(f"cannot listen on {host}:{port}: {fault.strerror}") from fault
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop listening and end all associations."""
        if self._server is not None:
            self._server.shutdown()
            self._server = None
        self.ae.shutdown()

    def _accepted(self, event: Any) -> None:
        if self._peer(event) not in self.allowed:
            log.warning("dicom: ended an association from a host that is not named")
            event.assoc.abort()

    def _peer(self, event: Any) -> Peer:
        asking = event.assoc.requestor
        return Peer(str(asking.ae_title).strip(), str(asking.address))

    def _closed(self, event: Any) -> None:
        self._seen.pop(event.assoc, None)

    def _came(self, event: Any) -> None:
        """Count the bytes since the last image: one that never ends must not fill the memory."""
        so_far = self._seen.get(event.assoc, 0) + len(event.data)
        self._seen[event.assoc] = so_far
        if so_far > self.store.limits.entry_bytes + 2**22:
            log.warning("dicom: ended an association that sent an image above the limit")
            event.assoc.abort()

    def _stored(self, event: Any) -> int:
        self._seen[event.assoc] = 0
        peer = self._peer(event)
        if peer not in self.allowed:
            return NOT_AUTHORISED
        try:
            uid = str(event.request.AffectedSOPInstanceUID)
            data = event.encoded_dataset()
            with self._one_at_a_time, self.transaction() as session:
                self._keep(session, peer, uid, data)
        except ServiceError as fault:
            log.warning("dicom: an image was refused: %s", fault)
            return OUT_OF_RESOURCES
        except Exception as fault:
            log.error("dicom: an image was not kept: %s", type(fault).__name__)
            return CANNOT_UNDERSTAND
        return SUCCESS

    def _keep(self, session: Session, peer: Peer, uid: str, data: bytes) -> None:
        now = self.now()
        upload = self._upload(session, peer, now)
        # Named by a hash: a UID leads to a patient, and the same image again is the same file.
        name = f"{hashlib.sha256(uid.encode()).hexdigest()[:24]}.dcm"
        stamp = hashlib.sha256(data).hexdigest()[:40]
        upload_pieces.put_whole(session, None, upload, name, data, stamp, self.store, now=now)

    def _upload(self, session: Session, peer: Peer, now: datetime) -> uuid.UUID:
        title = f"Sent by {peer.title}"
        open_one = session.scalar(
            select(Upload)
            .where(
                Upload.origin == "dicom",
                Upload.state == "open",
                Upload.title == title,
                Upload.touched_at > now - QUIET,
            )
            .order_by(Upload.touched_at.desc())
        )
        if open_one is not None:
            return open_one.id
        uploads.sweep(session, self.store, now=now)
        return uploads.make(session, None, now=now, origin="dicom", title=title)
