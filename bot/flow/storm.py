"""Many say the same at once: staff hear of it now and then, each group gets one post (domain.md, Manners)."""

from __future__ import annotations

from dataclasses import replace

from bot.cases.duplicates import OUTAGES
from bot.cases.outcome import Done
from bot.cases.states import Action
from bot.flow import manners
from bot.flow.draft import Draft
from bot.flow.hands import Hand
from bot.flow.hush import MANY
from bot.model import ChatKind
from storage.records import CaseRow

TOLD = frozenset({1, 2, 3, 5, 10, 20, 50})
EVERY = 100
_SENTENCES = {"facility.power": "group.power_cut", "facility.water": "group.water_cut"}


def supported(hand: Hand, outcome: Done) -> Done:
    """One more who has the trouble, too: what staff and groups hear of it."""
    if outcome.event is None or outcome.event.action != Action.SUPPORT:
        return outcome
    count = outcome.event.data.get("count", 0)
    if count >= MANY and outcome.case.category in OUTAGES and outcome.case.sensitive == "none":
        _calm(hand, outcome.case)
    if count in TOLD or (count and count % EVERY == 0):
        return outcome
    return replace(outcome, notices=())


def _calm(hand: Hand, case: CaseRow) -> None:
    """One post per group: it is known, nobody needs to say it again."""
    if hand.moment.late:
        return
    voice, teller = hand.voice, hand.tools.teller
    key = _SENTENCES.get(case.category, "group.outage")
    text = voice.texts.say(key, **voice.fields(case, hand.moment.now))
    for target in teller.finder.origins(hand.conn, case):
        if target.chat.kind == ChatKind.RESIDENTS and manners.group_sees(target.chat.mode, "storm"):
            draft = Draft(view="text", text=text, link="answer")
            once = f"storm:{case.id}:{case.closings}:{target.chat.id}"
            teller.post(hand.conn, target.chat, "storm", draft, hand.moment.now, case=case, dedupe=once)
