"""Questions about cases: 待办, 详情, 查询, 我的上报, 统计, 台账, 帮助. What may be seen decides `visibility`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.cases.desk.report import grids_of
from bot.cases.duty import AWAY, effective_roles
from bot.cases.visibility import Field, Viewer, may_list, may_see, viewer_of
from bot.flow.discretion import Shown
from bot.flow.draft import Draft
from bot.flow.hands import Hand
from bot.talk import lists
from bot.talk.decisions import Do
from bot.talk.verbs import Verb
from storage import cases
from storage.records import CaseRow

MONTH = timedelta(days=31)
PERSONAL = Shown(personal=True)
MASKED = {
    Field.TEXT: {"text": ""},
    Field.REPORTER: {"reporter_name": "", "anonymous": True},
    Field.RESULT: {"result_text": ""},
}


def todo(hand: Hand, do: Do) -> None:
    """What waits for this person, over all his grids or his unit, the most urgent first; and what is only perhaps."""
    mine = todo_of(hand)
    listed = lists.todo(mine, hand.voice, hand.moment.now)
    hand.say(listed.text, menu=listed.items, shown=Shown(tuple(mine), personal=True))


def todo_of(hand: Hand) -> list[CaseRow]:
    directory, person = hand.moment.directory, hand.moment.person_id
    areas = _areas_below(hand, [*grids_of(directory, person), *_stands_in(hand)])
    found = {case.id: case for case in cases.open_cases(hand.conn, area_ids=areas)} if areas else {}
    if areas:
        found |= {case.id: case for case in cases.open_cases(hand.conn, unplaced=True)}
        found |= {case.id: case for case in cases.open_cases(hand.conn, worker_id=person)}
    for unit in directory.units_of(person):
        found |= {case.id: case for case in cases.open_cases(hand.conn, unit_id=unit)}
    return sorted((case for case in found.values() if _may_list(hand, case)), key=_first)


def _stands_in(hand: Hand) -> list[int]:
    """Areas of people who are away and whom the speaker stands in for."""
    moment = hand.moment
    away = {duty.person_id for duty in moment.directory.duties if duty.kind in AWAY}
    areas = {area for person in away for area in grids_of(moment.directory, person)}
    return [area for area in areas if effective_roles(moment.directory, moment.person_id, area, moment.now)]


def _areas_below(hand: Hand, upper: Sequence[int]) -> list[int]:
    """These areas and all below; every area for a role that holds everywhere."""
    directory = hand.moment.directory
    if any(role.area_id is None and role.unit_id is None for role in directory.roles_of(hand.moment.person_id)):
        return list(directory.areas)
    return [area for area in directory.areas if directory.within(area, upper)] if upper else []


def _first(case: CaseRow) -> tuple[int, datetime, int]:
    rank = {"emergency": 0, "urgent": 1}.get(case.urgency, 2)
    return (rank, case.due_at or case.reported_at + timedelta(days=365), case.id)


def _may_list(hand: Hand, case: CaseRow) -> bool:
    return may_list(_viewer(hand, case), case)


def _viewer(hand: Hand, case: CaseRow) -> Viewer:
    return viewer_of(hand.desk.bench.anyone(hand.moment.person_id, case))


def detail(hand: Hand, do: Do) -> None:
    """The case with its history, as far as the asker may see it."""
    for case_id in do.case_ids or ():
        case = masked(hand, case_id)
        if case is None:
            hand.refuse("unknown_case", number=case_id)
            continue
        events = cases.events(hand.conn, case_id) if _sees(hand, case, Field.HISTORY) else []
        count = cases.count_supporters(hand.conn, case_id)
        text = lists.detail(case, events, hand.voice, hand.moment.now, supporters=count)
        hand.say(text, case, shown=PERSONAL)
    if not do.case_ids:
        hand.ask("which_case")


def query(hand: Hand, do: Do) -> None:
    """「查询 128」 of its reporter; staff get the details."""
    for case_id in do.case_ids or ():
        case = masked(hand, case_id)
        if case is None:
            hand.refuse("unknown_case", number=case_id)
        elif _sees(hand, case, Field.HISTORY):
            detail(hand, replace(do, case_ids=(case_id,)))
        else:
            hand.say(lists.query(case, hand.voice, hand.moment.now), case)
    if not do.case_ids:
        hand.ask("which_case")


def card(hand: Hand, case_id: int) -> None:
    """The card of one case, for who asks."""
    case = masked(hand, case_id)
    if case is None:
        hand.refuse("unknown_case", number=case_id)
        return
    draft = Draft(view="card", link="card")
    hand.tools.teller.answer(hand.conn, hand.spoken, "", hand.moment.now, case=case, draft=draft, shown=PERSONAL)


def masked(hand: Hand, case_id: int) -> CaseRow | None:
    """The case without what the asker may not see; None: he may not even learn that it exists."""
    case = cases.get(hand.conn, case_id)
    if case is None or not _may_list(hand, case):
        return None
    for field, empty in MASKED.items():
        if not _sees(hand, case, field):
            case = replace(case, **empty)  # type: ignore[arg-type]  # each empties columns by name
    return case


def _sees(hand: Hand, case: CaseRow, field: Field) -> bool:
    return may_see(_viewer(hand, case), case, field)


def mine(hand: Hand, do: Do) -> None:
    """A resident's own reports of the last year."""
    person = hand.moment.person_id
    own = cases.recent_of_reporter(hand.conn, person, hand.moment.now - timedelta(days=365)) if person else []
    hand.say(lists.mine(own[: lists.LINES], hand.voice, hand.moment.now), shown=PERSONAL)


