"""What is said under a quote of a message that belongs to a case."""

from __future__ import annotations

from bot.talk import phrases
from bot.talk.decisions import Ask, Decision, NotFixed, Nothing, Supplement, Withdraw
from bot.talk.pieces import other_place, photos_of
from bot.talk.scene import Scene, correct, new_report, own_id, same_kind, supplement, support
from storage.records import CaseRow


def quoting(scene: Scene) -> Decision | None:
    case = next(iter(scene.ctx.quoted_cases), None)
    if case is None:
        return None
    if scene.ctx.speaker.is_staff and not scene.is_mine(case):
        return _staff_quote(scene, case)
    if any(link.role == "result" for link in scene.ctx.quoted):
        return _under_result(scene, case)
    return _about_own(scene, case) if scene.is_mine(case) else _about_others(scene, case)


def _staff_quote(scene: Scene, case: CaseRow) -> Decision:
    photos = photos_of(scene.message)
    if scene.message.reply_to_bot and photos:
        return Supplement(case_id=case.id, text=scene.text, photos=photos, pieces=own_id(scene))
    if scene.message.reply_to_bot or scene.message.private:
        return Ask(key="not_understood")
    return Nothing(reason="staff talk under a report")


def _under_result(scene: Scene, case: CaseRow) -> Decision:
    photos = photos_of(scene.message)
    again = scene.reports and same_kind(case, scene.verdict) and not other_place(case.place, scene.place)
    if phrases.not_fixed(scene.text) or again:
        return NotFixed(case_id=case.id, text=scene.text, photos=photos)
    if scene.reports:
        return new_report(scene, "said")
    return Nothing(reason="talk under a result")


def _about_own(scene: Scene, case: CaseRow) -> Decision:
    if scene.over:
        return Withdraw(case_id=case.id, text=scene.text)
    if phrases.corrects(scene.text):
        return correct(scene, case)
    if scene.idle and not scene.place and not photos_of(scene.message):
        return Nothing(reason="small talk")
    return supplement(scene, case)


def _about_others(scene: Scene, case: CaseRow) -> Decision | None:
    """Another's report: the same trouble supports it, a place of one's own makes a case, advice is nothing."""
    if scene.reports and other_place(case.place, scene.place):
        return new_report(scene, "said")
    if _tells_the_same(scene, case):
        return support(scene, case)
    return None if scene.reports else Nothing(reason="talk under a report")


def _tells_the_same(scene: Scene, case: CaseRow) -> bool:
    if scene.over or phrases.denies(scene.text):
        return False
    if phrases.supports(scene.text, quoting=True):
        return True
    if scene.reports:
        return same_kind(case, scene.verdict)
    return not scene.idle and not phrases.asks(scene.text) and phrases.lasting(scene.text)
