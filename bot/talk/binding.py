"""Which cases a command means: by number, by what it quotes, or by position in the list shown last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.model import ChatKind, Inbound
from bot.talk.commands import Command, Verb
from bot.talk.decisions import (
    Ask,
    Context,
    Decision,
    Do,
    Grade,
    How,
    NewReport,
    NotFixed,
    Nothing,
    Supplement,
    Support,
    Withdraw,
)
from bot.talk.pieces import photos_of, place_of
from bot.talk.verbs import NO_CASE

MENU_OPEN: Final = timedelta(hours=12)  # an older list binds by quote only
_MENU_CHATS: Final = frozenset({ChatKind.PRIVATE, ChatKind.STAFF, ChatKind.UNIT})
_REPORTS: Final[dict[Verb, How]] = {Verb.REPORT: "asked", Verb.PATROL: "patrol", Verb.FILE_FOR: "proxy"}


def addressed(message: Inbound, ctx: Context) -> bool:
    """Whether the bot was spoken to; what it does not understand it answers only then."""
    return message.private or ctx.chat_kind is ChatKind.PRIVATE or message.mentions_bot or message.reply_to_bot


def carry_out(command: Command, message: Inbound, ctx: Context, now: datetime) -> Decision | None:
    """None: the words were no command after all (a bare number that answers nothing)."""
    if command.verb in _REPORTS:
        return _report(command, message, ctx)
    if command.verb in NO_CASE:
        return Do(command=command, photos=photos_of(message))
    if command.verb is Verb.GRADE:
        return _grade(command, message, ctx, now)
    meant = _targets(command, message, ctx, now)
    if isinstance(meant, Ask | Nothing):
        return meant
    if command.verb is Verb.MENU:
        return Do(command=command, case_ids=meant)
    return _to_one(command, meant[0], message, ctx) or Do(command=command, case_ids=meant, photos=photos_of(message))


def _report(command: Command, message: Inbound, ctx: Context) -> Decision:
    """The words of the command, else of the quoted message: as the platform tells them or the gate still holds them."""
    held = [piece for piece in message.earlier if piece.message_id and piece.message_id == message.reply_to]
    text = command.text or ctx.quoted_text or "\n".join(piece.text for piece in held)
    photos = tuple(photo for piece in (*held, message) for photo in photos_of(piece))
    if not text and not photos and message.reply_to is None:
        return Ask(key="report_what") if addressed(message, ctx) else Nothing(reason="report without words")
    verdict = ctx.understand(text) if ctx.understand and text else None
    return NewReport(
        text=text,
        pieces=tuple(piece.message_id for piece in (*held, message) if piece.message_id),
        place=place_of(text, verdict),
        photos=photos,
        verdict=verdict,
        how=_REPORTS[command.verb],
        for_name=command.person,
        from_quote=not command.text and message.reply_to is not None,
    )


def _to_one(command: Command, case_id: int, message: Inbound, ctx: Context) -> Decision | None:
    """What residents say with one word is a decision of its own, whoever says it."""
    text, photos = command.text or message.text, photos_of(message)
    own = any(case.id == case_id and _is_reporter(case.reporter_id, ctx) for case in ctx.quoted_cases)
    if command.verb is Verb.NOT_FIXED:
        return NotFixed(case_id=case_id, text=text, photos=photos)
    if command.verb is Verb.SUPPORT and own:
        pieces = (message.message_id,) if message.message_id else ()
        return Supplement(case_id=case_id, text=text, place=place_of(text), photos=photos, pieces=pieces)
    if command.verb is Verb.SUPPORT:
        return Support(case_id=case_id, text=text, place=place_of(text), photos=photos)
    if command.verb is Verb.CALLED_OFF:
        return Withdraw(case_id=case_id, text=text) if own else Nothing(reason="called off by another")
    return None


def _is_reporter(reporter_id: int | None, ctx: Context) -> bool:
    return reporter_id is not None and reporter_id == ctx.speaker.person_id


def _grade(command: Command, message: Inbound, ctx: Context, now: datetime) -> Decision | None:
    """A digit is a grade where one was asked for; in private it may also answer the list shown last."""
    results = tuple(link.case_id for link in ctx.quoted if link.role == "result")
    if results and command.grade:
        return Grade(case_id=results[0], grade=command.grade)
    if ctx.question is not None and command.grade and grade_is_asked(command, ctx, now):
        return Grade(case_id=ctx.question.case_id, grade=command.grade)
    if command.positions and _open_menu(ctx, now):
        return carry_out(Command(verb=Verb.MENU, positions=command.positions), message, ctx, now)
    told = [heard.case.id for heard in ctx.results if _is_reporter(heard.case.reporter_id, ctx)]
    if len(told) == 1 and command.grade:
        return Grade(case_id=told[0], grade=command.grade)
    if not addressed(message, ctx):
        return None
    return Ask(key="grade_which") if told else Ask(key="not_understood")


def grade_is_asked(command: Command, ctx: Context, now: datetime) -> bool:
    """A digit answers what was shown last: the question for a grade, or a list; a word can only be a grade."""
    if ctx.question is None or ctx.question.kind != "grade":
        return False
    if not command.positions or not _open_menu(ctx, now) or ctx.menu is None:
        return True
    return not ctx.menu_quoted and ctx.question.asked_at >= ctx.menu.shown_at


def _open_menu(ctx: Context, now: datetime) -> bool:
    if ctx.menu is None:
        return False
    return ctx.menu_quoted or (ctx.chat_kind in _MENU_CHATS and now - ctx.menu.shown_at <= MENU_OPEN)


def _targets(command: Command, message: Inbound, ctx: Context, now: datetime) -> tuple[int, ...] | Ask | Nothing:
    if command.numbers:
        return command.numbers
    if command.positions:
        return _by_position(command.positions, message, ctx, now)
    quoted = tuple(dict.fromkeys(link.case_id for link in ctx.quoted))
    if quoted:
        return quoted
    if _open_menu(ctx, now) and ctx.menu is not None and len(ctx.menu.items) == 1:
        return ctx.menu.items
    return _unclear(message, ctx, "which_case")


def _by_position(
    positions: tuple[int, ...], message: Inbound, ctx: Context, now: datetime
) -> tuple[int, ...] | Ask | Nothing:
    if not _open_menu(ctx, now) or ctx.menu is None:
        return _unclear(message, ctx, "which_case")
    beyond = [position for position in positions if position > len(ctx.menu.items)]
    if beyond:
        return Ask(key="no_such_position", data={"position": beyond[0], "count": len(ctx.menu.items)})
    return tuple(ctx.menu.items[position - 1] for position in positions)


def _unclear(message: Inbound, ctx: Context, key: str) -> Ask | Nothing:
    return Ask(key=key) if addressed(message, ctx) else Nothing(reason=f"not addressed: {key}")