def stats(hand: Hand, do: Do) -> None:
    """The speaker's own figures; nobody else's, in no chat."""
    start, end, name = period(hand, do)
    person = hand.moment.person_id
    own = [case for case in _reported(hand, start, end) if case.worker_id == person]
    closed = [case for case in own if case.state == "closed"]
    in_time = [case for case in closed if case.due_at is None or (case.closed_at and case.closed_at <= case.due_at)]
    rate = f"{len(in_time) * 100 // len(closed)}%" if closed else ""
    text = lists.stats(name, len(own), len(closed), hand.voice, rate=rate)
    hand.say(text, shown=Shown(tuple(own), personal=True))


def ledger(hand: Hand, do: Do) -> None:
    """Every case of the period in the speaker's areas, as far as he may list it."""
    start, end, name = period(hand, do)
    found = [case for case in _reported(hand, start, end) if _may_list(hand, case)]
    text = lists.ledger(found, name, hand.voice, hand.moment.now)
    hand.say(text, shown=Shown(tuple(found), personal=True))


def _reported(hand: Hand, start: datetime, end: datetime) -> list[CaseRow]:
    roles = hand.moment.directory.roles_of(hand.moment.person_id)
    areas = _areas_below(hand, [role.area_id for role in roles if role.area_id is not None])
    return cases.reported_between(hand.conn, areas, start, end) if areas else []


def period(hand: Hand, do: Do) -> tuple[datetime, datetime, str]:
    """「10月」, 「上周」 as a span of local days; this month where nothing is said."""
    zone, now = hand.tools.teller.voices.zone, hand.moment.now
    today = now.astimezone(zone).date()
    text, month = do.command.text, do.command.month
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    spans = {
        "今天": (today, today),
        "昨天": (today - timedelta(days=1), today - timedelta(days=1)),
        "本周": (monday, monday + timedelta(days=6)),
        "上周": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "上月": ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
        "今年": (today.replace(month=1, day=1), today),
    }
    start, last = spans.get(text, (first, today))
    if month:
        usual = today.year if month <= today.month else today.year - 1
        given = do.command.year or 0
        year = given if 2000 <= given <= today.year else usual
        start = first.replace(year=year, month=month)
        last = (start + MONTH).replace(day=1) - timedelta(days=1)
    name = text or "本月"
    return datetime.combine(start, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone), name


def help_text(hand: Hand, do: Do) -> None:
    roles = hand.moment.directory.all_roles(hand.moment.person_id) if hand.moment.person_id else frozenset()
    hand.say(lists.help_for(frozenset(role.value for role in roles), hand.voice))


ANSWERS: dict[Verb, Callable[[Hand, Do], None]] = {
    Verb.TODO: todo,
    Verb.DETAIL: detail,
    Verb.QUERY: query,
    Verb.MINE: mine,
    Verb.STATS: stats,
    Verb.LEDGER: ledger,
    Verb.HELP: help_text,
}
