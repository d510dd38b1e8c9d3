"""Whom a notice is for -> the chats it goes to, and what is quoted there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.cases import duty
from bot.cases.directory import Directory
from bot.cases.roles import Role
from bot.cases.states import RAISED_BY_STAFF
from bot.model import Audience, ChatKind, Notice
from bot.ports import Channel
from storage import cases, chats, links, people
from storage.records import CaseRow, ChatRow

log = logging.getLogger(__name__)
SAID = ("report", "piece")


@dataclass(frozen=True, slots=True)
class Target:
    """One chat and the message to quote there. `person_id`: who reads it, where it is one person's private chat."""

    chat: ChatRow
    quote: str | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Where an act was spoken and by whom."""

    chat: ChatRow
    message_id: str | None
    person_id: int | None
    late: bool = False


class Finder:
    """Turns audiences into targets. `channels`: account -> channel, of all accounts of the configuration."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    def targets(
        self, conn: Connection, directory: Directory, notice: Notice, case: CaseRow, now: datetime
    ) -> list[Target]:
        """Where this notice goes; empty where nobody can be reached. Some are for named chats alone."""
        if "chats" in notice.data:
            return self._named(conn, notice, case)
        return self._meant(conn, directory, notice, case, now)

    def _meant(
        self, conn: Connection, directory: Directory, notice: Notice, case: CaseRow, now: datetime
    ) -> list[Target]:
        match notice.audience:
            case Audience.GROUP:
                return self.groups(conn, directory, case)
            case Audience.REPORTER:
                return self.reporter(conn, case, now) or self.origins(conn, case)
            case Audience.REPORTER_PRIVATE:
                heard = _persons(notice)
                return self._people(conn, heard, now) if heard else self.reporter(conn, case, now)
            case Audience.STAFF:
                return self.staff(conn, directory, case, now)
            case Audience.UNIT:
                return self._unit(directory, case)
            case Audience.SUPERVISOR:
                return self._people(conn, self._above(conn, directory, case, now), now)
            case Audience.LEVEL:
                return self._people(conn, _persons(notice), now) or self.staff(conn, directory, case, now)
            case _:
                return []

    def _named(self, conn: Connection, notice: Notice, case: CaseRow) -> list[Target]:
        quoted = {target.chat.id: target.quote for target in self.origins(conn, case)}
        found = (chats.chat(conn, chat_id) for chat_id in _numbers(notice, "chats"))
        return [Target(chat, quoted.get(chat.id), chat.person_id) for chat in found if chat is not None]

    @staticmethod
    def chat(conn: Connection, chat_id: int) -> ChatRow | None:
        return chats.chat(conn, chat_id)

    def origins(self, conn: Connection, case: CaseRow) -> list[Target]:
        """Every residents' group it was raised in, with the message that raised it."""
        found: dict[int, Target] = {}
        for link in links.raised(conn, case.id, roles=("report", "support")):
            chat = chats.chat(conn, link.chat_id)
            if chat is not None and chat.kind == ChatKind.RESIDENTS and chat.reachable:
                found[link.chat_id] = Target(chat, link.message_id)
        return list(found.values())

    def groups(self, conn: Connection, directory: Directory, case: CaseRow) -> list[Target]:
        """Where a result is told: its origins and those of the cases merged into it, else the grid's groups."""
        found = {target.chat.id: target for target in self.origins(conn, case)}
        for merged in cases.merged_into(conn, case.id):
            found |= {t.chat.id: t for t in self.origins(conn, merged) if t.chat.id not in found}
        if found or case.source not in RAISED_BY_STAFF:
            return list(found.values())
        return [Target(chat) for chat in directory.residents_chats(case.area_id)]

    def reporter(self, conn: Connection, case: CaseRow, now: datetime) -> list[Target]:
        """The reporter's private chat, quoting his words if he said them there."""
        if case.reporter_id is None:
            return []
        found = self._people(conn, (case.reporter_id,), now)
        if not found:
            return []
        said = {link.chat_id: link.message_id for link in links.of_case(conn, case.id, roles=SAID)}
        return [Target(target.chat, said.get(target.chat.id), target.person_id) for target in found]

    def staff(self, conn: Connection, directory: Directory, case: CaseRow, now: datetime) -> list[Target]:
        """The staff chats of the case's area, else whoever is responsible; a hidden case only its confidants.

        Where none of them can be reached, the next level that can.
        """
        if case.sensitive in duty.HIDDEN:
            return self._people(conn, self._confidants(conn, directory, case), now)
        ladder = duty.case_levels(directory, case, now, self.areas(conn, case))
        chats = directory.staff_chats(case.area_id) if case.area_id else self._staff_of_origins(conn, directory, case)
        if case.sensitive == "none" and chats:
            return [Target(chat) for chat in chats]
        here = self._people(conn, ladder[0], now) if ladder else []
        if here or chats:
            return here or [Target(chat) for chat in chats]
        reached = (self._people(conn, people, now) for people in (*ladder[1:], _top(directory)))
        return next((found for found in reached if found), [])

    def areas(self, conn: Connection, case: CaseRow) -> tuple[int, ...]:
        """The areas in question: the case's own, else those of the groups it was said in."""
        if case.area_id is not None:
            return (case.area_id,)
        return tuple(dict.fromkeys(area for origin in self.origins(conn, case) for area in origin.chat.areas))

    def _confidants(self, conn: Connection, directory: Directory, case: CaseRow) -> tuple[int, ...]:
        """Of the case's area, or of the areas of the groups it was said in."""
        found = duty.trusted(directory, case.sensitive, self.areas(conn, case))
        if not found:
            log.error("no confidant outside the chain", extra={"action": "no_confidant", "case": case.id})
        return found

    def _staff_of_origins(self, conn: Connection, directory: Directory, case: CaseRow) -> tuple[ChatRow, ...]:
        """Nobody knows the grid yet: all staff of the group's areas are asked, 「归我」."""
        found = {chat.id: chat for area in self.areas(conn, case) for chat in directory.staff_chats(area)}
        return tuple(found.values())

    @staticmethod
    def _unit(directory: Directory, case: CaseRow) -> list[Target]:
        unit = directory.unit(case.unit_id)
        chat = directory.chat(unit.chat_id) if unit else None
        return [Target(chat)] if chat is not None and chat.reachable else []

    def _above(self, conn: Connection, directory: Directory, case: CaseRow, now: datetime) -> tuple[int, ...]:
        ladder = duty.case_levels(directory, case, now, self.areas(conn, case))
        return ladder[min(1, len(ladder) - 1)] if ladder else ()

    def _people(self, conn: Connection, persons: tuple[int, ...], now: datetime) -> list[Target]:
        found = (self.private(conn, person, now) for person in persons)
        return [target for target in found if target is not None]

    def private(self, conn: Connection, person_id: int, now: datetime) -> Target | None:
        """The person's private chat: the one he used last, or one that a channel can open; None: no way to him."""
        known = [chat for chat in chats.private_chats(conn, person_id) if chat.reachable and chat.account]
        if known:
            return Target(known[-1], person_id=person_id)
        for identity in people.identities_of(conn, person_id):
            for account, channel in self._channels.items():
                same = account.partition(":")[0] == identity.channel
                native = channel.private_chat(identity.native_id) if same else None
                opened = self._opened(conn, account, native, person_id, now) if native is not None else None
                if opened is not None and opened.reachable:
                    return Target(opened, person_id=person_id)
        return None

    @staticmethod
    def _opened(conn: Connection, account: str, native: str, person_id: int, now: datetime) -> ChatRow:
        """The chat may be known from before anybody knew whose it is."""
        found = chats.ensure_chat(conn, account, native, kind=ChatKind.PRIVATE.value, now=now, person_id=person_id)
        if found.person_id is not None:
            return found
        chats.set_owner(conn, found.id, person_id)
        return replace(found, person_id=person_id)


def _top(directory: Directory) -> tuple[int, ...]:
    """Who supervises all: a matter told in private that nobody can place is theirs to pass on."""
    levels: dict[int, list[int]] = {}
    for area in directory.areas:
        levels.setdefault(len(directory.ancestors(area)), []).append(area)
    for depth in sorted(levels):
        found = [person for area in levels[depth] for person in directory.people_at((Role.SUPERVISOR,), area)]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def _persons(notice: Notice) -> tuple[int, ...]:
    """The people a notice names."""
    return _numbers(notice, "persons")


def _numbers(notice: Notice, name: str) -> tuple[int, ...]:
    found = notice.data.get(name, ())
    return tuple(int(number) for number in found) if isinstance(found, tuple | list) else ()
