"""Reads from the throw-away database what became of a talk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from bot.cli.replay.conversation import Conversation
from bot.cli.replay.outcome import GROUP, STAFF, FoundCase, Outcome, Told
from bot.flow.render import post_key
from bot.replay import town
from bot.replay.channel import Posted, person_of
from bot.replay.silence import Silence
from bot.replay.simulation import Simulation
from storage import agenda, cases, links
from storage.records import CaseRow

_STAND = ("reported", "accepted", "dispatched", "resolved", "suspended", "closed")
_SAID = ("report", "piece", "support")
_About = Mapping[str, tuple[str, int | None]]


async def read_findings(
    world: Simulation, conversation: Conversation, posted: Sequence[Posted], silence: Silence
) -> Outcome:
    names = {code: category.name for code, category in world.parts.rules.classifier.categories.items()}
    found = await world.db.read(lambda conn: _cases(conn, names))
    about = await world.db.read(lambda conn: {post_key(*row): rest for row, rest in agenda.about(conn).items()})
    silent = silence.of({index for case in found for index in case.indexes})
    return Outcome(
        conversation=conversation,
        cases=tuple(found),
        told=tuple(_told(posted, about, town.names(conversation.people))),
        ignored=silent.ignored,
        staff_words=silent.staff_words,
        near=silent.near,
        dropped=silence.dropped,
        failed=tuple(await world.db.read(agenda.failures)),
    )


def _cases(conn: Connection, names: Mapping[str, str]) -> list[FoundCase]:
    return [_case(conn, row, names) for row in cases.open_cases(conn, states=_STAND)]


def _case(conn: Connection, row: CaseRow, names: Mapping[str, str]) -> FoundCase:
    said = links.of_case(conn, row.id, roles=_SAID)
    return FoundCase(
        number=row.id,
        category=row.category,
        category_name=names.get(row.category, row.category),
        urgency=row.urgency,
        sensitive=row.sensitive != "none",
        state=row.state,
        sure=not cases.is_perhaps(row),
        place=row.place,
        reporter=row.reporter_name,
        supporters=tuple(one.name for one in cases.supporters(conn, row.id) if one.person_id != row.reporter_id),
        indexes=tuple(sorted({index for link in said if (index := _index(link.message_id)) is not None})),
        reported_at=row.reported_at,
        text=row.text,
        matched=row.matched,
    )


def _index(message_id: str) -> int | None:
    """The place in the file of what somebody said; None: the bot said it."""
    number = message_id.removeprefix("m")
    return int(number) if number.isdigit() else None


def _told(posted: Sequence[Posted], about: _About, names: Mapping[str, str]) -> list[Told]:
    return [_one(one, about.get(one.post.key, ("", None)), names) for one in posted]


def _one(one: Posted, about: tuple[str, int | None], names: Mapping[str, str]) -> Told:
    post, (kind, case) = one.post, about
    return Told(
        at=one.at,
        to=_whom(post.chat, names),
        kind=kind,
        text="\n".join(filter(None, (post.text, *(_lines(one))))),
        card=post.card is not None,
        changed=post.edits is not None,
        quote=_index(post.quote) if post.quote else None,
        case=case,
    )


def _lines(one: Posted) -> list[str]:
    card = one.post.card
    if card is None:
        return []
    return [card.title, *(f"{label}：{value}" for label, value in card.lines), *filter(None, [card.note])]


def _whom(chat: str, names: Mapping[str, str]) -> str:
    person = person_of(chat)
    if person is not None:
        return names.get(person, person)
    return STAFF if chat == town.STAFF_ROOM else GROUP
