"""Who sees what of a case: the one place that decides for cards, queries, pages, connectors and exports. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.cases.actor import Actor
from bot.cases.duty import HIDDEN
from bot.cases.roles import WORKERS, Role
from bot.cases.secrecy import SECRECY
from storage.records import CaseRow


class Field(StrEnum):
    NUMBER = "number"  # and with it when it was reported, taken up, closed
    CATEGORY = "category"
    URGENCY = "urgency"
    STATE = "state"
    PLACE = "place"
    TEXT = "text"
    PHOTOS = "photos"
    DUE = "due"
    WORKER = "worker"
    RESULT = "result"
    RESULT_PHOTOS = "result_photos"
    REPORTER = "reporter"  # the name
    CONTACT = "contact"  # the reporter's phone and private chat
    MATCHED = "matched"  # the words that decided
    HISTORY = "history"


class Place(StrEnum):
    """Where something is shown, if not to one person."""

    PERSON = "person"
    GROUP = "group"  # residents read it
    CONNECTOR = "connector"  # a case system
    PUBLIC = "public"  # Open311, a webhook without a contract
    OPERATOR = "operator"  # the command line: who runs the machine, not who works on cases


@dataclass(frozen=True, slots=True)
class Viewer:
    """`roles` are those that hold for the case at hand."""

    place: Place = Place.PERSON
    roles: frozenset[Role] = frozenset()
    is_reporter: bool = False
    is_supporter: bool = False


GROUP: Final = Viewer(Place.GROUP)
STAFF_CHAT: Final = Viewer(roles=frozenset({Role.GRID_WORKER}))
UNIT_CHAT: Final = Viewer(roles=frozenset({Role.HANDLER}))
CONNECTOR: Final = Viewer(Place.CONNECTOR)
PUBLIC: Final = Viewer(Place.PUBLIC)
OPERATOR: Final = Viewer(Place.OPERATOR)

F = Field
ALL: Final = frozenset(Field)
PERSONAL: Final = frozenset({F.REPORTER, F.CONTACT})
_PUBLIC: Final = frozenset({F.NUMBER, F.CATEGORY, F.STATE, F.PLACE, F.RESULT})
_GROUP: Final = _PUBLIC | {F.TEXT, F.DUE, F.WORKER, F.RESULT_PHOTOS}
_OWN: Final = _GROUP | PERSONAL | {F.PHOTOS}
_HELPER: Final = _GROUP | {F.PHOTOS, F.URGENCY, F.REPORTER}
_CONNECTED: Final = _GROUP - {F.WORKER} | {F.PHOTOS, F.URGENCY}
_OPERATED: Final = ALL - {F.CONTACT}
_COUNTED: Final = frozenset({F.NUMBER, F.STATE, F.DUE})  # enough to see that it is not left lying
_BY_PLACE: Final = {
    Place.GROUP: _GROUP, Place.CONNECTOR: _CONNECTED, Place.PUBLIC: _PUBLIC, Place.OPERATOR: _OPERATED,
}  # fmt: skip
_FULL: Final = WORKERS | {Role.SUPERVISOR}


def viewer_of(actor: Actor) -> Viewer:
    return Viewer(roles=actor.roles, is_reporter=actor.is_reporter, is_supporter=actor.is_supporter)


def may_see(viewer: Viewer, case: CaseRow, field: Field) -> bool:
    return field in visible(viewer, case)


def may_list(viewer: Viewer, case: CaseRow) -> bool:
    """Whether the case may appear in a list, a search, a count or an export for this viewer."""
    return Field.NUMBER in visible(viewer, case)


def visible(viewer: Viewer, case: CaseRow) -> frozenset[Field]:
    """Everything the viewer sees of the case."""
    if viewer.is_reporter:
        return _OWN | _by_role(viewer, case)
    seen = _by_role(viewer, case) | _by_place(viewer, case)
    return seen - PERSONAL if case.anonymous else seen


def _by_role(viewer: Viewer, case: CaseRow) -> frozenset[Field]:
    if case.sensitive in HIDDEN:
        return ALL if Role.CONFIDANT in viewer.roles else frozenset()
    if not viewer.roles.isdisjoint(_FULL):
        return ALL
    if Role.HANDLER in viewer.roles:
        return ALL - {F.MATCHED}
    helps = Role.ASSISTANT in viewer.roles and case.sensitive == "none"
    return _HELPER if helps else frozenset()


def _by_place(viewer: Viewer, case: CaseRow) -> frozenset[Field]:
    """A supporter knows what his group knows."""
    if viewer.is_supporter:
        return _GROUP if case.sensitive == "none" else frozenset()
    return _shown_at(viewer.place, case.sensitive)


def _shown_at(place: Place, sensitive: str) -> frozenset[Field]:
    """Nothing sensitive is shown outside; the operator sees that there is something, and not what."""
    if sensitive == "none":
        return _BY_PLACE.get(place, frozenset())
    return _COUNTED if place is Place.OPERATOR else frozenset()


def searchable(place: Place, field: Field) -> tuple[str, ...]:
    """Sensitivities of cases that may be searched by this field there: a find would give away what it says."""
    return tuple(sensitive for sensitive in SECRECY if field in _shown_at(place, sensitive))
