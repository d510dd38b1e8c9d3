"""One row of a sheet out of the words of a command: the rules of an import, and its way of writing."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cli.sheets.intake import Order, carry_out
from bot.cli.sheets.plan import Plan
from bot.cli.sheets.sheet import Sheet
from bot.cli.sheets.table import Raw, Table, read_rows
from bot.config import Config
from bot.errors import GridbridgeError


def put(sheet: Sheet, config: Config, cells: Mapping[str, str]) -> Plan:
    """`cells`: what was said, by the keys of the columns; a blank one leaves what stands as it is.

    Raises GridbridgeError with the reason, if it does not fit; then nothing is written.
    """
    table = Table(tuple(cells), tuple(cells), (Raw(1, tuple(cells.values())),))
    rows, unread = read_rows(table, sheet.columns)
    if unread:
        raise GridbridgeError(unread[0].reason)
    plan = carry_out(Order(sheet, config, rows, unread))
    if plan.refused:
        raise GridbridgeError(plan.refused[0].reason)
    return plan
