"""The sheets there are, in the order in which they are imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.cli.sheets.aliases import AliasSheet
from bot.cli.sheets.areas import AreaSheet
from bot.cli.sheets.chats import ChatSheet
from bot.cli.sheets.people import PeopleSheet
from bot.cli.sheets.sheet import Sheet
from bot.cli.sheets.units import UnitSheet

SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType(
    {sheet.name: sheet for sheet in (AreaSheet(), ChatSheet(), UnitSheet(), PeopleSheet(), AliasSheet())}
)
