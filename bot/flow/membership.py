"""The bot joins, leaves, or a group gets a new id."""

from __future__ import annotations

from bot.flow.draft import Draft
from bot.flow.hands import Hand
from bot.model import ChatKind, InboundKind, Mode
from storage import chats, outbox


def changed(hand: Hand) -> bool:
    """False: nothing of the event is worth keeping."""
    moment = hand.moment
    match moment.inbound.kind:
        case InboundKind.MIGRATED:
            chats.migrate(hand.conn, moment.inbound.account, moment.inbound.chat, moment.inbound.text)
            outbox.move_lane(hand.conn, moment.chat.id, moment.inbound.account)
        case InboundKind.LEFT:
            chats.set_reachable(hand.conn, moment.chat.id, reachable=False)
        case _:
            _joined(hand)
    return False


def _joined(hand: Hand) -> None:
    """The bot introduces itself only where it may talk; in every other group it keeps still."""
    moment = hand.moment
    if not moment.chat.reachable:
        chats.set_reachable(hand.conn, moment.chat.id, reachable=True)
    if moment.chat.kind == ChatKind.RESIDENTS and moment.chat.mode == Mode.FULL:
        draft = Draft(view="text", text=hand.voice.texts.say("group.intro"))
        hand.tools.teller.post(hand.conn, moment.chat, "intro", draft, moment.now, dedupe=f"intro:{moment.chat.id}")
