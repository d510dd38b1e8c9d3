"""Deadlines, warnings and reminders of all kinds of cases, by hand and by property."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.clocks import Clocks
from bot.cases.limits import left
from bot.cases.notices import Kind
from bot.cases.rulebook import load
from bot.errors import ConfigError
from classifiers.taxonomy import TAXONOMY
from storage.records import CaseRow
from tests.unit.cases.town import CLOCKS, NOW, a_case, shanghai

TUESDAY = shanghai(11, 10, 10)
NIGHT = shanghai(11, 14, 22)  # a Saturday
# kind -> example category, then due of accept, resolve and verify from Tuesday 10:00 and from Saturday 22:00
TABLE = [
    ("emergency.fire", "accept", shanghai(11, 10, 10, 5), shanghai(11, 14, 22, 5)),
    ("emergency.fire", "resolve", shanghai(11, 10, 12), shanghai(11, 15, 0)),
    ("emergency.fire", "verify", shanghai(11, 11, 10), shanghai(11, 15, 22)),
    ("hazard.gas", "accept", shanghai(11, 10, 10, 30), shanghai(11, 14, 22, 30)),
    ("facility.manhole", "resolve", shanghai(11, 11, 10), shanghai(11, 15, 22)),
    ("hazard.electric", "verify", shanghai(11, 11, 10), shanghai(11, 16, 17, 30)),
    ("facility.power", "accept", shanghai(11, 10, 12), shanghai(11, 15, 0)),
    ("facility.lift", "resolve", shanghai(11, 11, 10), shanghai(11, 15, 22)),
    ("facility.water", "verify", shanghai(11, 11, 10), shanghai(11, 16, 17, 30)),
    ("order.parking", "accept", shanghai(11, 10, 15, 30), shanghai(11, 16, 14)),
    ("environment.noise", "resolve", shanghai(11, 11, 10), shanghai(11, 16, 17, 30)),
    ("order.vendor", "verify", shanghai(11, 11, 10), shanghai(11, 16, 17, 30)),
    ("facility.streetlight", "accept", shanghai(11, 11, 10), shanghai(11, 16, 17, 30)),
    ("facility.streetlight", "resolve", shanghai(11, 17, 10), shanghai(11, 20, 17, 30)),
    ("facility.streetlight", "verify", shanghai(11, 12, 10), shanghai(11, 17, 17, 30)),
    ("dispute.neighbour", "resolve", shanghai(12, 1, 10), shanghai(12, 4, 17, 30)),
    ("order.illegal_building", "verify", shanghai(11, 13, 10), shanghai(11, 18, 17, 30)),
    ("consult.policy", "resolve", shanghai(11, 17, 10), shanghai(11, 20, 17, 30)),
    ("service.card", "verify", None, None),
]


def running(
    category: str = "facility.streetlight", stage: str = "accept", now: datetime = TUESDAY, **values: object
) -> CaseRow:
    case = a_case(category=category, **values)
    return replace(case, **CLOCKS.start(case, stage, now))


@pytest.mark.parametrize(("category", "stage", "by_day", "by_night"), TABLE)
def test_the_table_of_limits(category: str, stage: str, by_day: datetime | None, by_night: datetime | None) -> None:
    """Each row of the domain's table, begun on a working morning and on a Saturday night."""
    assert [running(category, stage, now).due_at for now in (TUESDAY, NIGHT)] == [by_day, by_night]


@pytest.mark.parametrize("category", TAXONOMY)
def test_every_category_has_an_accept_and_a_resolve_clock(category: str) -> None:
    """No case waits without a deadline, whatever it is about."""
    for urgency in ("normal", "urgent", "emergency"):
        assert {"accept", "resolve"} <= CLOCKS.rules.kind_of(category, urgency).limits.keys()


