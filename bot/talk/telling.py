"""A trouble told for the first time, by another person, or again after its result."""

from __future__ import annotations

from dataclasses import replace

from bot.model import ChatKind
from bot.talk import phrases
from bot.talk.binding import addressed
from bot.talk.decisions import Ask, Decision, Heard, NotFixed, Nothing
from bot.talk.pieces import other_place, photos_of, same_place
from bot.talk.scene import HOT, LATER, Scene, new_report, same_kind, support, with_more
from classifiers.verdict import Tier, Verdict
from storage.records import CaseRow


def after_result(scene: Scene) -> Decision | None:
    """「没好」 without a quote: the reporter, within a day, and only one result fits."""
    if scene.ctx.speaker.is_staff or not phrases.not_fixed(scene.text):
        return None
    told = [
        heard.case for heard in scene.ctx.results if scene.is_mine(heard.case) and scene.since(heard.said_at) <= LATER
    ]
    fits = [case for case in told if not other_place(case.place, scene.place)]
    if scene.reports:
        fits = [case for case in fits if same_kind(case, scene.verdict)]
    if len(fits) == 1:
        return NotFixed(case_id=fits[0].id, text=scene.text, photos=photos_of(scene.message))
    return Ask(key="not_fixed_which") if len(fits) > 1 and addressed(scene.message, scene.ctx) else None


def told(scene: Scene) -> Decision | None:
    verdict = scene.said.verdict
    if verdict is None or not verdict.is_case or (verdict == scene.verdict and not scene.reports):
        return None
    if scene.ctx.speaker.is_staff:
        return _finding(scene, verdict)
    known = _known(scene, verdict)
    if known is None:
        return new_report(scene, "said")
    return support(scene, known) if _speaks_of_himself(scene, known, verdict) else Nothing(reason="talk about a case")


def _speaks_of_himself(scene: Scene, case: CaseRow, verdict: Verdict) -> bool:
    """A neighbour who has the trouble, too, not one who asks or advises (「打120没有」)."""
    if phrases.asks(scene.text) and verdict.tier is not Tier.CARD:
        return False
    if verdict.tier is Tier.CARD or same_place(case.place, scene.said.place):
        return True
    return phrases.of_us(scene.text) or phrases.lasting(scene.text)


def _finding(scene: Scene, verdict: Verdict) -> Decision:
    """Staff: the forwarded words of a resident in private; elsewhere a finding, only if it is sure and no answer."""
    if scene.message.private or scene.ctx.chat_kind is ChatKind.PRIVATE:
        return new_report(scene, "relay")
    answers = any(scene.since(h.said_at) <= HOT and same_kind(h.case, verdict) for h in scene.ctx.chat_cases)
    if verdict.tier is not Tier.CARD or answers:
        return Nothing(reason="staff talk")
    return new_report(scene, "patrol")


def _known(scene: Scene, verdict: Verdict) -> CaseRow | None:
    """The open case of another in this chat that tells the same trouble at the same place."""
    others = [heard for heard in scene.ctx.chat_cases if not scene.is_mine(heard.case) and _public(heard.case, verdict)]
    fits = [
        heard
        for heard in others
        if same_kind(heard.case, verdict) and not other_place(heard.case.place, scene.said.place)
    ]
    there = [heard for heard in fits if same_place(heard.case.place, scene.said.place)]
    hot = [heard for heard in fits if scene.since(heard.said_at) <= HOT]
    return _latest(there or hot)


def _latest(heard: list[Heard]) -> CaseRow | None:
    return max(heard, key=lambda item: (item.said_at, item.case.id)).case if heard else None


def _public(case: CaseRow, verdict: Verdict | None) -> bool:
    """Nobody is counted as a supporter of what must be kept out of the group."""
    return case.sensitive == "none" and (verdict is None or verdict.sensitive == "none")


def me_too(scene: Scene) -> Decision | None:
    """「我家也是」, +1, 「同」 right under a report of another person."""
    if scene.ctx.speaker.is_staff or scene.over or not phrases.supports(scene.text):
        return None
    hot = [
        heard
        for heard in scene.ctx.chat_cases
        if not scene.is_mine(heard.case) and scene.since(heard.said_at) <= HOT and _public(heard.case, None)
    ]
    there = [heard for heard in hot if same_place(heard.case.place, scene.place)]
    case = _latest(there or hot)
    if case is None:
        return None
    return _the_same_elsewhere(scene, case) or support(scene, case)


def _the_same_elsewhere(scene: Scene, case: CaseRow) -> Decision | None:
    """「我们8号楼后面的也没收」: the same kind of trouble at another place is a case of its own."""
    if not other_place(case.place, scene.place) or scene.ctx.understand is None:
        return None
    if scene.reports:
        return new_report(scene, "said")
    texts = (with_more(case, scene.text), case.text)
    verdicts = (scene.ctx.understand(text) for text in texts)
    joined = next((verdict for verdict in verdicts if verdict.category == case.category), None)
    if joined is None:
        return Nothing(reason="the same elsewhere, of a kind that is not clear")
    return replace(new_report(scene, "said"), verdict=replace(joined, place=scene.place), place=scene.place)
