"""Notice -> audience -> text or card -> outbox rows: the one way anything is said, for dispatch and ticks alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.cases.directory import Directory
from bot.cases.notices import Kind
from bot.cases.states import Source
from bot.flow import discretion, hush, manners
from bot.flow.audience import Finder, Spoken, Target
from bot.flow.discretion import Shown
from bot.flow.draft import Draft
from bot.flow.post import NO_WAIT, Poster, Quiet, is_urgent
from bot.flow.retry import EDIT
from bot.flow.voices import Voices
from bot.model import Audience, Button, ChatKind, Notice, Priority
from bot.ports import Channel
from bot.talk import lists
from bot.talk.buttons import button_data
from bot.talk.verbs import Verb
from storage import links, menus, outbox
from storage.records import CaseRow, ChatRow

__all__ = ["Quiet", "Teller"]

REPORTERS = frozenset({Audience.GROUP, Audience.REPORTER, Audience.REPORTER_PRIVATE})
CARDS = frozenset({"reported", "transferred", "unmerged", "resolved", "rework", "returned", "reopened", "dispatched"})
"""What asks staff or a unit to do something comes with a card."""
OVERTAKEN = ("acked", "accepted", "transferred", "suspended", "resumed", "extended", "reopened", "undone")
"""What still waits when the result comes (for the morning, for the ceiling) is no news any more."""
ON_CARD = frozenset({"supplement", "supported", "corrected"})
"""What a card that still waits for its pieces will show anyway."""
WITH_PHOTOS = frozenset({"supplement", "supported", "published"})
OF_A_REPORT = frozenset({"acked"})
"""What a report brings about is said in the group at once or never; what staff did stays news, however late it came."""
NOTHING = Shown()
ANSWER_GRADE = timedelta(days=7)
_LINKS = {"result": "result", "accepted": "ack", "acked": "ack"}
_OUTSIDE = frozenset({ChatKind.STAFF.value, ChatKind.UNIT.value, ChatKind.PRIVATE.value})


class Teller(Poster):
    """Says what acts and ticks have to say. `channels`: account -> channel, for their capabilities."""

    def __init__(self, finder: Finder, voices: Voices, quiet: Quiet, channels: Mapping[str, Channel]) -> None:
        super().__init__(quiet, channels)
        self.finder, self.voices = finder, voices

    def tell(
        self,
        conn: Connection,
        directory: Directory,
        case: CaseRow,
        notices: Sequence[Notice],
        now: datetime,
        spoken: Spoken | None = None,
    ) -> None:
        """Say what an act has to say, and bring the cards that show the case up to date."""
        if is_urgent(case):
            self._hasten(conn, case, now)
        if any(notice.kind == "result" for notice in notices):
            outbox.cancel(conn, now, case_id=case.id, kinds=OVERTAKEN, reason="the result says it all")
        for notice in notices:
            unseen = outbox.waiting_for(conn, case.id, "reported") if notice.kind in ON_CARD else set()
            for target in self._targets(conn, directory, notice, case, now, spoken):
                if target.chat.id not in unseen and not self._summed_up(conn, notice, case, target.chat, now):
                    self._one(conn, directory, notice, case, target, now)
            if notice.kind == "result" and notice.audience is Audience.GROUP:
                self._to_paste(conn, directory, case, now)
        self.refresh(conn, case, now)

    def _summed_up(self, conn: Connection, notice: Notice, case: CaseRow, chat: ChatRow, now: datetime) -> bool:
        """Colleagues have heard enough of this case lately: what follows is counted, and told in one message later."""
        if notice.kind not in hush.SUMMED or chat.kind not in _OUTSIDE:
            return False
        window = hush.window(case.urgency)
        told = outbox.told_since(conn, case.id, chat.id, hush.COUNTED, now - window)
        if not hush.enough(told, notice):
            return False
        if not outbox.keep_waiting(conn, case.id, chat.id, Kind.MORE.value):
            self.post(conn, chat, Kind.MORE.value, Draft(view="more", link="answer"), now, case=case, wait=window)
        return True

    def _hasten(self, conn: Connection, case: CaseRow, now: datetime) -> None:
        """It has turned urgent: what waits for the morning goes when it would go had it been urgent from the first."""
        for row in outbox.waiting(conn, case.id, after=now):
            chat = self.finder.chat(conn, row.chat_id) if row.chat_id is not None else None
            if chat is not None and row.kind != Kind.MORE:
                rank = min(Priority(row.priority), self.priority(row.kind, case))
                wait = self.quiet.card_wait if row.kind == "reported" else NO_WAIT
                due = self.quiet.due(chat, row.kind, rank, case, now, wait)
                outbox.hasten(conn, row.id, min(due, row.due_at), int(rank))

    def _to_paste(self, conn: Connection, directory: Directory, case: CaseRow, now: datetime) -> None:
        """The words of a group no bot can read came through a worker: he gets the result ready to be posted there."""
        if case.source != Source.GROUP or case.filed_by_id is None or self.finder.groups(conn, directory, case):
            return
        voice, target = self.voices.of(directory), self.finder.private(conn, case.filed_by_id, now)
        paste = lists.to_paste(case, voice, now)
        if target is not None and paste is not None:
            text = f"{voice.texts.say('relay.paste', **voice.fields(case, now))}\n{paste}"
            draft = Draft(view="text", text=text, link="answer", photos=case.result_photos)
            self.post(conn, target.chat, "paste", draft, now, case=case)

    def _targets(
        self,
        conn: Connection,
        directory: Directory,
        notice: Notice,
        case: CaseRow,
        now: datetime,
        spoken: Spoken | None,
    ) -> list[Target]:
        if notice.audience is Audience.REPORTER and "chats" not in notice.data:
            found = self._to_reporter(conn, notice, case, now, spoken)
        else:
            found = self.finder.targets(conn, directory, notice, case, now)
        if spoken is not None and notice.audience not in REPORTERS:
            # who acted here gets an answer anyway
            found = [t for t in found if notice.kind in CARDS or not _answered(t, spoken)]
        late = spoken is not None and spoken.late and notice.kind in OF_A_REPORT
        return [target for target in found if self.may_hear(target.chat, notice.kind, case, late=late)]

    def _to_reporter(
        self, conn: Connection, notice: Notice, case: CaseRow, now: datetime, spoken: Spoken | None
    ) -> list[Target]:
        """In the group where its mode lets it see this kind; else in private, but no receipt for what a group heard."""
        if case.sensitive != "none":
            return self._alone(conn, case, now)
        groups = [
            target
            for target in self.finder.origins(conn, case)
            if target.chat.kind == ChatKind.RESIDENTS and manners.group_sees(target.chat.mode, notice.kind)
        ]
        heard_there = notice.kind == "acked" and spoken is not None and spoken.chat.kind == ChatKind.RESIDENTS
        return groups if groups or heard_there else self._alone(conn, case, now)

    def _alone(self, conn: Connection, case: CaseRow, now: datetime) -> list[Target]:
        return [target for target in self.finder.reporter(conn, case, now) if target.person_id is not None]

    @staticmethod
    def may_hear(chat: ChatRow, kind: str, case: CaseRow, *, late: bool) -> bool:
        return not (late and chat.kind == ChatKind.RESIDENTS) and discretion.may_hear(chat, kind, case)

    def _one(
        self, conn: Connection, directory: Directory, notice: Notice, case: CaseRow, target: Target, now: datetime
    ) -> None:
        in_group = target.chat.kind == ChatKind.RESIDENTS
        read_at = self.quiet.due(target.chat, notice.kind, self.priority(notice.kind, case), case, now)
        text = self.voices.of(directory).notice(notice, case, read_at, in_group=in_group)
        if text is None:
            return
        card = notice.kind in CARDS and not in_group and notice.audience is not Audience.REPORTER
        draft = Draft(
            view="card" if card else "text",
            text="" if notice.kind == "reported" and card else text,
            quote=target.quote,
            link="card" if card else _LINKS.get(notice.kind, "answer"),
            closing=case.closings if notice.kind == "result" else None,
            photos=_photos(notice, case),
        )
        if notice.kind == "result" and target.person_id is not None:
            draft = self._with_grades(conn, draft, case, target, now)
        wait = self.quiet.card_wait if card and notice.kind == "reported" else NO_WAIT
        self.post(conn, target.chat, notice.kind, draft, now, case=case, event_id=notice.event_id, wait=wait)

    def _with_grades(self, conn: Connection, draft: Draft, case: CaseRow, target: Target, now: datetime) -> Draft:
        """In private a grade is asked for: a tap, or a digit."""
        assert target.person_id is not None
        menus.ask(
            conn,
            chat_id=target.chat.id,
            person_id=target.person_id,
            case_id=case.id,
            kind="grade",
            asked_at=now,
            until=now + ANSWER_GRADE,
        )
        buttons = [
            Button(grade, button_data(Verb.GRADE, case.id, case.version, str(place)))
            for place, grade in enumerate(self.voices.grades, 1)
        ]
        buttons.append(
            Button(self.voices.texts.say("card.not_fixed"), button_data(Verb.NOT_FIXED, case.id, case.version))
        )
        values = draft.dump() | {"buttons": [{"label": b.label, "data": b.data} for b in buttons]}
        return Draft.load(values)

    def refresh(self, conn: Connection, case: CaseRow, now: datetime) -> None:
        """Cards that were shown are edited where the platform can; elsewhere the notices have told it."""
        for link in links.of_case(conn, case.id, roles=("card",)):
            chat = self.finder.chat(conn, link.chat_id)
            if chat is None or not self.capabilities(chat).edits:
                continue
            kind = f"{EDIT}{link.message_id}"[:24]
            if not outbox.keep_waiting(conn, case.id, chat.id, kind):
                draft = Draft(view="card", edits=link.message_id)
                self.post(conn, chat, kind, draft, now, case=case, priority=Priority.CARD)

    # -- answers

    def answer(
        self,
        conn: Connection,
        spoken: Spoken,
        text: str,
        now: datetime,
        *,
        case: CaseRow | None = None,
        menu: tuple[int, ...] = (),
        draft: Draft | None = None,
        shown: Shown = NOTHING,
    ) -> None:
        """Answer who spoke: where he spoke, or in private where others there are not to read it, else not at all.

        `case`: whose number the answer carries; `shown`: what it gives away besides.
        """
        ready = draft or Draft(view="text", text=text, menu=menu, menu_for=spoken.person_id if menu else None)
        about = (*shown.cases, case) if case is not None else shown.cases
        harsh = shown.harsh or self.voices.declines(ready.text)
        target = self._answer_to(conn, spoken, replace(shown, cases=about, harsh=harsh), now)
        if target is None:
            return
        values = ready.dump() | {"quote": target.quote, "link": "answer" if case else ""}
        self.post(conn, target.chat, "answer", Draft.load(values), now, case=case, priority=Priority.ANSWER)

    def answers_in(self, conn: Connection, spoken: Spoken, case: CaseRow, now: datetime) -> ChatRow | None:
        """Where who spoke would be answered about this case now; None: nowhere."""
        target = self._answer_to(conn, spoken, Shown(cases=(case,)), now)
        return target.chat if target is not None else None

    def _answer_to(self, conn: Connection, spoken: Spoken, shown: Shown, now: datetime) -> Target | None:
        still = spoken.chat.kind not in _OUTSIDE and (spoken.late or self.quiet.night.covers(now))
        if discretion.may_be_answered(spoken.chat, shown) and not still:
            return Target(spoken.chat, spoken.message_id)
        return self.finder.private(conn, spoken.person_id, now) if spoken.person_id is not None else None


def _answered(target: Target, spoken: Spoken) -> bool:
    """The chat in which he acted, and his own private one."""
    return target.chat.id == spoken.chat.id or (target.person_id is not None and target.person_id == spoken.person_id)


def _photos(notice: Notice, case: CaseRow) -> tuple[str, ...]:
    """A result comes with its photos, more words with those that came along."""
    if notice.kind == "result":
        return case.result_photos
    found = notice.data.get("photos", ()) if notice.kind in WITH_PHOTOS else ()
    return tuple(str(photo) for photo in found) if isinstance(found, list | tuple) else ()