def test_urgency_makes_a_clock_faster_never_slower() -> None:
    """Emergency is emergency everywhere; urgent is danger, except where the usual clock is as fast."""
    kinds = {
        (category, urgency): CLOCKS.rules.kind_of(category, urgency).name
        for category in ("facility.road", "facility.power", "emergency.missing")
        for urgency in ("normal", "urgent", "emergency")
    }
    assert list(kinds.values()) == [
        "general", "danger", "emergency", "utility", "utility", "emergency", "emergency", "emergency", "emergency",
    ]  # fmt: skip


YELLOW = [
    ("facility.streetlight", "resolve", shanghai(11, 16, 10)),  # one of five working days
    ("dispute.neighbour", "resolve", shanghai(11, 30, 10)),  # one working day, less than a fifth of fifteen
    ("facility.streetlight", "accept", shanghai(11, 11, 8, 30)),  # a fifth of a day: an hour and a half
    ("emergency.fire", "resolve", shanghai(11, 10, 11, 36)),  # 24 minutes
    ("order.parking", "accept", shanghai(11, 10, 14, 42)),  # 48 minutes of office time
]


@pytest.mark.parametrize(("category", "stage", "yellow"), YELLOW)
def test_yellow(category: str, stage: str, yellow: datetime) -> None:
    """One working day or a fifth of the limit before due, whichever is less."""
    assert running(category, stage).yellow_at == yellow


def reminders(case: CaseRow, count: int) -> list[tuple[Kind, datetime, int]]:
    found = []
    for _ in range(count):
        slot = CLOCKS.next_slot(case)
        assert slot is not None
        found.append((slot.kind, slot.at, slot.level))
        case = replace(case, **CLOCKS.passed(case, slot))
    return found


def test_reminders_of_an_ordinary_case() -> None:
    """Yellow, red, then one level higher every working day."""
    assert reminders(running(stage="resolve"), 5) == [
        (Kind.OVERDUE_YELLOW, shanghai(11, 16, 10), 0),
        (Kind.OVERDUE_RED, shanghai(11, 17, 10), 0),
        (Kind.OVERDUE_SUPERVISE, shanghai(11, 18, 10), 1),
        (Kind.OVERDUE_SUPERVISE, shanghai(11, 19, 10), 2),
        (Kind.OVERDUE_SUPERVISE, shanghai(11, 20, 10), 3),
    ]


def test_reminders_of_an_emergency() -> None:
    """Three rounds up the levels at five-minute steps, then the phone list, in the night as well."""
    assert reminders(running("emergency.fire", now=NIGHT), 5) == [
        (Kind.ROUND, shanghai(11, 14, 22, 5), 1),
        (Kind.ROUND, shanghai(11, 14, 22, 10), 2),
        (Kind.ROUND, shanghai(11, 14, 22, 15), 3),
        (Kind.PHONES, shanghai(11, 14, 22, 20), 3),
        (Kind.OVERDUE_SUPERVISE, shanghai(11, 15, 22, 5), 4),
    ]


def test_ordinary_reminders_wait_for_the_office_emergencies_never() -> None:
    """A power cut's clock runs at night but its reminder comes in the morning; an open manhole's comes at once."""
    power, manhole = running("facility.power", now=NIGHT), running("facility.manhole", now=NIGHT)
    assert power.due_at == shanghai(11, 15, 0)
    assert [at for _, at, _ in reminders(power, 2)] == [shanghai(11, 16, 8, 30)] * 2
    assert [at for _, at, _ in reminders(manhole, 2)] == [shanghai(11, 14, 22, 24), shanghai(11, 14, 22, 30)]


def test_only_the_latest_missed_reminder_counts() -> None:
    """After an outage of days one reminder comes, and the next one is in the future."""
    case = running(stage="resolve")
    now = shanghai(11, 19, 12)
    slot = CLOCKS.due_slot(case, now)
    assert slot is not None
    assert (slot.kind, slot.slot, slot.level) == (Kind.OVERDUE_SUPERVISE, "1.3", 2)
    later = replace(case, **CLOCKS.passed(case, slot))
    assert later.next_tick_at == shanghai(11, 20, 10)
    assert CLOCKS.due_slot(later, now) is None


