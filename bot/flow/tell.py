"""Notice -> audience -> text or card -> outbox rows: the one way anything is said, for dispatch and ticks alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.cases.directory import Directory
from bot.cases.states import Source
from bot.flow import manners
from bot.flow.audience import Finder, Spoken, Target
from bot.flow.draft import Draft
from bot.flow.manners import Night
from bot.flow.split import split
from bot.flow.voices import Voices
from bot.model import Audience, Button, ChatKind, Notice, Priority
from bot.ports import Capabilities, Channel
from bot.privacy import mask_personal
from bot.talk import lists
from bot.talk.buttons import button_data
from bot.talk.verbs import Verb
from storage import links, menus, outbox
from storage.records import CaseRow, ChatRow, NewPost

CARDS = frozenset({"reported", "transferred", "unmerged", "resolved", "rework", "returned", "reopened", "dispatched"})
"""What asks staff or a unit to do something comes with a card."""
OVERTAKEN = ("acked", "accepted", "transferred", "suspended", "resumed", "extended", "reopened")
"""What still waits when the result comes (for the morning, for the ceiling) is no news any more."""
ON_CARD = frozenset({"supplement", "supported", "corrected"})
"""What a card that still waits for its pieces will show anyway."""
WITH_PHOTOS = frozenset({"supplement", "published"})
AT_NIGHT = frozenset({"accepted", "result", "reopened", "published"})
NO_WAIT = timedelta()
ANSWER_GRADE = timedelta(days=7)
_PRIORITIES = {"result": Priority.RESULT, "reported": Priority.CARD, "reminder": Priority.REMINDER}
_LINKS = {"result": "result", "accepted": "ack", "acked": "ack"}
_OUTSIDE = frozenset({ChatKind.STAFF.value, ChatKind.UNIT.value, ChatKind.PRIVATE.value})


@dataclass(frozen=True, slots=True)
class Quiet:
    """When to keep still: the night, and how long a card waits for further pieces."""

    night: Night
    card_wait: timedelta


class Teller:
    """Writes outbox rows in the transaction of the act. `channels`: account -> channel, for their capabilities."""

    def __init__(self, finder: Finder, voices: Voices, quiet: Quiet, channels: Mapping[str, Channel]) -> None:
        self.finder, self.voices, self.quiet, self._channels = finder, voices, quiet, channels

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
        if any(notice.kind == "result" for notice in notices):
            outbox.cancel(conn, now, case_id=case.id, kinds=OVERTAKEN, reason="the result says it all")
        for notice in notices:
            unseen = outbox.waiting_for(conn, case.id, "reported") if notice.kind in ON_CARD else set()
            for target in self._targets(conn, directory, notice, case, now, spoken):
                if target.chat.id not in unseen:
                    self._one(conn, directory, notice, case, target, now)
            if notice.kind == "result" and notice.audience is Audience.GROUP:
                self._to_paste(conn, directory, case, now)
        self.refresh(conn, case, now)

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
        found = self.finder.targets(conn, directory, notice, case, now)
        if notice.audience is Audience.REPORTER:
            found = self._to_reporter(conn, notice, case, found, spoken)
        elif spoken is not None and notice.audience not in (Audience.GROUP, Audience.REPORTER_PRIVATE):
            # who acted here gets an answer anyway
            found = [t for t in found if t.chat.id != spoken.chat.id or notice.kind in CARDS]
        late = spoken is not None and spoken.late
        return [target for target in found if self.may_hear(target.chat, notice.kind, case, late=late)]

    def _to_reporter(
        self, conn: Connection, notice: Notice, case: CaseRow, private: list[Target], spoken: Spoken | None
    ) -> list[Target]:
        """In the group where its mode lets it see this kind; else in private, but no receipt for what a group heard."""
        if case.sensitive != "none":
            return [target for target in private if target.person_id is not None]
        groups = [
            target
            for target in self.finder.origins(conn, case)
            if target.chat.kind == ChatKind.RESIDENTS and manners.group_sees(target.chat.mode, notice.kind)
        ]
        if notice.kind == "acked" and spoken is not None and spoken.chat.kind == ChatKind.RESIDENTS:
            return groups
        return groups or [target for target in private if target.person_id is not None]

    @staticmethod
    def may_hear(chat: ChatRow, kind: str, case: CaseRow, *, late: bool) -> bool:
        if chat.kind != ChatKind.RESIDENTS:
            return True
        if late or (case.sensitive != "none" and kind != "published"):
            return False
        return manners.group_sees(chat.mode, kind)

    def _one(
        self, conn: Connection, directory: Directory, notice: Notice, case: CaseRow, target: Target, now: datetime
    ) -> None:
        in_group = target.chat.kind == ChatKind.RESIDENTS
        read_at = self._due(target.chat, notice.kind, self._priority(notice.kind, case), case, now)
        text = self.voices.of(directory).notice(notice, case, read_at, in_group=in_group)
        if text is None:
            return
        if in_group:
            text = mask_personal(text)
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
        self.post(conn, target.chat, notice.kind, draft, now, case=case, event_id=notice.event_id, wait=card)

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

    def post(  # noqa: PLR0913 - the columns of one outbox row
        self,
        conn: Connection,
        chat: ChatRow,
        kind: str,
        draft: Draft,
        now: datetime,
        *,
        case: CaseRow | None = None,
        event_id: int | None = None,
        wait: bool = False,
        dedupe: str | None = None,
        priority: Priority | None = None,
        expires_at: datetime | None = None,
    ) -> int | None:
        """Put one message into the outbox, in parts where it is long; the id of the first part."""
        if not chat.account or not chat.reachable:
            return None
        rank = priority if priority is not None else self._priority(kind, case)
        pause = self.quiet.card_wait if wait and kind == "reported" else timedelta()
        due = self._due(chat, kind, rank, case, now, pause)
        if kind == "result" and case is not None:
            dedupe = f"result:{case.id}:{case.closings}:{chat.id}"
        rows = [
            NewPost(
                lane=f"{chat.id}:{case.id if case else 0}{':answer' if kind == 'answer' else ''}",
                account=chat.account,
                chat_id=chat.id,
                case_id=case.id if case else None,
                event_id=event_id,
                kind=kind,
                priority=int(rank),
                body=part.dump(),
                dedupe=dedupe if first else None,
                due_at=due,
                expires_at=expires_at,
            )
            for first, part in self._parts(chat, draft)
        ]
        return outbox.put(conn, rows, now)[0]

    def _due(
        self, chat: ChatRow, kind: str, rank: Priority, case: CaseRow | None, now: datetime, wait: timedelta = NO_WAIT
    ) -> datetime:
        """When it may go out; what concerns an emergency does not wait for the morning."""
        if case is not None and case.urgency == "emergency" and kind in AT_NIGHT:
            return now
        return manners.due_at(
            now,
            kind=kind,
            chat_kind=chat.kind,
            priority=rank,
            night=self.quiet.night,
            wait=wait,
            urgent=case is not None and case.urgency != "normal",
        )

    def _parts(self, chat: ChatRow, draft: Draft) -> list[tuple[bool, Draft]]:
        """A text that is too long for the platform becomes several rows of the lane, buttons on the last."""
        pieces = split(draft.text, self.capabilities(chat)) if draft.view == "text" else [draft.text]
        if len(pieces) == 1:
            return [(True, draft)]
        first = Draft.load(draft.dump() | {"text": pieces[0], "buttons": ()})
        rest = [Draft(view="text", text=piece, link=draft.link) for piece in pieces[1:-1]]
        last = Draft(view="text", text=pieces[-1], link=draft.link, buttons=draft.buttons)
        return [(True, first), *((False, part) for part in (*rest, last))]

    def capabilities(self, chat: ChatRow) -> Capabilities:
        channel = self._channels.get(chat.account)
        return channel.capabilities if channel else Capabilities(reads_all=False)

    @staticmethod
    def _priority(kind: str, case: CaseRow | None) -> Priority:
        urgent = case is not None and case.urgency == "emergency" and case.state == "reported"
        if kind == "emergency" or (urgent and kind in ("reported", "round", "phones", "supplement")):
            return Priority.EMERGENCY
        return _PRIORITIES.get(kind, Priority.NOTICE)

    def refresh(self, conn: Connection, case: CaseRow, now: datetime) -> None:
        """Cards that were shown are edited where the platform can; elsewhere the notices have told it."""
        for link in links.of_case(conn, case.id, roles=("card",)):
            chat = self.finder.chat(conn, link.chat_id)
            if chat is None or not self.capabilities(chat).edits:
                continue
            draft = Draft(view="card", edits=link.message_id)
            outbox.cancel(conn, now, case_id=case.id, kinds=(f"edit:{link.message_id}"[:24],), reason="newer card")
            self.post(conn, chat, f"edit:{link.message_id}"[:24], draft, now, case=case, priority=Priority.CARD)

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
    ) -> None:
        """Answer who spoke: where he spoke, or in private where the group is not to hear it, else not at all."""
        target = self._answer_to(conn, spoken, now)
        if target is None:
            return
        ready = draft or Draft(view="text", text=text, menu=menu, menu_for=spoken.person_id if menu else None)
        values = ready.dump() | {"quote": target.quote, "link": "answer" if case else ""}
        row = self.post(conn, target.chat, "answer", Draft.load(values), now, case=case, priority=Priority.ANSWER)
        if menu and row is not None and spoken.person_id is not None:
            menus.put_menu(
                conn,
                chat_id=target.chat.id,
                person_id=spoken.person_id,
                items=menu,
                outbox_id=row,
                shown_at=now,
            )

    def _answer_to(self, conn: Connection, spoken: Spoken, now: datetime) -> Target | None:
        if spoken.chat.kind in _OUTSIDE:
            return Target(spoken.chat, spoken.message_id)
        open_group = spoken.chat.kind == ChatKind.RESIDENTS and manners.group_sees(spoken.chat.mode, "answer")
        if open_group and not spoken.late and not self.quiet.night.covers(now):
            return Target(spoken.chat, spoken.message_id)
        return self.finder.private(conn, spoken.person_id, now) if spoken.person_id is not None else None


def _photos(notice: Notice, case: CaseRow) -> tuple[str, ...]:
    """A result comes with its photos, more words with those that came along."""
    if notice.kind == "result":
        return case.result_photos
    found = notice.data.get("photos", ()) if notice.kind in WITH_PHOTOS else ()
    return tuple(str(photo) for photo in found) if isinstance(found, list | tuple) else ()
