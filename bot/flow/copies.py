"""A post that stands twice: its first copy arrived just before a process died, and nobody wrote down its id.

People quote either copy. The first is known by what it says, and is written down then.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.model import Inbound
from storage import agenda, cases, links
from storage.records import CaseRow, LinkRow

_NUMBER: Final = re.compile(r"№(\d{1,12})")


def recognised(conn: Connection, chat_id: int, inbound: Inbound, since: datetime) -> list[LinkRow]:
    """The link of the bot's own message that is quoted, if nobody had linked it; none if it tells of no case here."""
    if not inbound.reply_to_bot or inbound.reply_to is None:
        return []
    text = inbound.reply_text
    named = _NUMBER.search(text)
    case = cases.get(conn, int(named[1])) if named else _of_result(conn, chat_id, text, since)
    if case is None or not agenda.was_told(conn, chat_id, case.id):
        return []
    role, closing = ("card", None) if named else ("result", case.closings)
    links.add(
        conn,
        case_id=case.id,
        chat_id=chat_id,
        message_id=inbound.reply_to,
        role=role,
        person_id=None,
        said_at=inbound.sent_at,
        closing=closing,
    )
    return links.find(conn, chat_id, inbound.reply_to)


def _of_result(conn: Connection, chat_id: int, text: str, since: datetime) -> CaseRow | None:
    """What a group hears of a result names no number: its place and what was done tell which it is."""
    known = {one.case_id for one in links.spoken(conn, chat_id, since, None) if one.role == "report"} if text else set()
    found = cases.several(conn, known) if known else []
    return next((case for case in reversed(found) if _tells_of(text, case)), None)


def _tells_of(text: str, case: CaseRow) -> bool:
    return bool(case.place and case.result_text) and case.place in text and case.result_text in text
