"""Sending mail: over SMTP, or, where none is set up, by printing it."""

from __future__ import annotations

import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

from trainer.services.errors import OperatorError

log = logging.getLogger("telltale.mail")
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in plain text."""

    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Something that takes letters."""

    def send(self, letter: Letter) -> None:
        """Send one letter; raise :class:`OperatorError` when it cannot be sent."""
        ...


class PrintMailer:
    """Prints letters to the log: for one machine on which operator and user are one person."""

    def send(self, letter: Letter) -> None:
        """Print it."""
        log.info("mail to %s: %s\n%s", letter.to, letter.subject, letter.text)


class SmtpMailer:
    """Sends letters over SMTP; with TLS from the start, or STARTTLS where the server offers it.

    Parameters
    ----------
    address : str
        ``smtp://user:password@host:port`` or ``smtps://...``; user and password percent-encoded.
    sender : str
        The From line.
    tls : ssl.SSLContext, optional
        How the server's certificate is checked; by default against the machine's own roots.
    """

    def __init__(self, address: str, sender: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(address)
        if not parts.hostname:
            raise OperatorError(
                "TRAINER_MAIL_URL names no host: write smtp://user:password@mail.example.org:587"
            )
        self.host, self.whole_tls = parts.hostname, parts.scheme == "smtps"
        self.port = parts.port or (465 if self.whole_tls else 587)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender
        self.tls = tls or ssl.create_default_context()

    def send(self, letter: Letter) -> None:
        """Send one letter. A password is never sent over a line without TLS."""
        try:
            with self._connect() as server:
                if not self.whole_tls and server.has_extn("starttls"):
                    server.starttls(context=self.tls)
                    server.ehlo()
                elif not self.whole_tls and self.user:
                    raise OperatorError(
                        f"the mail server {self.host}:{self.port} offers no TLS, and the password "
                        "is not sent without it: use smtps://, or leave out user and password"
                    )
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(self._message(letter))
        except (OSError, smtplib.SMTPException) as fault:
            # The server's answer may quote the address: only its kind goes into the log.
            raise OperatorError(
                f"the mail server {self.host}:{self.port} did not take a letter "
                f"({type(fault).__name__}): check TRAINER_MAIL_URL and TRAINER_MAIL_FROM"
            ) from None

    def _connect(self) -> smtplib.SMTP:
        if self.whole_tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=self.tls)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        server.ehlo()
        return server

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, letter.to
        message["Subject"] = letter.subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="telltale")
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        message.set_content(letter.text)
        return message


def open_mailer(address: str, sender: str) -> Mailer:
    """Return the mailer of ``TRAINER_MAIL_URL``."""
    return PrintMailer() if address == "print:" else SmtpMailer(address, sender)
