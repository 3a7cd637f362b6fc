"""Mail goes out beside the request, so that how long an answer takes says nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from trainer import clock
from trainer.services import resets
from trainer.services.database import Database
from trainer.services.mail import Letter, Mailer

log = logging.getLogger("telltale")

RESET = """Hello {name},

someone, we hope you, asked for a new password for Telltale. Choose it here within the hour:

{url}

If it was not you, do nothing: your password stays as it is.
"""

INVITATION = """Hello {name},

you are invited to Telltale, where you learn to tell authentic medical images from made or
tampered ones. Choose your password here within seven days:

{url}
"""


class PostRoom:
    """One thread that makes links and sends letters, in the order in which they were asked for.

    Parameters
    ----------
    database : Database
        Where people are looked up.
    mailer : Mailer
        What sends the letters.
    """

    def __init__(self, database: Database, mailer: Mailer) -> None:
        self.database = database
        self.mailer = mailer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="post")
        self._last: Future[None] | None = None

    def reset(self, email: str, url_of: Callable[[str], str]) -> None:
        """Send a link to choose a new password, if the address has an account."""

        def work() -> None:
            with self.database.transaction() as session:
                link = resets.ask(session, email, now=clock.now())
            if link:
                text = RESET.format(name=link.name, url=url_of(link.token))
                self.mailer.send(Letter(link.email, "A new password for Telltale", text))

        self._submit(work)

    def invite(self, name: str, email: str, url: str) -> None:
        """Send an invitation."""
        text = INVITATION.format(name=name, url=url)
        self._submit(lambda: self.mailer.send(Letter(email, "You are invited to Telltale", text)))

    def settle(self) -> None:
        """Wait until everything asked for so far is done."""
        if self._last:
            self._last.result()

    def _submit(self, work: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception as fault:  # the asker is gone: the operator must read of it
                log.error("a letter was not sent: %s", fault)

        self._last = self._thread.submit(guarded)
