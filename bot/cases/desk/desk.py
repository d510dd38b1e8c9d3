"""The desk: everything that may be done to a case, over one connection."""

from __future__ import annotations

from bot.cases.desk.closing import Closing
from bot.cases.desk.filing import Filing
from bot.cases.desk.ticking import Ticking
from bot.cases.desk.undoing import Undoing


class Desk(Filing, Ticking, Closing, Undoing):
    """Made once per inbox row: `Desk(conn, now, directory, clocks)`.

    Every act takes the acting person (None: the system), the case, the version a button was made for, and what the act
    needs; it answers with Done, Refused or Already (bot.cases.outcome) and has changed nothing unless it is Done.
    """
