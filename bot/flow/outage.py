"""A database that is away: said once for the whole process, over for all as soon as it is over for one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from bot.away import why

log = logging.getLogger(__name__)
TICK = "tick:"  # begins the names of what comes round by the clock: it may find the database busy, that is no outage


class Outage:
    """`found` and `over` are told by everybody who asks the database for something, under a name of his own.

    Whoever comes through first wakes all who rest because it was away: they need not try often meanwhile.
    """

    def __init__(self) -> None:
        self._away: dict[str, str] = {}
        self._wake: dict[str, Callable[[], None]] = {}
        self._told: set[str] = set()
        self._since = 0.0

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why it is away, for each who found it so the last time."""
        return {name: reason for name, reason in self._away.items() if not name.startswith(TICK)}

    def wakes(self, name: str, wake: Callable[[], None]) -> None:
        """Called when the database is back."""
        self._wake[name] = wake

    def found(self, name: str, reason: str) -> None:
        """It is away."""
        self._away[name] = reason
        if name.startswith(TICK):
            return
        if not self._told:
            self._since = time.monotonic()
        if reason not in self._told:
            self._told.add(reason)
            facts = {"action": "database_away", "by": name, "why": reason, "remedy": f"数据库{why(reason)}"}
            log.error("database away", extra=facts)

    def over(self, name: str) -> None:
        """It answered."""
        if self._away.pop(name, None) is None:
            return
        for resting in self._away.keys() & self._wake.keys():
            self._wake[resting]()
        self._tell_the_end()

    def forget(self, name: str) -> None:
        """He asks no more."""
        self._wake.pop(name, None)
        if self._away.pop(name, None) is not None:
            self._tell_the_end()

    def _tell_the_end(self) -> None:
        if self._told and not self.reasons:
            self._told.clear()
            seconds = round(time.monotonic() - self._since, 1)
            log.warning("database back", extra={"action": "database_back", "seconds": seconds})
