"""What the page counts, counted in the database each time anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from bot.flow import codec
from bot.model import Inbound
from storage.schema import case, case_event, case_link, chat, inbox, outbox


@dataclass(frozen=True, slots=True)
class Figures:
    """Stored words that led to nothing, cases, and our own posts in residents' groups."""

    chatter: int
    cases: int
    told: int


def count(conn: Connection) -> Figures:
    return Figures(
        chatter=sum(1 for _ in _chatter(conn)),
        cases=conn.execute(select(func.count()).select_from(case)).scalar_one(),
        told=conn.execute(_TOLD).scalar_one(),
    )


_IN_GROUPS = chat.c.kind == "residents"
_TOLD = (
    select(func.count())
    .select_from(outbox.join(chat, outbox.c.chat_id == chat.c.id))
    .where(_IN_GROUPS, outbox.c.state == "sent")
)
_STORED = (
    select(inbox.c.chat_id, inbox.c.body, inbox.c.done_at)
    .select_from(inbox.join(chat, inbox.c.chat_id == chat.c.id))
    .where(_IN_GROUPS, inbox.c.state == "done", inbox.c.body.is_not(None))
)


def _chatter(conn: Connection) -> Iterator[Inbound]:
    """Every stored message, those that entered with another one included, that belongs to no case and moved none."""
    linked = {
        (row.chat_id, row.message_id) for row in conn.execute(select(case_link.c.chat_id, case_link.c.message_id))
    }
    acts = set(conn.execute(select(case_event.c.recorded_at)).scalars())
    for row in conn.execute(_STORED):
        said = codec.load(row.body)
        if not (_acted(row.done_at, acts) or (row.chat_id, said.message_id) in linked):
            yield said
        yield from (piece for piece in said.earlier if (row.chat_id, piece.message_id) not in linked)


def _acted(done_at: datetime | None, acts: set[datetime]) -> bool:
    """A row and the case events it caused carry the same moment: they are written in one transaction."""
    return done_at in acts
