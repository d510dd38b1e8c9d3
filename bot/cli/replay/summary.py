"""The figures of a replay: what a person wants to know before letting the program into a group. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cli.replay.conversation import Conversation, Part
from bot.cli.replay.outcome import FoundCase, NearMiss, Outcome, Told
from classifiers.verdict import Intent

_MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Day:
    """`cards`: cases shown at once; `listed`: cases of the lists; `group`: what the group would have heard."""

    date: date
    messages: int
    cards: int
    listed: int
    group: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    talk: Conversation
    case: FoundCase


@dataclass(frozen=True, slots=True)
class PostLine:
    talk: Conversation
    told: Told


@dataclass(frozen=True, slots=True)
class NearLine:
    """A message that was no case though a word of the rules stood in it."""

    talk: Conversation
    near: NearMiss
    said: str


@dataclass(frozen=True, slots=True)
class Summary:
    """`silent`: residents' messages of no case, `staff_words`: those of staff.

    `promised`: how much more the group would hear if every sure case were confirmed and closed.
    """

    talks: int
    title: str
    messages: int
    people: int
    staff: tuple[str, ...]
    first: datetime
    last: datetime
    days: tuple[Day, ...]
    cases: tuple[CaseLine, ...]
    posts: tuple[PostLine, ...]
    to_staff: int
    promised: int
    silent: int
    staff_words: int
    ignored: tuple[tuple[Intent, int], ...]
    near: tuple[NearLine, ...]
    failed: tuple[str, ...]

    @property
    def sure(self) -> int:
        return sum(line.case.sure for line in self.cases)

    @property
    def perhaps(self) -> int:
        return len(self.cases) - self.sure

    def a_day(self, number: int) -> float:
        """The mean of a figure over the days, those without a message included."""
        return number / len(self.days)


def summarise(outcomes: Sequence[Outcome], zone: ZoneInfo) -> Summary:
    """At least one outcome with at least one message."""
    said = [(outcome.conversation, one) for outcome in outcomes for one in outcome.conversation.said]
    cases = tuple(CaseLine(outcome.conversation, case) for outcome in outcomes for case in outcome.cases)
    told = [PostLine(outcome.conversation, one) for outcome in outcomes for one in outcome.told if not one.changed]
    posts = tuple(line for line in told if line.told.in_group)
    ignored: Counter[Intent] = Counter()
    for outcome in outcomes:
        ignored.update(outcome.ignored)
    moments = [one.at.astimezone(zone) for _, one in said]
    people = {(talk.id, one.who.id) for talk, one in said}
    staff = dict.fromkeys(one.who.name for _, one in said if one.who.part is not Part.RESIDENT)
    return Summary(
        talks=len(outcomes),
        title=outcomes[0].conversation.title if len(outcomes) == 1 else f"{len(outcomes)} 段聊天",
        messages=len(said),
        people=len(people),
        staff=tuple(staff),
        first=min(moments),
        last=max(moments),
        days=_days(moments, cases, posts, zone),
        cases=tuple(sorted(cases, key=lambda line: (line.case.reported_at, line.case.number))),
        posts=posts,
        to_staff=sum(not line.told.in_group for line in told),
        promised=sum(_promised(line.case) for line in cases),
        silent=sum(ignored.values()),
        staff_words=sum(outcome.staff_words for outcome in outcomes),
        ignored=tuple(ignored.most_common()),
        near=_near(outcomes),
        failed=tuple(reason for outcome in outcomes for reason in outcome.failed),
    )


def _promised(case: FoundCase) -> int:
    """The acceptance and the result, as far as nobody has said them yet; a sensitive matter is told to nobody there."""
    if not case.sure or case.sensitive or case.state == "closed":
        return 0
    return 2 if case.state == "reported" else 1


def _near(outcomes: Iterable[Outcome]) -> tuple[NearLine, ...]:
    """The likeliest to be wrong first: what sounds like a matter, then what has the most words of the rules."""
    lines = []
    for outcome in outcomes:
        texts = {one.index: one.text for one in outcome.conversation.said}
        lines += [NearLine(outcome.conversation, near, texts[near.index]) for near in outcome.near]
    return tuple(sorted(lines, key=lambda line: (line.near.intent is not Intent.REPORT, -len(line.near.words))))


def _days(
    moments: Iterable[datetime], cases: Iterable[CaseLine], posts: Iterable[PostLine], zone: ZoneInfo
) -> tuple[Day, ...]:
    """Every day from the first to the last on which something was said or told."""
    said = Counter(moment.date() for moment in moments)
    reported = [(line.case.reported_at.astimezone(zone).date(), line.case.sure) for line in cases]
    cards, listed = Counter(day for day, sure in reported if sure), Counter(day for day, sure in reported if not sure)
    group = Counter(line.told.at.astimezone(zone).date() for line in posts)
    known = [*said, *cards, *listed, *group]
    first, last = min(known), max(known)
    if (last - first).days > _MOST_DAYS:
        span = sorted(set(known))  # two talks decades apart: only the days themselves
    else:
        span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(Day(day, said[day], cards[day], listed[day], group[day]) for day in span)
