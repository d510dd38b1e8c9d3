"""Every row of the table, allowed and forbidden: all states × actions × people against a table written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.actor import SYSTEM, Actor, actor_for
from bot.cases.lifecycle import TABLE, Action, Allowed, Args, Facts, Refusal, State, check, possible
from bot.cases.roles import Role
from bot.model import Audience
from tests.unit.cases import town
from tests.unit.cases.town import NOW, a_case

# Written from the requirement, not from the code: action -> (states, people, state after).
# Letters of people: r reporter, u supporter, x stranger, a assistant, w workers, h handler, s supervisor, c confidant, y system.
EXPECTED: dict[str, tuple[str, str, str]] = {
    "accept": ("reported", "w", "accepted"),
    "decline": ("reported", "w", "declined"),
    "correct": ("reported accepted dispatched resolved suspended", "wa", "="),
    "transfer": ("reported accepted dispatched resolved", "ws", "="),
    "merge": ("reported accepted", "w", "merged"),
    "unmerge": ("merged", "w", "<"),
    "dispatch": ("accepted", "ws", "dispatched"),
    "return": ("dispatched", "h", "accepted"),
    "suspend": ("reported accepted dispatched resolved", "s", "suspended"),
    "resume": ("suspended", "sy", "<"),
    "extend": ("reported accepted dispatched resolved", "s", "="),
    "resolve": ("accepted dispatched", "hy", "resolved"),
    "verify": ("resolved", "w", "closed"),
    "rework": ("resolved", "w", "dispatched"),
    "close": ("reported accepted dispatched resolved", "w", "closed"),
    "withdraw": ("reported accepted", "r", "withdrawn"),
    "note": ("dispatched resolved suspended", "r", "="),
    "rate": ("closed", "ru", "="),
    "reopen": ("closed", "ruws", "accepted"),
    "supervise": ("reported accepted dispatched resolved", "sy", "="),
    "supplement": ("reported accepted dispatched resolved suspended", "ruxawhscy", "="),
    "support": ("reported accepted dispatched resolved suspended", "ruxawhsc", "="),
    "await": ("accepted dispatched", "wy", "="),
    "answered": ("accepted dispatched", "rwy", "="),
}
WORKERS = (Role.GRID_WORKER, Role.GRID_LEADER, Role.INSTRUCTOR, Role.VILLAGE_SECRETARY)
PEOPLE: dict[str, tuple[Actor, ...]] = {
    "r": (Actor(person_id=1, is_reporter=True),),
    "u": (Actor(person_id=2, is_supporter=True),),
    "x": (Actor(person_id=3), Actor(person_id=9, roles=frozenset({Role.ADMIN})), Actor(person_id=None)),
    "a": (Actor(person_id=4, roles=frozenset({Role.ASSISTANT})),),
    "w": tuple(Actor(person_id=5, roles=frozenset({role})) for role in WORKERS),
    "h": (Actor(person_id=6, roles=frozenset({Role.HANDLER})),),
    "s": (Actor(person_id=7, roles=frozenset({Role.SUPERVISOR})),),
    "c": (Actor(person_id=8, roles=frozenset({Role.CONFIDANT})),),
    "y": (SYSTEM,),
}
ARGS = Args(
    text="换了灯泡", reason="原因", photos=("p",), changes={"place": "5号楼"}, area_id=town.EAST_2, unit_id=town.POWER,
    target=a_case(id=140), until=NOW + timedelta(days=3), days=2, grade=1, agreed=True,
)  # fmt: skip
FACTS = Facts(now=NOW, extension_limit=10)
STATES = tuple(State)


def case_in(state: str, **values: object):  # type: ignore[no-untyped-def]
    before = "accepted" if state in ("suspended", "merged") else None
    return a_case(state=state, suspended_from=before, unit_id=town.POWER, due_at=NOW + timedelta(days=1), **values)


def outcome(action: str, state: str, actor: Actor, **values: object) -> Allowed | Refusal:
    case = case_in(state, **values)
    if action == "answered":
        case = replace(case, paused_at=NOW)
    return check(Action(action), case, actor, ARGS, FACTS)


@pytest.mark.parametrize("action", sorted(EXPECTED))
@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what_from_where(action: str, state: State) -> None:
    """For each state and person the answer and the state after are those of the hand-written table."""
    states, people, to = EXPECTED[action]
    for letter, actors in PEOPLE.items():
        for actor in actors:
            answer = outcome(action, state, actor)
            if letter not in people:
                assert isinstance(answer, Refusal), (letter, action)
                assert answer.key == "not_allowed"
            elif state not in states.split():
                assert isinstance(answer, Refusal)
                assert answer.key == "wrong_state"
            else:
                assert answer == Allowed({"=": state, "<": State.ACCEPTED}.get(to) or State(to)), (letter, answer)


def test_the_hand_written_table_is_complete() -> None:
    """Every row of the program's table is checked above, or on its own below."""
    assert {action.value for action in TABLE} == EXPECTED.keys() | {"report", "publish"}


