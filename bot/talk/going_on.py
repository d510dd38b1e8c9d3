"""Somebody whose report is open says more, without a quote: a piece, a correction, the end, or another matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.talk import phrases
from bot.talk.decisions import Decision, Heard, Nothing, Withdraw
from bot.talk.pieces import PIECES, SHORT_PLACE, other_place, photos_of, same_place
from bot.talk.scene import LATER, WARM, Scene, correct, same_kind, supplement, with_more
from classifiers.normalize import normalize
from classifiers.verdict import Tier
from storage.records import CaseRow

_OPEN_BEFORE_WORK: Final = frozenset({"reported", "accepted"})


def going_on(scene: Scene) -> Decision | None:
    """Somebody whose report is open here says more, without a quote."""
    heard = _own_case(scene)
    if heard is None:
        return None
    case, silent = heard.case, scene.since(heard.said_at)
    if scene.over:
        return Withdraw(case_id=case.id, text=scene.text) if _fits_over(scene, case, silent) else None
    if phrases.asks_if_over(scene.text):
        return Nothing(reason="asks whether it is over")
    if silent <= WARM and phrases.corrects(scene.text) and not scene.ctx.speaker.is_staff:
        return correct(scene, case)
    if _another_matter(scene, case, silent):
        return None
    if _is_piece(scene, case, silent):
        return supplement(scene, case)
    return Nothing(reason="small talk of a reporter") if silent <= WARM and not scene.reports else None


def _own_case(scene: Scene) -> Heard | None:
    """The case he means: where the place or the kind of trouble fits, else the one he spoke of last."""
    recent = [heard for heard in scene.ctx.speaker_cases if scene.since(heard.said_at) <= LATER]
    recent.sort(key=lambda heard: (heard.said_at, heard.case.id), reverse=True)
    same = [heard for heard in recent if scene.reports and same_kind(heard.case, scene.verdict)]
    there = [heard for heard in same or recent if same_place(heard.case.place, scene.place)]
    return next(iter(there or same or recent), None)


def _fits_over(scene: Scene, case: CaseRow, silent: timedelta) -> bool:
    """「来电了」 an hour later still means the power cut; 「好了」 by itself does so only soon after."""
    if scene.ctx.speaker.is_staff:
        return False
    only = sum(scene.since(heard.said_at) <= LATER for heard in scene.ctx.speaker_cases) == 1
    return silent <= WARM or (only and case.state in _OPEN_BEFORE_WORK)


def _another_matter(scene: Scene, case: CaseRow, silent: timedelta) -> bool:
    """A trouble of its own: of another kind, or of the same kind at another place."""
    if not scene.reports or scene.verdict is None:
        return False
    if phrases.opens_another(scene.text) or other_place(case.place, scene.place):
        return True
    if scene.message.reply_to is not None and silent <= WARM:
        return False  # he answers somebody
    if same_kind(case, scene.verdict):
        return silent > LATER
    return scene.verdict.tier is Tier.CARD or silent > PIECES


def _is_piece(scene: Scene, case: CaseRow, silent: timedelta) -> bool:
    photos, place = photos_of(scene.message), scene.place
    if phrases.only_agrees(scene.text):
        return False
    if (photos and silent <= WARM and not scene.idle) or (photos and not scene.text and silent <= WARM):
        return True
    if place and not case.place and len(scene.text) <= SHORT_PLACE and not scene.reports:
        return True
    if scene.ctx.speaker.is_staff:
        return silent <= PIECES and (scene.reports or place is not None)
    if scene.reports:
        return True
    if (scene.idle and not place) or silent > WARM:
        return False
    told = place is not None or scene.message.reply_to is not None or _adds_words(scene, case)
    return silent <= PIECES or told


def _adds_words(scene: Scene, case: CaseRow) -> bool:
    """One of its words counts for the trouble once both are read together."""
    if scene.ctx.understand is None:
        return False
    joined, plain = scene.ctx.understand(with_more(case, scene.text)), normalize(scene.text)
    return joined.category == case.category and any(m.weight > 0 and m.word in plain for m in joined.matched)
