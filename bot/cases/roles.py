"""Who may do what: the role × action matrix as data (domain.md, Places and people; A case)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from bot.cases.states import Action


class Role(StrEnum):
    """A role holds in its area and in all areas below; a handler's role holds for his unit's cases."""

    RESIDENT = "resident"
    ASSISTANT = "assistant"
    GRID_WORKER = "grid_worker"
    GRID_LEADER = "grid_leader"
    INSTRUCTOR = "instructor"
    VILLAGE_SECRETARY = "village_secretary"
    HANDLER = "handler"
    SUPERVISOR = "supervisor"
    CONFIDANT = "confidant"
    ADMIN = "admin"


class Party(StrEnum):
    """What one is to a case without holding a role."""

    ANYONE = "anyone"
    REPORTER = "reporter"
    SUPPORTER = "supporter"
    SYSTEM = "system"  # the clock, a connected case system


GRID_STAFF: Final = (Role.GRID_WORKER, Role.GRID_LEADER)
VILLAGE_STAFF: Final = (Role.INSTRUCTOR, Role.VILLAGE_SECRETARY)
WORKERS: Final = frozenset({*GRID_STAFF, *VILLAGE_STAFF})
STAFF: Final = WORKERS | {Role.HANDLER, Role.SUPERVISOR, Role.CONFIDANT}
ARBITERS: Final = frozenset({*VILLAGE_STAFF, Role.SUPERVISOR})
"""Decide whose a case is once it has been passed on and passed back."""

A = Action
_FILING: Final = {A.REPORT, A.SUPPLEMENT}
_WORKER: Final = _FILING | {
    A.ACCEPT, A.DECLINE, A.CORRECT, A.TRANSFER, A.MERGE, A.UNMERGE, A.DISPATCH, A.VERIFY, A.REWORK, A.CLOSE,
    A.REOPEN, A.PUBLISH, A.AWAIT, A.ANSWERED,
}  # fmt: skip
_SUPERVISOR: Final = _FILING | {
    A.TRANSFER, A.DISPATCH, A.SUSPEND, A.RESUME, A.EXTEND, A.REOPEN, A.SUPERVISE,
}  # fmt: skip

ROLE_MAY: Final[Mapping[Role, frozenset[Action]]] = {
    Role.RESIDENT: frozenset(),  # everyone: see PARTY_MAY
    Role.ASSISTANT: frozenset(_FILING | {A.CORRECT}),  # of a correction only the place, see lifecycle
    **dict.fromkeys(WORKERS, frozenset(_WORKER)),
    Role.HANDLER: frozenset({A.RESOLVE, A.RETURN, A.SUPPLEMENT}),
    Role.SUPERVISOR: frozenset(_SUPERVISOR),
    Role.CONFIDANT: frozenset(_WORKER | _SUPERVISOR | {A.RESOLVE}),  # of hidden cases only: see lifecycle
    Role.ADMIN: frozenset(),  # configuration and accounts, no cases
}
PARTY_MAY: Final[Mapping[Party, frozenset[Action]]] = {
    Party.ANYONE: frozenset({A.REPORT, A.SUPPLEMENT, A.SUPPORT}),
    Party.REPORTER: frozenset({A.WITHDRAW, A.NOTE, A.RATE, A.REOPEN, A.SUPPLEMENT, A.ANSWERED}),
    Party.SUPPORTER: frozenset({A.RATE, A.REOPEN, A.SUPPLEMENT}),
    Party.SYSTEM: frozenset({A.REPORT, A.RESOLVE, A.RESUME, A.SUPERVISE, A.AWAIT, A.ANSWERED, A.SUPPLEMENT}),
}


def who_may(action: Action) -> frozenset[Role | Party]:
    """The column of one action."""
    roles = {role for role, actions in ROLE_MAY.items() if action in actions}
    return frozenset(roles | {party for party, actions in PARTY_MAY.items() if action in actions})


def roles_may(roles: Iterable[Role], action: Action) -> bool:
    return any(action in ROLE_MAY[role] for role in roles)
