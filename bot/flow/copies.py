"""A post that stands twice: its first copy arrived just before a process died, and nobody wrote down its id.

People quote either copy. The first is known by what it says.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from storage import cases, links
from storage.records import LinkRow

_NUMBER: Final = re.compile(r"№(\d{1,12})")


def told_in(conn: Connection, chat_id: int, text: str, since: datetime) -> list[LinkRow]:
    """The link of the other copy, of which the id is known; none if this text tells of no case of the chat."""
    named = _NUMBER.search(text)
    if named is not None:
        found = [link for link in links.of_case(conn, int(named[1])) if link.chat_id == chat_id]
        return sorted(found, key=lambda link: link.role != "card")[:1]
    return [link for link in links.in_chat(conn, chat_id, since) if text and _is_result(conn, link, text)][-1:]


def _is_result(conn: Connection, link: LinkRow, text: str) -> bool:
    """What a group hears of a result names no number: its place and what was done tell which it is."""
    case = cases.get(conn, link.case_id) if link.role == "result" else None
    return (
        case is not None and bool(case.place and case.result_text) and case.place in text and case.result_text in text
    )
