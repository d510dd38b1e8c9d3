"""What every act of the flow works with: the desk of this moment, the teller, and how an outcome is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.cases.clocks import Clocks
from bot.cases.desk import Desk
from bot.cases.outcome import Already, Done, Outcome, Refused
from bot.cases.states import RAISED_BY_STAFF
from bot.flow.audience import Spoken
from bot.flow.context import Moment
from bot.flow.discretion import Shown
from bot.flow.tell import NOTHING, Teller
from bot.model import ChatKind, InboundKind
from bot.talk.categories import category_of
from bot.talk.voice import Voice
from storage import cases, chats, people
from storage.records import CaseRow, EventRow, PersonRow


@dataclass(frozen=True, slots=True)
class Tools:
    """Made once; everything that belongs to one row is a Hand."""

    clocks: Callable[[], Clocks]
    teller: Teller
    categories: Callable[[], tuple[tuple[str, str], ...]]  # (code, name)
    sensitivity: Callable[[str], str]  # of a category's code


class Hand:
    """One row's connection and moment with the tools; `toast` is what a pressed button answers on the spot."""

    def __init__(self, conn: Connection, moment: Moment, tools: Tools) -> None:
        self.conn, self.moment, self.tools = conn, moment, tools
        self.desk = Desk(conn, moment.now, moment.directory, tools.clocks())
        self.toast = ""

    @property
    def voice(self) -> Voice:
        return self.tools.teller.voices.of(self.moment.directory)

    @property
    def spoken(self) -> Spoken:
        moment = self.moment
        message = None if moment.inbound.kind is InboundKind.BUTTON else moment.inbound.message_id
        return Spoken(moment.chat, message, moment.person_id, moment.late)

    @property
    def pressed(self) -> bool:
        return self.moment.inbound.kind is InboundKind.BUTTON

    def person(self) -> PersonRow | None:
        """Who speaks, made known now that his words matter; an anonymous sender stays nobody."""
        inbound = self.moment.inbound
        if self.moment.person is not None or inbound.sender.anonymous:
            return self.moment.person
        person = people.ensure_person(
            self.conn, inbound.channel, inbound.sender.native_id, inbound.sender.name, self.moment.now
        )
        if self.moment.chat.kind == ChatKind.PRIVATE and self.moment.chat.person_id is None:
            chats.set_owner(self.conn, self.moment.chat.id, person.id)  # from now on he can be answered there
        return person

    def category(self, word: str) -> tuple[str, ...]:
        """The codes a worker may mean by a word."""
        return category_of(word, dict(self.tools.categories()), self.moment.context.understand)

    def case(self, case_id: int) -> CaseRow | None:
        return cases.get(self.conn, case_id)

    def group_hears(self, kind: str, case: CaseRow) -> bool:
        """Whether a residents' group will see a post of this kind about the case."""
        teller = self.tools.teller
        found = teller.finder.groups(self.conn, self.moment.directory, case)
        quiet = case.quiet and case.source in RAISED_BY_STAFF
        return not quiet and any(teller.may_hear(target.chat, kind, case, late=False) for target in found)

    def settle(self, outcome: Outcome, did: str | None = None, **data: object) -> bool:
        """Tell whom an outcome concerns and answer who acted; True if something happened. No `did`: no answer is due.

        Staff who say in their chat what they had said before are not answered again.
        """
        match outcome:
            case Done(case, event, notices):
                self.tools.teller.tell(self.conn, self.moment.directory, case, notices, self.moment.now, self.spoken)
                fresh = event is not None and event.recorded_at == self.moment.now
                if did is not None and event is not None and (fresh or self.pressed or self.moment.inbound.private):
                    self.done(did, case, **(_facts(event) | data))
                return fresh
            case Already(case, _, by_name, done):
                self.say(self.voice.already(case, by_name, done, self.moment.now), case)
            case Refused(key, why):
                self.refuse(key, **why)
        return False

    def done(self, did: str, case: CaseRow | None, /, **data: object) -> None:
        """The short answer; a tap gets it as a toast, a word gets it only where staff speak to the bot."""
        if self.voice.texts.has(f"done.{did}"):
            self.say(self.voice.done(did, case, self.moment.now, **data), case)

    def refuse(self, key: str, /, **why: object) -> None:
        """Why not; a refusal about a case may be quoted like its card."""
        number = why.get("number")
        case = self.case(number) if isinstance(number, int) and key != "unknown_case" else None
        self.say(self.voice.refusal(key, why, self.moment.now), case)

    def ask(self, key: str, data: Mapping[str, object] | None = None) -> None:
        self.say(self.voice.ask(key, data or {}, self.moment.now))

    def say(
        self, text: str, case: CaseRow | None = None, menu: tuple[int, ...] = (), *, shown: Shown = NOTHING
    ) -> None:
        """Answer who spoke; a pressed button on the spot, without a message. `shown`: see Teller.answer."""
        if self.pressed and not menu:
            self.toast = text
            return
        self.tools.teller.answer(self.conn, self.spoken, text, self.moment.now, case=case, menu=menu, shown=shown)


def _facts(event: EventRow) -> dict[str, object]:
    """What the event tells besides the case: what was changed, where it went, how many days."""
    return {name: value for name, value in event.data.items() if name not in ("before", "with")}
