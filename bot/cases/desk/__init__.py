"""The acts on a case over one database connection; see Desk."""

from bot.cases.desk.desk import Desk
from bot.cases.desk.report import Report

__all__ = ["Desk", "Report"]