def test_a_stopped_clock_reminds_of_nothing() -> None:
    """No slot and no tick once the case is over or stands still."""
    case = running()
    stopped = replace(case, **CLOCKS.stop(case))
    paused = replace(case, **CLOCKS.pause(case, TUESDAY, TUESDAY + timedelta(days=3)))
    assert CLOCKS.next_slot(stopped) is CLOCKS.next_slot(paused) is None
    assert stopped.next_tick_at is None
    assert paused.next_tick_at == TUESDAY + timedelta(days=3)
    assert stopped.generation == case.generation + 1


def test_a_passed_warning_does_not_come_again_after_a_pause() -> None:
    """Yellow was given before the pause; after it red is next, in a generation of its own."""
    case = running(stage="resolve")
    case = replace(case, **CLOCKS.passed(case, CLOCKS.next_slot(case)))  # type: ignore[arg-type]
    case = replace(case, **CLOCKS.pause(case, shanghai(11, 16, 15), shanghai(11, 30)))
    case = replace(case, **CLOCKS.resume(case, shanghai(11, 23, 15)))
    slot = CLOCKS.next_slot(case)
    assert slot is not None
    assert (slot.kind, slot.slot, slot.at) == (Kind.OVERDUE_RED, "2.1", shanghai(11, 24, 10))


def test_an_overdue_case_stays_overdue_after_a_pause() -> None:
    """A pause gives no new time to what was late already, and no second red card."""
    case = replace(running(stage="resolve"), reminders=2)
    paused = replace(case, **CLOCKS.pause(case, shanghai(11, 20, 9), shanghai(12, 1)))
    resumed = replace(paused, **CLOCKS.resume(paused, shanghai(11, 25, 9)))
    assert (resumed.due_at, resumed.generation, resumed.reminders) == (case.due_at, case.generation, 2)


def test_extension_moves_due_and_warning() -> None:
    """Three more working days, and the yellow card before the new end."""
    case = running(stage="resolve")
    longer = replace(case, **CLOCKS.extend(case, 3))
    assert (longer.due_at, longer.yellow_at, longer.extended_days) == (shanghai(11, 20, 10), shanghai(11, 19, 10), 3)
    assert longer.generation == case.generation + 1


def test_a_corrected_category_counts_from_the_start() -> None:
    """A street light that is a live wire is due within thirty minutes of the report, extensions kept."""
    case = running()
    corrected = replace(case, category="hazard.electric")
    assert CLOCKS.retime(case, corrected)["due_at"] == shanghai(11, 10, 10, 30)
    assert CLOCKS.retime(case, replace(case, category="facility.road")) == {}
    extended = replace(case, **CLOCKS.extend(case, 2))
    assert CLOCKS.retime(extended, replace(extended, category="hazard.electric"))["due_at"] == shanghai(11, 12, 10, 30)


def test_the_window_for_handing_back() -> None:
    """Two working days or a quarter of the limit, whichever is less."""
    general = a_case(state="dispatched", dispatched_at=TUESDAY)
    dispute = replace(general, category="dispute.land")
    assert CLOCKS.return_until(dispute) == shanghai(11, 12, 10)
    assert CLOCKS.return_until(general) == CLOCKS.calendar.add_working_days(TUESDAY, 1.25)