@pytest.mark.parametrize("action", sorted(EXPECTED))
@pytest.mark.parametrize("hidden", ["violence", "staff"])
def test_a_hidden_case_is_nobody_elses(action: str, hidden: str) -> None:
    """Of family violence and complaints about staff nobody but confidant, reporter and system learns even the number."""
    for letter, actors in PEOPLE.items():
        if letter in "rcy":
            continue
        for state in STATES:
            for actor in actors:
                answer = outcome(action, state, actor, sensitive=hidden)
                assert isinstance(answer, Refusal)
                assert (answer.key, dict(answer.data)) == ("unknown_case", {"number": 128})


@pytest.mark.parametrize("action", sorted(EXPECTED))
def test_the_confidant_does_what_workers_and_supervisors_do(action: str) -> None:
    """A hidden case is worked on by its confidant alone, from the same states; of other cases he does nothing."""
    states, people, _ = EXPECTED[action]
    confidant = PEOPLE["c"][0]
    for state in states.split():
        answer = outcome(action, state, confidant, sensitive="violence")
        allowed = action == "resolve" or (action != "support" and not set(people).isdisjoint("ws"))
        if action == "merge":  # the target is no hidden case
            assert answer == Refusal("merge_sensitive", {"number": 128, "target": 140})
        else:
            assert isinstance(answer, Allowed) is allowed, (action, state, answer)


@pytest.mark.parametrize("sensitive", ["private", "missing"])
def test_a_private_case_is_unknown_to_residents_and_assistants(sensitive: str) -> None:
    """Strangers, supporters and assistants get the answer for a number that was never given; staff do their work."""
    for letter in "xua":
        for actor in PEOPLE[letter]:
            answer = outcome("supplement", "reported", actor, sensitive=sensitive)
            assert isinstance(answer, Refusal)
            assert answer.key == "unknown_case"
    assert isinstance(outcome("accept", "reported", PEOPLE["w"][0], sensitive=sensitive), Allowed)


LACKING = [
    ("decline", "reported", {"reason": " "}, "need_reason"),
    ("correct", "reported", {"changes": {}}, "need_change"),
    ("transfer", "reported", {"area_id": None}, "need_area"),
    ("merge", "reported", {"target": None}, "need_target"),
    ("dispatch", "accepted", {"unit_id": None}, "need_unit"),
    ("return", "dispatched", {"reason": ""}, "need_reason"),
    ("suspend", "accepted", {"reason": ""}, "need_reason"),
    ("suspend", "accepted", {"until": None}, "need_until"),
    ("suspend", "accepted", {"until": NOW - timedelta(days=1)}, "until_past"),
    ("extend", "accepted", {"days": 0}, "need_days"),
    ("extend", "accepted", {"days": 11}, "extend_limit"),
    ("resolve", "dispatched", {"text": ""}, "need_result"),
    ("rework", "resolved", {"reason": ""}, "need_reason"),
    ("close", "accepted", {"text": " "}, "need_result"),
    ("rate", "closed", {"grade": 0}, "need_grade"),
    ("rate", "closed", {"grade": 6}, "unknown_grade"),
    ("reopen", "closed", {"reason": ""}, "need_reason"),
    ("supplement", "reported", {"text": "", "photos": ()}, "need_content"),
    ("merge", "reported", {"target": a_case(id=128)}, "merge_self"),
    ("merge", "reported", {"target": a_case(id=140, state="merged", merged_into=150)}, "merge_chain"),
    ("merge", "reported", {"target": a_case(id=140, state="closed")}, "merge_ended"),
    ("merge", "reported", {"target": a_case(id=140, sensitive="private")}, "merge_sensitive"),
]


