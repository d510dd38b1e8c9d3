"""One report said in several messages: which held-back messages belong to it, and what they say together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.model import Attachment, Inbound
from bot.talk import phrases
from bot.talk.decisions import Context
from classifiers.normalize import normalize
from classifiers.places import find_place, one_in_other, place_key
from classifiers.verdict import Intent, Tier, Urgency, Verdict

PIECES: Final = timedelta(minutes=2)  # between two messages of one report
SHORT_PLACE: Final = 20  # characters; a longer message with a place in it is about something of its own
_HOUSE: Final = re.compile(r"(?:[0-9]+|[a-z])(?:号楼|栋|幢|座|#)")
_WITHIN: Final = re.compile(
    r"(?:[0-9一二三四五六七八九十左右中]+(?:单元|层|楼|室|户)|[0-9]{3,4}|门口|楼道|楼梯间|[东西南北]?[侧边头])+"
)
_ELSE: Final = frozenset({Intent.THANKS, Intent.SIGNUP, Intent.FORWARD, Intent.NOTICE})
_GRAVITY: Final = {None: 0, Urgency.NORMAL: 1, Urgency.URGENT: 2, Urgency.EMERGENCY: 3}


@dataclass(frozen=True, slots=True)
class Said:
    """A message with the pieces that were said before it. `verdict` is of all of them together."""

    text: str
    place: str | None
    photos: tuple[Attachment, ...]
    ids: tuple[str, ...]
    verdict: Verdict | None


def photos_of(message: Inbound) -> tuple[Attachment, ...]:
    return tuple(item for item in message.attachments if item.kind == "photo")


def place_of(text: str, verdict: Verdict | None = None) -> str | None:
    """The place a message names; the classifier's word counts first, it knows the places of the directory."""
    return (verdict.place if verdict else None) or find_place(text)


def same_place(one: str | None, other: str | None) -> bool:
    """Both named, and one is the other or lies in it (「3号楼」, 「三号楼二单元」)."""
    if not one or not other:
        return False
    return one_in_other(place_key(one), place_key(other))


def other_place(one: str | None, other: str | None) -> bool:
    """Both named, and they cannot be one spot: 「二单元」 may well be in 「6号楼」, 「5号楼」 may not."""
    if not one or not other or same_place(one, other):
        return False
    a, b = place_key(one), place_key(other)
    houses = _HOUSE.search(a), _HOUSE.search(b)
    if houses[0] and houses[1]:
        return houses[0][0] != houses[1][0]
    return not (_WITHIN.fullmatch(a) or _WITHIN.fullmatch(b))


def tells(text: str, verdict: Verdict | None) -> bool:
    """The text tells a trouble; where the rules only say perhaps, thanks and greetings outweigh them."""
    if verdict is None or not verdict.is_case:
        return False
    return verdict.tier is Tier.CARD or not phrases.small_talk(text)


def idle(text: str, verdict: Verdict | None) -> bool:
    """Nothing that tells more about a trouble."""
    if tells(text, verdict):
        return False
    return phrases.small_talk(text) or (verdict is not None and verdict.intent in _ELSE)


def put_together(message: Inbound, ctx: Context) -> Said:
    """The message and those of `message.earlier` that fit: a photo, a place, a word that counts for the whole."""
    near = () if phrases.opens_another(message.text) else _near(message, ctx)
    joined = _joined(near, message, ctx)
    verdict = _together(ctx.verdict, joined)
    here = place_of(message.text, ctx.verdict)
    used = tuple(piece for piece in near if _fits(piece, joined, here))
    texts = [piece.text.strip() for piece in (*used, message) if piece.text.strip()]
    places = [place_of(piece.text) for piece in reversed(used)]
    return Said(
        text="\n".join(texts),
        place=here or next((place for place in places if place), None),
        photos=tuple(photo for piece in (*used, message) for photo in photos_of(piece)),
        ids=tuple(piece.message_id for piece in (*used, message) if piece.message_id),
        verdict=verdict,
    )


def _near(message: Inbound, ctx: Context) -> tuple[Inbound, ...]:
    """An unbroken run of the sender's messages, each within two minutes of the next; what a case has is left out."""
    run: list[Inbound] = []
    after = message.sent_at
    mine = (piece for piece in message.earlier if piece.sender.native_id == message.sender.native_id)
    for piece in sorted(mine, key=lambda piece: piece.sent_at, reverse=True):
        if after - piece.sent_at > PIECES:
            break
        if piece.message_id not in ctx.linked:
            run.append(piece)
            after = piece.sent_at
    return tuple(reversed(run))


def _joined(near: tuple[Inbound, ...], message: Inbound, ctx: Context) -> Verdict | None:
    texts = [piece.text for piece in near if piece.text and not idle(piece.text, None)]
    if not texts or ctx.understand is None:
        return ctx.verdict
    return ctx.understand("\n".join([*texts, message.text]))


def _together(own: Verdict | None, joined: Verdict | None) -> Verdict | None:
    """The whole decides where the message alone is no case, or only makes the same matter graver."""
    if own is None or not own.is_case or joined is None:
        return joined
    if not joined.is_case or joined.category != own.category:
        return own
    surer = own.tier is Tier.CARD and joined.tier is not Tier.CARD  # small talk before it makes nothing less sure
    graver = _GRAVITY[joined.urgency] - _GRAVITY[own.urgency]
    return joined if graver > 0 or (graver == 0 and not surer) else own


def _fits(piece: Inbound, joined: Verdict | None, here: str | None) -> bool:
    """`here`: the place of the message itself; what names another place tells another matter."""
    if photos_of(piece) and not piece.text.strip():
        return True
    if phrases.small_talk(piece.text):
        return False
    plain = normalize(piece.text)
    place = find_place(piece.text)
    if other_place(here, place):
        return False
    if place and len(plain) <= SHORT_PLACE:
        return True
    return joined is not None and joined.is_case and any(m.weight > 0 and m.word in plain for m in joined.matched)
