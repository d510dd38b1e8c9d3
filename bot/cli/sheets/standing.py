"""What stands in the directory and in the web chat, by the names that sheets use. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

from bot.cli.sheets.columns import quoted
from storage.records import AreaRow, ChatRow, DirectoryRows, PersonRow, UnitRow
from storage.records.changes import Address
from storage.room_records import Roster

NOBODY: Final = Roster()
EMPTY: Final = DirectoryRows(
    version=0, areas=(), aliases=(), units=(), persons=(), roles=(), duties=(), chats=(), identities=()
)
_NONE: Final[Mapping[Address, ChatRow]] = MappingProxyType({})
_NO_ONE: Final[Mapping[Address, PersonRow]] = MappingProxyType({})


@dataclass(frozen=True)
class Standing:
    """`accounts`: those of the configuration; `roster`: of the one web chat among them, `webchat`.

    `met_chats`, `met_people`: what is at the addresses and accounts a sheet names, residents and private chats too.
    """

    rows: DirectoryRows = EMPTY
    met_chats: Mapping[Address, ChatRow] = field(default_factory=lambda: _NONE)
    met_people: Mapping[Address, PersonRow] = field(default_factory=lambda: _NO_ONE)
    accounts: frozenset[str] = frozenset()
    webchat: str = ""
    roster: Roster = NOBODY

    @cached_property
    def areas(self) -> Mapping[str, AreaRow]:
        return {area.code: area for area in self.rows.areas}

    @cached_property
    def area_codes(self) -> Mapping[int | None, str]:
        return {None: "", **{area.id: area.code for area in self.rows.areas}}

    @cached_property
    def units(self) -> Mapping[str, UnitRow]:
        return {unit.code: unit for unit in self.rows.units}

    @cached_property
    def unit_codes(self) -> Mapping[int | None, str]:
        return {None: "", **{unit.id: unit.code for unit in self.rows.units}}

    @cached_property
    def groups(self) -> Mapping[Address, ChatRow]:
        """Groups where they live now."""
        here = (chat for chat in self.rows.chats if chat.kind != "private" and chat.native_id)
        return {(chat.account, chat.native_id): chat for chat in here}

    @cached_property
    def chats(self) -> Mapping[Address, ChatRow]:
        """Every chat a sheet can name."""
        return {**self.groups, **self.met_chats}

    @cached_property
    def chats_by_id(self) -> Mapping[int, ChatRow]:
        return {chat.id: chat for chat in self.rows.chats}

    @cached_property
    def people(self) -> Mapping[Address, PersonRow]:
        """Everybody a sheet can name."""
        by_id = {person.id: person for person in self.rows.persons}
        known = {(one.channel, one.native_id): by_id[one.person_id] for one in self.rows.identities}
        return {**known, **self.met_people}

    @cached_property
    def accounts_of(self) -> Mapping[int, tuple[Address, ...]]:
        """Each person's accounts on the channels, the first one first."""
        found: dict[int, list[Address]] = defaultdict(list)
        for one in self.rows.identities:
            found[one.person_id].append((one.channel, one.native_id))
        return {person: tuple(accounts) for person, accounts in found.items()}

    def lives_at(self, chat: Address) -> Address:
        """Where a chat lives now: the address itself, unless it has moved."""
        known = self.chats.get(chat)
        return (known.account, known.native_id) if known and known.native_id else chat

    def first_account(self, person: Address) -> Address:
        """One name for everybody, whichever of his accounts is written."""
        known = self.people.get(person)
        return self.accounts_of.get(known.id, (person,))[0] if known else person

    @cached_property
    def known_accounts(self) -> frozenset[str]:
        """Configured, or in use already."""
        return self.accounts | {account for account, _ in self.groups}

    @cached_property
    def known_channels(self) -> frozenset[str]:
        return frozenset(account.partition(":")[0] for account in self.accounts) | {
            one.channel for one in self.rows.identities
        }

    @cached_property
    def _codes_of_names(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for area in self.rows.areas:
            found[area.name].append(area.code)
        return found

    def no_area(self, code: str) -> str:
        """The refusal of a code nobody has; who wrote a name is told its code."""
        named = self._codes_of_names.get(code, [])
        hint = f"叫这个名字的，代码是 {'、'.join(named[:3])}" if named else "请先加上它，或检查代码"
        return f"没有区域“{quoted(code, code=True)}”，{hint}"