@pytest.mark.parametrize(("action", "state", "lacking", "key"), LACKING)
def test_what_is_missing_is_said(action: str, state: str, lacking: dict[str, object], key: str) -> None:
    """An act without what it needs is refused with a sentence of its own."""
    letter = next(iter(EXPECTED[action][1]))
    actor = PEOPLE[letter][0]
    answer = check(Action(action), case_in(state), actor, replace(ARGS, **lacking), FACTS)  # type: ignore[arg-type]
    assert isinstance(answer, Refusal)
    assert answer.key == key


def test_a_photo_where_the_category_asks_for_one() -> None:
    """Closing takes a photo or the reporter's OK, a unit's result takes a photo only."""
    worker, handler = PEOPLE["w"][0], PEOPLE["h"][0]
    facts, bare = replace(FACTS, needs_photo=True), replace(ARGS, photos=())
    case = case_in("dispatched")
    for action, actor, args, fine in (
        (Action.CLOSE, worker, bare, False),
        (Action.CLOSE, worker, replace(bare, reporter_ok=True), True),
        (Action.CLOSE, worker, ARGS, True),
        (Action.RESOLVE, handler, replace(bare, reporter_ok=True), False),
        (Action.RESOLVE, handler, ARGS, True),
    ):
        assert isinstance(check(action, case, actor, args, facts), Allowed) is fine


def test_passing_on_ends_with_the_common_parent() -> None:
    """One transfer and one way back; then a worker is refused and who stands above both decides."""
    worker = PEOPLE["w"][0]
    for transfers, arbiter, fine in ((0, False, True), (1, False, True), (2, False, False), (2, True, True)):
        case = case_in("accepted", transfers=transfers)
        answer = check(Action.TRANSFER, case, worker, ARGS, replace(FACTS, arbiter=arbiter))
        assert isinstance(answer, Allowed) is fine


def test_a_unit_hands_back_once_and_soon() -> None:
    """A second return and a late one are refused, each with its own reason."""
    handler = PEOPLE["h"][0]
    soon = replace(FACTS, return_until=NOW)
    assert isinstance(check(Action.RETURN, case_in("dispatched"), handler, ARGS, soon), Allowed)
    late = check(Action.RETURN, case_in("dispatched"), handler, ARGS, replace(soon, now=NOW + timedelta(seconds=1)))
    twice = check(Action.RETURN, case_in("dispatched", returns=1), handler, ARGS, soon)
    assert [isinstance(a, Refusal) and a.key for a in (late, twice)] == ["return_late", "return_used"]


def test_seven_days_for_the_reporter_any_time_for_staff() -> None:
    """「没好」 is open to reporter and supporters for seven days, to workers and supervisors for good."""
    late = replace(FACTS, reopen_until=NOW - timedelta(seconds=1))
    answers = {letter: check(Action.REOPEN, case_in("closed"), PEOPLE[letter][0], ARGS, late) for letter in "ruws"}
    assert [isinstance(answers[letter], Allowed) for letter in "ruws"] == [False, False, True, True]


def test_extensions_add_up() -> None:
    """Ten working days together, not each."""
    supervisor = PEOPLE["s"][0]
    case = case_in("accepted", extended_days=9)
    assert isinstance(check(Action.EXTEND, case, supervisor, replace(ARGS, days=1), FACTS), Allowed)
    answer = check(Action.EXTEND, case, supervisor, replace(ARGS, days=2), FACTS)
    assert answer == Refusal("extend_limit", {"number": 128, "left": 1})


def test_an_assistant_corrects_the_place_only() -> None:
    """The place he may correct, the category not."""
    assistant = PEOPLE["a"][0]
    assert isinstance(check(Action.CORRECT, case_in("reported"), assistant, ARGS, FACTS), Allowed)
    answer = check(Action.CORRECT, case_in("reported"), assistant, replace(ARGS, changes={"category": "x"}), FACTS)
    assert answer == Refusal("only_place", {"number": 128})


