"""A whole conversation in memory: a gate by rule 7, cases and links by the decisions. No flow, no database.

It keeps what the real program keeps and forgets what that forgets, so that a dialogue can be cut into arrival batches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.model import Attachment, ChatKind, Inbound, InboundKind, Sender
from bot.talk import decisions as d
from bot.talk import phrases
from bot.talk.commands import Quoted, Verb, parse
from bot.talk.dialogue import decide
from classifiers.verdict import Verdict
from storage.records import CaseRow, LinkRow

START = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)
HELD = timedelta(minutes=2)
DAY = timedelta(days=1)
SAID = frozenset({"report", "piece", "support"})
OPEN = frozenset({"reported", "accepted", "dispatched", "resolved", "suspended"})
STAFF = frozenset({"worker", "property"})


@dataclass(frozen=True)
class Turn:
    """Who says what, `t` seconds after the beginning; `quotes` is the index of an earlier turn."""

    t: float
    who: str
    text: str
    quotes: int | None = None
    photo: bool = False


def inbound(number: int, turn: Turn) -> Inbound:
    return Inbound(
        account="test:one",
        event_key=f"m{number}",
        kind=InboundKind.MESSAGE,
        chat="g",
        private=False,
        sent_at=START + timedelta(seconds=turn.t),
        sender=Sender(turn.who, turn.who),
        message_id=f"m{number}",
        text=turn.text,
        reply_to=None if turn.quotes is None else f"m{turn.quotes}",
        attachments=(Attachment("photo", f"p{number}"),) if turn.photo else (),
    )


class Gate:
    """Rule 7, small: what may matter passes and brings along what its sender said within two minutes."""

    def __init__(self, understand: Callable[[str], Verdict], anchor: Callable[[str], bool]) -> None:
        self._understand, self._anchor = understand, anchor
        self._held: list[Inbound] = []
        self._warm: dict[str, datetime] = {}
        self._hot = START - timedelta(days=1)
        self._passed: set[str] = set()

    def admit(self, message: Inbound) -> Inbound | None:
        earlier = tuple(
            piece for piece in self._held
            if piece.sender == message.sender and message.sent_at - piece.sent_at <= HELD
        )  # fmt: skip
        self._held.append(message)
        if not self._passes(message, earlier):
            return None
        return replace(message, earlier=earlier)

    def _passes(self, message: Inbound, earlier: Sequence[Inbound]) -> bool:
        who, at = message.sender.native_id, message.sent_at
        quoted = message.reply_to in self._passed
        telling = self._worth([message]) or self._worth([*earlier, message])
        warm = self._warm.get(who, START - TEN) >= at
        hot = self._hot >= at and (len(message.text) <= 12 or phrases.supports(message.text))
        if telling or quoted:
            self._warm[who] = at + TEN
            self._passed.add(message.message_id or "")
        if telling:
            self.heat(at + TEN)
        return telling or quoted or warm or hot

    def heat(self, until: datetime) -> None:
        """A result was posted."""
        self._hot = max(self._hot, until)

    def _worth(self, messages: Sequence[Inbound]) -> bool:
        text = "\n".join(piece.text for piece in messages)
        return self._anchor(text) and self._understand(text).is_case


@dataclass
class World:
    """Cases and links, changed by decisions the way the desk changes them."""

    understand: Callable[[str], Verdict]
    cases: dict[int, CaseRow] = field(default_factory=dict)
    links: list[LinkRow] = field(default_factory=list)
    supporters: dict[int, list[str]] = field(default_factory=dict)
    log: list[tuple[str, d.Decision]] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)

    def handle(self, message: Inbound) -> d.Decision:
        decision = decide(message, self.context(message))
        self.log.append((message.message_id or "", decision))
        self._fold(message, decision)
        return decision

    def person(self, name: str) -> int:
        return self.people.setdefault(name, len(self.people) + 1)

    def context(self, message: Inbound) -> d.Context:
        me, staff = self.person(message.sender.name), message.sender.name in STAFF
        quoted = tuple(link for link in self.links if link.message_id == message.reply_to)
        roles = [link.role for link in quoted]
        how: Quoted = (
            "none" if message.reply_to is None else "result" if "result" in roles else "report" if roles else "other"
        )
        return d.Context(
            chat_kind=ChatKind.RESIDENTS,
            speaker=d.Speaker(person_id=me, name=message.sender.name, is_staff=staff),
            verdict=self.understand(message.text) if message.text else None,
            understand=self.understand,
            command=parse(message.text, role="worker" if staff else "resident", quoted=how, private=False),
            quoted=quoted,
            quoted_cases=tuple(self.cases[link.case_id] for link in quoted),
            linked=frozenset(link.message_id for link in self.links),
            speaker_cases=self._heard(message, lambda link, case: link.person_id == me == case.reporter_id),
            chat_cases=self._heard(message, lambda _link, _case: True),
            results=self._results(message),
        )

    def _heard(self, message: Inbound, wanted: Callable[[LinkRow, CaseRow], bool]) -> tuple[d.Heard, ...]:
        last: dict[int, datetime] = {}
        for link in self.links:
            case = self.cases[link.case_id]
            if link.role in SAID and case.state in OPEN and wanted(link, case):
                last[case.id] = max(link.said_at, last.get(case.id, link.said_at))
        return tuple(d.Heard(case=self.cases[case_id], said_at=at) for case_id, at in last.items())

    def _results(self, message: Inbound) -> tuple[d.Heard, ...]:
        return tuple(
            d.Heard(case=self.cases[link.case_id], said_at=link.said_at)
            for link in self.links
            if link.role == "result" and self.cases[link.case_id].state == "closed"
        )

    # -- what a decision does

    def _fold(self, message: Inbound, decision: d.Decision) -> None:
        if isinstance(decision, d.NewReport):
            self._open(message, decision)
        elif isinstance(decision, d.Supplement):
            self._supplement(message, decision)
        elif isinstance(decision, d.Correct):
            self.change(decision.case_id, **{decision.field: decision.value})
            self.link(decision.case_id, message, "piece")
        elif isinstance(decision, d.Support):
            self._support(message, decision)
        elif isinstance(decision, d.Withdraw):
            self._withdraw(message, decision.case_id)
        elif isinstance(decision, d.NotFixed):
            self.change(decision.case_id, state="accepted")
        elif isinstance(decision, d.Do):
            self._do(message, decision)

    def _open(self, message: Inbound, report: d.NewReport) -> None:
        assert report.verdict is not None
        case = CaseRow(
            id=len(self.cases) + 1,
            version=1,
            state="reported",
            source="group",
            category=report.verdict.category or "other.other",
            urgency=report.verdict.urgency or "normal",
            sensitive=report.verdict.sensitive,
            reported_at=message.sent_at,
            updated_at=message.sent_at,
            place=report.place or "",
            text=report.text,
            reporter_id=self.person(message.sender.name),
            reporter_name=message.sender.name,
        )
        self.cases[case.id] = case
        said = {piece.message_id: piece for piece in (*message.earlier, message)}
        for message_id in report.pieces:
            self.link(case.id, said[message_id], "report" if message_id == message.message_id else "piece")

    def _supplement(self, message: Inbound, more: d.Supplement) -> None:
        case = self.cases[more.case_id]
        place = case.place or more.place or ""
        self.change(case.id, place=place, text=f"{case.text}\n{more.text}".strip())
        if more.verdict is not None and more.verdict.is_case and more.verdict.tier == "card":
            self.change(case.id, category=more.verdict.category)
        self.link(case.id, message, "piece")

    def _support(self, message: Inbound, support: d.Support) -> None:
        names = self.supporters.setdefault(support.case_id, [])
        if message.sender.name not in names:
            names.append(message.sender.name)
        if support.place and not self.cases[support.case_id].place:
            self.change(support.case_id, place=support.place)
        self.link(support.case_id, message, "support")

    def _withdraw(self, message: Inbound, case_id: int) -> None:
        case = self.cases[case_id]
        if case.state == "reported" and message.sent_at - case.reported_at <= TEN:
            self.change(case_id, state="withdrawn")

    def _do(self, message: Inbound, act: d.Do) -> None:
        for case_id in act.case_ids:
            if act.command.verb is Verb.ACCEPT:
                self.change(case_id, state="accepted")
            if act.command.verb is Verb.CLOSE:
                self.change(case_id, state="closed")
                self.link(case_id, message, "result")

    def change(self, case_id: int, **changes: object) -> None:
        self.cases[case_id] = replace(self.cases[case_id], **changes)  # type: ignore[arg-type]

    def link(self, case_id: int, message: Inbound, role: str) -> None:
        self.links.append(
            LinkRow(
                id=len(self.links) + 1,
                case_id=case_id,
                chat_id=1,
                message_id=message.message_id or "",
                role=role,
                person_id=self.person(message.sender.name),
                closing=None,
                said_at=message.sent_at,
            )
        )


def play(
    turns: Sequence[Turn],
    understand: Callable[[str], Verdict],
    anchor: Callable[[str], bool],
    batches: Sequence[int] = (),
) -> World:
    """Messages arrive in batches of these sizes (then one by one): the gate sees a whole batch before it is handled."""
    gate, world = Gate(understand, anchor), World(understand)
    messages = [inbound(number, turn) for number, turn in enumerate(turns)]
    sizes = list(batches)
    while messages:
        size = sizes.pop(0) if sizes else 1
        batch, messages = messages[:size], messages[size:]
        for passed in [gate.admit(message) for message in batch]:
            if passed is None:
                continue
            decision = world.handle(passed)
            if isinstance(decision, d.Do) and decision.command.verb is Verb.CLOSE:
                gate.heat(passed.sent_at + DAY)
    return world
