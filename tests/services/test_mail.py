"""Letters, sent to a real socket."""

from __future__ import annotations

import logging
import socket

import pytest

from trainer.services.errors import OperatorError
from trainer.services.mail import Letter, PrintMailer, SmtpMailer, open_mailer
from trainer.settings import Settings, SettingsError

LETTER = Letter("ann@example.org", "A new password", "Hello Zoë,\n\nhttps://x.example/a?b=c\n")
FROM = "Telltale <telltale@example.org>"


def test_a_letter_arrives_whole(smtp_server):
    server = smtp_server()
    open_mailer(f"smtp://127.0.0.1:{server.port}", FROM).send(LETTER)
    (got,) = server.letters
    assert (got["To"], got["From"], got["Subject"]) == (LETTER.to, FROM, LETTER.subject)
    assert got.get_content().replace("\r\n", "\n") == LETTER.text
    assert got["Auto-Submitted"] == "auto-generated"
    assert server.logins == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_user_and_password_go_over_tls(smtp_server, trusting, scheme):
    server = smtp_server(starttls=scheme == "smtp", tls=scheme == "smtps")
    address = f"{scheme}://me%40example.org:p%2Fw@127.0.0.1:{server.port}"
    SmtpMailer(address, FROM, trusting).send(LETTER)
    assert server.logins == [("me@example.org", "p/w")]
    assert server.guarded == [True]


def test_a_password_is_not_sent_without_tls(smtp_server):
    server = smtp_server()
    with pytest.raises(OperatorError, match="offers no TLS"):
        open_mailer(f"smtp://me:secret@127.0.0.1:{server.port}", FROM).send(LETTER)
    assert server.logins == []
    assert server.letters == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(smtp_server, scheme):
    server = smtp_server(starttls=scheme == "smtp", tls=scheme == "smtps")
    with pytest.raises(OperatorError, match="SSLCertVerificationError"):
        open_mailer(f"{scheme}://me:secret@127.0.0.1:{server.port}", FROM).send(LETTER)
    assert server.logins == []


def test_a_refused_letter_is_told_without_the_address(smtp_server):
    server = smtp_server(refuse=True)
    with pytest.raises(OperatorError, match="did not take a letter") as told:
        open_mailer(f"smtp://127.0.0.1:{server.port}", FROM).send(LETTER)
    assert LETTER.to not in str(told.value)


def test_a_server_that_is_not_there_is_told_with_its_address_and_the_cure():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OperatorError, match=rf"127\.0\.0\.1:{port}.*TRAINER_MAIL_URL"):
        open_mailer(f"smtp://127.0.0.1:{port}", FROM).send(LETTER)


def test_without_a_mail_server_the_letter_is_printed(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("telltale"), "propagate", True)
    mailer = open_mailer("print:", FROM)
    assert isinstance(mailer, PrintMailer)
    with caplog.at_level(logging.INFO, "telltale.mail"):
        mailer.send(LETTER)
    assert "https://x.example/a?b=c" in caplog.text


def test_an_address_that_is_none_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="TRAINER_MAIL_URL"):
        Settings(mail_url="mail.example.org")
    with pytest.raises(OperatorError, match="names no host"):
        open_mailer("smtp://", FROM)
