"""For how long what a process has taken stays its own: what a dead one leaves behind is free after that, not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Terms:
    """`inbox` may be short: one that runs out early costs work done twice, of which only one is written.

    `outbox` must be longer than any channel's send_timeout and the writing of its outcome (rule 6): what ran out may
    be sent a second time. `account` is renewed every third of it. `stop`: how long what is claimed may take to finish
    when the program is to end; service managers kill after 30 seconds or later.
    """

    account: timedelta = timedelta(seconds=30)
    inbox: timedelta = timedelta(seconds=20)
    outbox: timedelta = timedelta(seconds=60)
    stop: timedelta = timedelta(seconds=25)


STANDARD: Final = Terms()
