"""What must be known to tell what a message means, read inside the row's transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from bot.cases.actor import actor_for
from bot.cases.directory import Directory
from bot.cases.lifecycle import OPEN, knows
from bot.flow import copies
from bot.flow.standing import staff_here
from bot.model import ChatKind, Inbound, InboundKind, Mode
from bot.talk.commands import parse
from bot.talk.decisions import Context, Heard, Speaker
from classifiers.verdict import Verdict
from storage import cases, links, menus, people
from storage.records import CaseRow, ChatRow, LinkRow, MenuRow, PersonRow, Spoken

WEEK = timedelta(days=7)
SAID = frozenset({"report", "piece", "support"})
Understand = Callable[[str], Verdict]
Quoted = Literal["none", "card", "report", "result", "menu", "bot", "other"]
QUOTED_AS: dict[str, Quoted] = {"card": "card", "report": "report", "piece": "report", "result": "result"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One message with everything around it; what the acts and the answers need."""

    inbound: Inbound
    chat: ChatRow
    person: PersonRow | None
    directory: Directory
    context: Context
    now: datetime
    late: bool  # arrived so late that only staff should hear of it

    @property
    def person_id(self) -> int | None:
        return self.person.id if self.person else None


def find_person(conn: Connection, directory: Directory, inbound: Inbound) -> PersonRow | None:
    """Who speaks, if he is known; an anonymous sender is nobody."""
    if inbound.sender.anonymous:
        return None
    known = directory.person_by_identity(inbound.channel, inbound.sender.native_id)
    return known or people.person_of(conn, inbound.channel, inbound.sender.native_id)


def gather(
    conn: Connection,
    inbound: Inbound,
    chat: ChatRow,
    person: PersonRow | None,
    directory: Directory,
    *,
    verdict: Verdict | None,
    understand: Understand,
) -> Context:
    """The context of a message, from the links of its chat and what is open to its speaker."""
    said_at = inbound.sent_at
    speaker = speaker_of(inbound, chat, person, directory)
    aware = _awareness(directory, person, chat, said_at)
    # an edit speaks about the message it changes
    about = inbound.message_id if inbound.kind is InboundKind.EDIT else inbound.reply_to
    told = links.find(conn, chat.id, about) if about else []
    told = told or copies.recognised(conn, chat.id, inbound, said_at - WEEK)
    menu, menu_quoted = _menu(conn, inbound, chat, person)
    week = links.spoken(conn, chat.id, said_at - WEEK, person.id if person else None)
    known = {
        case_id: case
        for case_id, case in _cases(conn, {one.case_id for one in week} | {link.case_id for link in told}).items()
        if aware(case)
    }
    quoted = tuple(link for link in told if link.case_id in known)
    recent = tuple(one for one in week if one.case_id in known)
    return Context(
        chat_kind=ChatKind(chat.kind),
        mode=Mode(chat.mode),
        speaker=speaker,
        verdict=verdict,
        understand=understand,
        command=parse(
            inbound.text,
            role="worker" if speaker.is_staff else "resident",
            quoted=_quoted(quoted, menu_quoted=menu_quoted, inbound=inbound),
            private=inbound.private,
        ),
        quoted=quoted,
        quoted_cases=tuple(known[link.case_id] for link in quoted),
        quoted_text=_quoted_text(inbound),
        linked=frozenset(_linked(conn, chat, inbound)),
        superseded=bool(week) and _superseded(conn, chat, inbound),
        speaker_cases=_own(conn, recent, known, person, inbound),
        chat_cases=_heard(recent, known, lambda last, case: last.role in SAID and case.state in OPEN),
        results=_results(conn, recent, known, person, inbound),
        menu=menu,
        menu_quoted=menu_quoted,
        question=menus.question(conn, chat.id, person.id, said_at) if person else None,
    )


def speaker_of(inbound: Inbound, chat: ChatRow, person: PersonRow | None, directory: Directory) -> Speaker:
    """The speaker with the roles that hold in the areas of this chat; in private all his roles count."""
    if person is None:
        return Speaker(person_id=None, name=inbound.sender.name)
    roles = directory.roles_in(person.id, chat.areas) if chat.areas else directory.all_roles(person.id)
    return Speaker(
        person_id=person.id,
        name=inbound.sender.name or person.name,
        is_staff=staff_here(directory, person.id, chat, inbound.sent_at),
        roles=frozenset(role.value for role in roles),
    )