MOMENTS = st.integers(0, 60 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
CATEGORIES = st.sampled_from(["emergency.fire", "facility.power", "order.parking", "facility.road", "dispute.land"])


@given(CATEGORIES, MOMENTS, st.sampled_from(["accept", "resolve", "verify"]))
def test_due_is_never_before_the_start(category: str, now: datetime, stage: str) -> None:
    """Start ≤ yellow ≤ due, for every kind of case and moment."""
    case = running(category, stage, now)
    assert case.due_at is not None
    assert case.yellow_at is not None
    assert now <= case.yellow_at <= case.due_at


@given(CATEGORIES, MOMENTS, st.integers(0, 20 * 24 * 60), st.integers(0, 20 * 24 * 60))
def test_a_pause_keeps_the_time_that_was_left(category: str, start: datetime, before: int, pause: int) -> None:
    """After any pause the remaining time, on the clock's own scale, is what it was."""
    case = running(category, "resolve", start)
    assert case.due_at is not None
    paused_at = start + timedelta(minutes=before)
    now = paused_at + timedelta(minutes=pause)
    paused = replace(case, **CLOCKS.pause(case, paused_at, now))
    resumed = replace(paused, **CLOCKS.resume(paused, now))
    limit = CLOCKS.limit(case, "resolve")
    assert limit is not None
    assert resumed.due_at is not None
    assert resumed.due_at >= case.due_at
    if case.due_at > paused_at:
        remaining = left(limit.scale, paused_at, case.due_at, CLOCKS.calendar)
        now_left = left(limit.scale, now, resumed.due_at, CLOCKS.calendar)
        assert abs(remaining.amount - now_left.amount) < 1e-6
        assert resumed.yellow_at is not None
        assert resumed.yellow_at <= resumed.due_at


@given(CATEGORIES, MOMENTS)
def test_reminders_come_in_order(category: str, now: datetime) -> None:
    """Slots of a clock never go back in time."""
    times = [at for _, at, _ in reminders(running(category, "accept", now), 7)]
    assert times == sorted(times)


OVERRIDES = [
    ({"grades": "好"}, "clocks.grades"),
    ({"retries": 3}, "retries"),
    ({"kinds": {"emergency": {"accept": {"days": 1}}}}, "clocks.kinds.emergency.accept"),
    ({"kinds": {"emergency": {"accept": {"minutes": 5, "hours": 1}}}}, "clocks.kinds.emergency.accept"),
    ({"kinds": {"emergency": {"reject": {"minutes": 5}}}}, "clocks.kinds.emergency"),
    ({"categories": {"order.parking": "slow"}}, "slow"),
    ({"reopen_days": True}, "reopen_days"),
    ({"reopen_days": -1}, "reopen_days"),
    ({"needs_photo": "hazard"}, "needs_photo"),
]


@pytest.mark.parametrize(("changes", "where"), OVERRIDES)
def test_a_wrong_override_is_refused_by_name(changes: dict[str, object], where: str) -> None:
    """What the configuration gets wrong is named at the start."""
    with pytest.raises(ConfigError, match=where):
        load(changes)


def test_the_configuration_overrides_the_table() -> None:
    """A limit, a number, a category of one's own and a kind of one's own."""
    rules = load(
        {
            "reopen_days": 14,
            "needs_photo": ["environment"],
            "kinds": {
                "emergency": {"accept": {"minutes": 3}},
                "snow": {"accept": {"hours": 1}, "resolve": {"hours": 8}},
            },
            "categories": {"environment.garbage": "snow"},
            "extension_days_of": {"dispute": 20},
        }
    )
    clocks = Clocks(rules, CLOCKS.calendar)
    fire, garbage = a_case(category="emergency.fire"), a_case(category="environment.garbage")
    assert clocks.start(fire, "accept", NOW)["due_at"] == NOW + timedelta(minutes=3)
    assert clocks.start(garbage, "resolve", NOW)["due_at"] == NOW + timedelta(hours=8)
    assert (rules.reopen_days, rules.extension_limit("dispute.land"), rules.extension_limit("order.parking")) == (
        14,
        20,
        10,
    )
    assert rules.photo_needed("environment.garbage")
    assert not rules.photo_needed("hazard.gas")


def test_an_extension_does_not_keep_a_waiting_clock_from_going_on() -> None:
    """A supervisor extends while the reporter owes an answer: the end of the waiting is still looked for."""
    case = running("facility.streetlight", "resolve")
    until = TUESDAY + timedelta(days=2)
    case = replace(case, **CLOCKS.pause(case, TUESDAY, until))
    assert CLOCKS.extend(case, 3)["next_tick_at"] == until


def test_bad_grades() -> None:
    """Of five grades the last two ask for a call back."""
    assert [CLOCKS.rules.is_bad(grade) for grade in range(1, 6)] == [False, False, False, True, True]