def test_publishing_needs_a_missing_person_and_the_family() -> None:
    """「发布」 is for missing persons alone and only with the family's agreement."""
    worker = PEOPLE["w"][0]
    missing = case_in("reported", sensitive="missing")
    assert isinstance(check(Action.PUBLISH, missing, worker, ARGS, FACTS), Allowed)
    asked = check(Action.PUBLISH, missing, worker, replace(ARGS, agreed=False), FACTS)
    other = check(Action.PUBLISH, case_in("reported", sensitive="private"), worker, ARGS, FACTS)
    assert [isinstance(a, Refusal) and a.key for a in (asked, other)] == ["need_agreed", "publish_only_missing"]


def test_rework_goes_back_to_who_has_it() -> None:
    """To the unit if one has the case, else to the worker."""
    worker = PEOPLE["w"][0]
    without_unit = replace(case_in("resolved"), unit_id=None)
    assert check(Action.REWORK, without_unit, worker, ARGS, FACTS) == Allowed(State.ACCEPTED)


def test_a_refusal_says_what_is_possible() -> None:
    """The sentence can name what the person may do now."""
    answer = outcome("verify", "reported", PEOPLE["w"][0])
    assert isinstance(answer, Refusal)
    assert {"accept", "decline", "close"} <= set(answer.data["possible"])  # type: ignore[call-overload]
    assert answer.data["state"] == "reported"


def test_what_is_possible_is_what_is_allowed() -> None:
    """`possible` lists exactly the actions that the check would let through, given what they need."""
    for actors in PEOPLE.values():
        for actor in actors:
            for state in STATES:
                offered = {action.value for action in possible(case_in(state), actor)} & EXPECTED.keys()
                allowed = {action for action in EXPECTED if isinstance(outcome(action, state, actor), Allowed)}
                assert offered == allowed - {"answered"}


def test_no_row_tells_a_group_that_something_was_refused() -> None:
    """Only results and what a family wants published reach a group."""
    to_groups = {row.action for row in TABLE.values() if any(audience is Audience.GROUP for audience, _ in row.tells)}
    assert to_groups == {Action.VERIFY, Action.CLOSE, Action.PUBLISH}


ROLES_OF = [
    (town.WANG, {Role.GRID_WORKER}), (town.LI, set()), (town.LEADER, {Role.GRID_LEADER}),
    (town.INSTRUCTOR, {Role.INSTRUCTOR}), (town.WEST_SECRETARY, set()), (town.SUPERVISOR, {Role.SUPERVISOR}),
    (town.HANDLER, {Role.HANDLER}), (town.ELECTRICIAN, set()), (town.ADMIN, {Role.ADMIN}), (town.RESIDENT, set()),
]  # fmt: skip


@pytest.mark.parametrize(("person", "roles"), ROLES_OF)
def test_roles_hold_in_all_areas_below(person: int, roles: set[Role]) -> None:
    """A village's and a town's people act on a grid's case, a neighbour grid's worker does not."""
    assert actor_for(town.DIRECTORY, person, a_case(), NOW).roles == roles


def test_a_units_handler_acts_on_its_cases_only() -> None:
    """Once the power company has the case, its handler acts and the village committee's does not."""
    case = a_case(unit_id=town.POWER)
    assert actor_for(town.DIRECTORY, town.ELECTRICIAN, case, NOW).roles == {Role.HANDLER}
    assert actor_for(town.DIRECTORY, town.HANDLER, case, NOW).roles == set()


def test_a_confidant_of_the_chain_is_none() -> None:
    """Who works in the village a complaint is about does not see the complaint, even as a confidant."""
    case = a_case(sensitive="staff")
    assert Role.CONFIDANT in actor_for(town.DIRECTORY, town.CONFIDANT, case, NOW).roles
    both = town.with_role(town.SECRETARY, Role.CONFIDANT, town.TOWN)
    assert Role.CONFIDANT not in actor_for(both, town.SECRETARY, case, NOW).roles
    elsewhere = replace(case, area_id=town.WEST_1)
    assert Role.CONFIDANT in actor_for(both, town.SECRETARY, elsewhere, NOW).roles
