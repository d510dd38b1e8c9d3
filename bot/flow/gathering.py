"""How many reports of one person become cases of their own; what he says beyond that is gathered in one.

Nobody sees ten matters of his own in an hour; who seems to is a joker, a script, or passes on a list. Nothing of it is
lost: the case that gathers holds the words, and staff get its card like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cases.desk import Report
from bot.cases.outcome import Outcome
from bot.cases.states import OPEN, State
from bot.flow.hands import Hand
from storage import cases
from storage.records import CaseRow

HOUR = timedelta(hours=1)
MOST = 10
MOST_URGENT = 20  # emergencies are counted apart: ten lamps must not keep a fire waiting
MOST_ADVICE = 3  # of one person; by then the group has read what to do
UNNAMED = "other.other"


@dataclass(frozen=True, slots=True)
class Lately:
    """What one person has reported within an hour, the newest first."""

    cases: Sequence[CaseRow]

    def is_full(self, urgency: str) -> bool:
        """Whether one more report of this urgency is gathered."""
        return self._count(urgency) >= (MOST_URGENT if urgency == "emergency" else MOST)

    def is_advised(self) -> bool:
        return self._count("emergency") > MOST_ADVICE

    def _count(self, urgency: str) -> int:
        return sum((case.urgency == "emergency") is (urgency == "emergency") for case in self.cases)


def lately(hand: Hand, reporter_id: int | None, said_at: datetime) -> Lately:
    """Nameless people are counted together, in each chat."""
    since = said_at - HOUR
    if reporter_id is not None:
        return Lately(cases.recent_of_reporter(hand.conn, reporter_id, since))
    found = cases.in_chat(hand.conn, hand.moment.chat.id, since)
    return Lately([case for case in found if case.reporter_id is None])


def gather(hand: Hand, filed: Report, before: Lately) -> tuple[CaseRow | None, Outcome]:
    """Into the case that gathers already, given as well, or into a new one."""
    known = next((case for case in before.cases if _takes(hand, case, filed)), None)
    if known is not None:
        more = hand.desk.supplement(filed.reporter_id, known.id, text=filed.text, photos=filed.photos)
        return known, more
    opens = hand.voice.texts.say("gathered.opens", count=len(before.cases))
    first = replace(
        filed, category=UNNAMED, place="", lat=None, lon=None, matched="", text=f"{opens}\n{filed.text}", gathers=True
    )
    return None, hand.desk.report(first)


def _takes(hand: Hand, case: CaseRow, filed: Report) -> bool:
    """It gathers, for the same people to see and on the same clock."""
    alike = (case.sensitive, case.urgency == "emergency") == (filed.sensitive, filed.urgency == "emergency")
    if case.category != UNNAMED or not alike or State(case.state) not in OPEN:
        return False
    if case.area_id != hand.desk.grid_of(filed):
        return False
    first = cases.first_event(hand.conn, case.id)
    return first is not None and bool(first.data.get("gathers"))
