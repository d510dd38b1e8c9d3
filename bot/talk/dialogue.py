"""Which report or case is meant by a message? Pure: the same message and context give the same decision.

All windows are measured on the platform's `sent_at`, so that it does not matter when or in what batches messages
arrive. The stations are asked in turn, the first that has an answer decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from bot.model import ChatKind, Inbound, InboundKind
from bot.talk import phrases
from bot.talk.binding import addressed, carry_out, grade_is_asked
from bot.talk.commands import Verb
from bot.talk.decisions import Answer, Ask, Context, Decision, Grade, Nothing
from bot.talk.going_on import going_on
from bot.talk.pieces import photos_of
from bot.talk.quoting import quoting
from bot.talk.scene import Scene, same_kind, supplement
from bot.talk.telling import after_result, me_too, told
from bot.talk.verbs import SOFT_WORDS

SOON: Final = timedelta(minutes=3)

__all__ = ["Context", "Decision", "decide"]


def decide(message: Inbound, ctx: Context, now: datetime | None = None) -> Decision:
    """`now` defaults to the moment the message was sent, which is what makes the outcome independent of arrival."""
    scene = Scene(message, ctx, now or message.sent_at)
    for station in _STATIONS:
        decision = station(scene)
        if decision is not None:
            return decision
    return Nothing(reason="chatter")


def _no_message(scene: Scene) -> Decision | None:
    """An edit of what a case has is more about that case; all other events are not for the dialogue."""
    kind = scene.message.kind
    if kind is InboundKind.MESSAGE:
        if scene.ctx.superseded:
            return Nothing(reason="an earlier wording")
        return Nothing(reason="unbound chat") if scene.ctx.chat_kind is ChatKind.UNKNOWN else None
    if kind is not InboundKind.EDIT:
        return Nothing(reason=f"{kind} is no talk")
    own = [
        heard.case for heard in scene.ctx.speaker_cases if heard.case.id in {link.case_id for link in scene.ctx.quoted}
    ]
    return supplement(scene, own[0]) if own and scene.text else None


def _awaited(scene: Scene) -> Decision | None:
    """The bot asked this person something here."""
    question, command = scene.ctx.question, scene.ctx.command
    if question is None or scene.since(question.until) > timedelta(0):
        return None
    if command is not None and command.verb not in {Verb.GRADE, Verb.MENU}:
        return None
    if question.kind == "grade":
        asked = command is not None and grade_is_asked(command, scene.ctx, scene.now)
        return Grade(case_id=question.case_id, grade=command.grade) if command and command.grade and asked else None
    if not _answers(scene, question.kind):
        return None
    photos = photos_of(scene.message)
    return Answer(question=question, text=scene.text, place=scene.place, photos=photos)


def _answers(scene: Scene, kind: str) -> bool:
    if kind == "photo":
        return bool(photos_of(scene.message))
    if kind == "contact":
        return phrases.agrees(scene.text)
    direct = bool(scene.text) and (addressed(scene.message, scene.ctx) or _right_after(scene))
    if kind == "place":
        named = scene.place is not None and not _elsewhere(scene)
        return named or scene.message.location is not None or (direct and not scene.idle and len(scene.text) <= 40)
    return direct and not scene.reports


def _right_after(scene: Scene) -> bool:
    """In a chat of staff the next words of who tapped are the answer, if they come soon and are more than a nod."""
    question = scene.ctx.question
    if question is None or scene.ctx.chat_kind not in (ChatKind.STAFF, ChatKind.UNIT):
        return False
    return scene.since(question.asked_at) <= SOON and not phrases.small_talk(scene.text)


def _elsewhere(scene: Scene) -> bool:
    """It names a place but tells a trouble of its own, of another kind than the case that is asked about."""
    asked = scene.ctx.question.case_id if scene.ctx.question else None
    case = next((heard.case for heard in scene.ctx.speaker_cases if heard.case.id == asked), None)
    return scene.reports and case is not None and not same_kind(case, scene.verdict)


def _commanded(scene: Scene) -> Decision | None:
    command = scene.ctx.command
    return carry_out(command, scene.message, scene.ctx, scene.now) if command else None


def _spoken_to(scene: Scene) -> Decision | None:
    """What is not understood gets an answer only where the bot was addressed."""
    if not addressed(scene.message, scene.ctx):
        return None
    if not scene.text and not photos_of(scene.message):
        return None
    idle = phrases.small_talk(scene.text) if scene.ctx.speaker.is_staff else scene.idle  # staff words pass for notices
    if scene.ctx.speaker.is_staff and scene.text.startswith(tuple(SOFT_WORDS)):
        return Ask(key="which_case")  # 「好了 换了灯泡」 without a quote
    if scene.text and idle:
        return (
            Ask(key="hello")
            if scene.message.private and not phrases.thanks(scene.text)
            else Nothing(reason="small talk")
        )
    return Ask(key="not_understood")


_STATIONS: Final[tuple[Callable[[Scene], Decision | None], ...]] = (
    _no_message,
    _awaited,
    _commanded,
    quoting,
    going_on,
    after_result,
    me_too,
    told,
    _spoken_to,
)
