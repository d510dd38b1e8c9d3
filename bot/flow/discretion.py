"""What a chat in which several people read may hear of a case, as the case is now (domain.md, Manners). Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.cases.duty import HIDDEN
from bot.flow import manners
from bot.flow.draft import Draft
from bot.model import ChatKind
from bot.privacy import mask_personal
from storage.records import CaseRow, ChatRow

COLLEAGUES = frozenset({ChatKind.STAFF.value, ChatKind.UNIT.value})
THOUGH_SENSITIVE = frozenset({("missing", "published"), ("missing", "emergency")})
"""(sensitivity, kind): what residents hear nevertheless; the advice names nobody, the search the family wants."""
OVER_WITHOUT_US = "declined"


def may_hear(chat: ChatRow, kind: str, case: CaseRow) -> bool:
    """Whether a post of this kind about the case may stand in this chat."""
    if chat.kind == ChatKind.PRIVATE:
        return True
    if chat.kind in COLLEAGUES:
        return case.sensitive not in HIDDEN
    quiet = case.sensitive != "none" and (case.sensitive, kind) not in THOUGH_SENSITIVE
    return not quiet and manners.group_sees(chat.mode, kind)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer gives away: the cases it speaks of; `personal`: a list, a history, figures or a card of one's own.

    `harsh`: it names 不予受理, which the bot never says in front of residents.
    """

    cases: tuple[CaseRow, ...] = ()
    personal: bool = False
    harsh: bool = False


def may_be_answered(chat: ChatRow, shown: Shown) -> bool:
    """Whether an answer may be given in front of everybody in this chat, else it is for who asked alone."""
    if chat.kind in COLLEAGUES or chat.kind == ChatKind.PRIVATE:
        return all(may_hear(chat, "answer", case) for case in shown.cases)
    if chat.kind != ChatKind.RESIDENTS or shown.personal or shown.harsh:
        return False
    open_here = all(may_hear(chat, "answer", case) and case.state != OVER_WITHOUT_US for case in shown.cases)
    return open_here and manners.group_sees(chat.mode, "answer")


def fit_for(chat: ChatRow, draft: Draft) -> Draft:
    """No personal number stands in front of residents, whoever wrote it."""
    if chat.kind in COLLEAGUES or chat.kind == ChatKind.PRIVATE or not draft.text:
        return draft
    return replace(draft, text=mask_personal(draft.text))
