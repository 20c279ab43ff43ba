"""Whether the database's server has stopped answering anybody, which one slow query does not show.

A server that is frozen, or cut off with its network, may accept connections and statements and
never answer. Each request would hold a thread until its deadline. So when a call takes long,
another connection asks the server for a sign of life. While there is none, requests are refused at
once; the first answer lets them through again.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from data_tools.under_way.requests import under_way

logger = logging.getLogger(__name__)

LONGEST_ANSWER_SECONDS = 3  # a whole number, as libpq's timeout has to be
_SECONDS_BETWEEN_QUESTIONS = 1
_ANSWERED_LATELY_SECONDS = 5


class Silence:
    """What this process knows about the server. `is_silent` while it answers nobody."""

    def __init__(self) -> None:
        self.is_silent = False
        self._answered_at = 0.0
        self._asking = threading.Lock()

    def suspect(self) -> None:
        """Find out, in a separate thread. Returns at once; cheap to call often."""
        if time.monotonic() - self._answered_at < _ANSWERED_LATELY_SECONDS:
            return
        if self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, name="asks-database", daemon=True).start()

    def _ask(self) -> None:
        try:
            # Twice: this process may itself have been stopped for a while.
            if not (self._is_answered() or self._is_answered()):
                self._wait_for_an_answer()
            self._answered_at = time.monotonic()
        finally:
            self._asking.release()

    def _wait_for_an_answer(self) -> None:
        self.is_silent = True
        logger.error("the database's server answers nobody; requests are refused until it does")
        try:
            while not self._is_answered():
                time.sleep(_SECONDS_BETWEEN_QUESTIONS)
        finally:
            self.is_silent = False
        logger.warning("the database's server answers again")

    def _is_answered(self) -> bool:
        """Connect and ask. A refusal is an answer."""
        began = time.monotonic()
        connection = connections.create_connection(DEFAULT_DB_ALIAS)
        options = connection.settings_dict["OPTIONS"] | {"connect_timeout": LONGEST_ANSWER_SECONDS}
        connection.settings_dict = connection.settings_dict | {"OPTIONS": options}
        try:
            with under_way(LONGEST_ANSWER_SECONDS) as probe:
                probe.is_probe = True
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            # libpq counts in whole seconds, and may give up a little early.
            return time.monotonic() - began < LONGEST_ANSWER_SECONDS - 1
        finally:
            connection.close()
        return True


SILENCE = Silence()
