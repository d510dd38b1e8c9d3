"""The outcome of a replay as one JSON object, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.cli.replay.outcome import FoundCase, Outcome, Told


def as_json(outcome: Outcome) -> dict[str, Any]:
    """`t` is in seconds from the beginning of the talk; indexes are places in the file, from 0."""
    start = outcome.conversation.start
    return {
        "id": outcome.conversation.id,
        "cases": [_case(case, start) for case in outcome.cases],
        "posts": [_post(told, start) for told in outcome.told],
        "dropped": outcome.dropped,
        "failed": list(outcome.failed),
    }


def _case(case: FoundCase, start: datetime) -> dict[str, Any]:
    return {
        "number": case.number,
        "category": case.category,
        "reporter": case.reporter,
        "place": case.place or None,
        "supporters": list(case.supporters),
        "message_indexes": list(case.indexes),
        "tier": "card" if case.sure else "list",
        "urgency": case.urgency,
        "sensitive": case.sensitive,
        "state": case.state,
        "t": _seconds(case.reported_at, start),
        "matched": [word for word in case.matched.split("、") if word],
    }


def _post(told: Told, start: datetime) -> dict[str, Any]:
    return {
        "t": _seconds(told.at, start),
        "to": told.to,
        "kind": told.kind,
        "text": told.text,
        "card": told.card,
        "edit": told.changed,
        "quote": told.quote,
        "case": told.case,
    }


def _seconds(moment: datetime, start: datetime) -> float:
    return round((moment - start).total_seconds(), 3)
