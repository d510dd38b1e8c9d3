"""What a person is to a case: his roles where the case belongs, or may belong while nobody knows its grid."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.cases.actor import SYSTEM, Actor, actor_for
from bot.cases.directory import Directory
from bot.cases.roles import Role
from storage import cases, links
from storage.records import CaseRow

SAID: Final = ("report", "piece", "support")
_PLACES: Final = (Role.SUPERVISOR, Role.CONFIDANT)
"""Who decides where a matter belongs that was told in private."""


def actor_on(
    conn: Connection, directory: Directory, person_id: int | None, case: CaseRow, now: datetime
) -> Actor:  # fmt: skip
    """The person as an actor on this case; None is the system."""
    if person_id is None:
        return SYSTEM
    supporters = {person_id} if cases.is_supporter(conn, case.id, person_id) else set()
    areas = areas_of(conn, directory, case, person_id)
    return actor_for(directory, person_id, case, now, supporters=supporters, candidate_areas=areas)


def areas_of(conn: Connection, directory: Directory, case: CaseRow, person_id: int | None = None) -> tuple[int, ...]:
    """The case's area; while nobody knows it, those of the chats it was raised in.

    Told in private it has neither: then those of who wrote it in, of supervisors and confidants, nobody else's.
    """
    if case.area_id is not None:
        return (case.area_id,)
    chats = [directory.chat(link.chat_id) for link in links.raised(conn, case.id, roles=SAID)]
    found = tuple(dict.fromkeys(area for chat in chats if chat for area in chat.areas))
    mine = person_id is not None and person_id == case.filed_by_id
    own = (role.area_id for role in directory.roles_of(person_id) if mine or role.role in _PLACES)
    return found or tuple(area for area in own if area is not None)