def _awareness(
    directory: Directory, person: PersonRow | None, chat: ChatRow, now: datetime
) -> Callable[[CaseRow], bool]:
    """Whether the speaker may know of a case: to everybody else its messages are talk like any other."""
    mine = person.id if person else None
    own = (role.area_id for role in directory.roles_of(mine) if role.area_id is not None)
    areas = chat.areas or tuple(own)

    def aware(case: CaseRow) -> bool:
        if case.sensitive == "none" or (mine is not None and mine == case.filed_by_id):
            return True
        actor = actor_for(directory, mine, case, now, candidate_areas=areas)
        return knows(case, actor)

    return aware


def _menu(conn: Connection, inbound: Inbound, chat: ChatRow, person: PersonRow | None) -> tuple[MenuRow | None, bool]:
    if inbound.reply_to:
        quoted = menus.menu_by_message(conn, chat.id, inbound.reply_to)
        if quoted is not None:
            return quoted, True
    return (menus.last_menu(conn, chat.id, person.id) if person else None), False


def _quoted(quoted: tuple[LinkRow, ...], *, menu_quoted: bool, inbound: Inbound) -> Quoted:
    if inbound.reply_to is None:
        return "none"
    if menu_quoted:
        return "menu"
    for link in quoted:
        if link.role in QUOTED_AS:
            return QUOTED_AS[link.role]
    if quoted:
        return "card"  # a notice or reminder about one case serves like its card
    return "bot" if inbound.reply_to_bot else "other"


def _quoted_text(inbound: Inbound) -> str:
    """Known where the gate still held the quoted message: it entered together with the quote."""
    return next((piece.text for piece in inbound.earlier if piece.message_id == inbound.reply_to), "")


def _cases(conn: Connection, ids: set[int]) -> dict[int, CaseRow]:
    return {case.id: case for case in cases.several(conn, ids)} if ids else {}


def _linked(conn: Connection, chat: ChatRow, inbound: Inbound) -> list[str]:
    ids = [piece.message_id for piece in inbound.earlier if piece.message_id]
    return [message_id for message_id in ids if links.find(conn, chat.id, message_id)]


def _superseded(conn: Connection, chat: ChatRow, inbound: Inbound) -> bool:
    """Its edit came first and is in a case: the earlier wording says nothing new."""
    if inbound.kind is not InboundKind.MESSAGE or inbound.message_id is None:
        return False
    known = links.find(conn, chat.id, inbound.message_id)
    return any(link.role in SAID and link.said_at >= inbound.sent_at for link in known)


def _heard(
    recent: tuple[Spoken, ...], known: dict[int, CaseRow], wanted: Callable[[Spoken, CaseRow], bool]
) -> tuple[Heard, ...]:
    last: dict[int, datetime] = {}
    for one in recent:
        if wanted(one, known[one.case_id]):
            last[one.case_id] = max(one.said_at, last.get(one.case_id, one.said_at))
    return tuple(Heard(case=known[case_id], said_at=at) for case_id, at in last.items())


def _own(
    conn: Connection, recent: tuple[Spoken, ...], known: dict[int, CaseRow], person: PersonRow | None, inbound: Inbound
) -> tuple[Heard, ...]:
    if person is None:
        return ()
    mine = person.id
    here = _heard(
        recent,
        known,
        lambda last, case: last.role in SAID and last.own and case.state in OPEN
        and mine in (case.reporter_id, case.filed_by_id),
    )  # fmt: skip
    if not inbound.private:
        return here
    seen = {heard.case.id for heard in here}
    others = cases.open_cases(conn, reporter_id=mine)
    return here + tuple(Heard(case=case, said_at=case.reported_at) for case in others if case.id not in seen)


def _results(
    conn: Connection, recent: tuple[Spoken, ...], known: dict[int, CaseRow], person: PersonRow | None, inbound: Inbound
) -> tuple[Heard, ...]:
    here = _heard(recent, known, lambda last, case: last.role == "result" and case.state == "closed")
    if not inbound.private or person is None:
        return here
    seen = {heard.case.id for heard in here}
    own = cases.recent_of_reporter(conn, person.id, inbound.sent_at - WEEK)
    return here + tuple(
        Heard(case=case, said_at=case.closed_at)
        for case in own
        if case.id not in seen and case.state == "closed" and case.closed_at
    )
