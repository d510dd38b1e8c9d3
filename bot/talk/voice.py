"""From cases, notices and refusals to sentences: codes become words, moments become 「周四」, ids become names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.model import Audience, Notice
from bot.talk.advice import advice_for
from bot.talk.moments import span, when
from bot.talk.texts import Texts
from bot.talk.verbs import GRADES
from storage.records import CaseRow

MINUTE: Final = timedelta(minutes=1)
HIDDEN: Final = frozenset({"violence", "staff"})
_ANSWERED: Final = frozenset({"service", "consult"})  # families that are asked about rather than repaired
_IN_GROUP_THOUGH_SENSITIVE: Final = frozenset({"published"})
# What a refusal offers instead, the likeliest first.
_CAN_SAY: Final = (
    "accept", "decline", "dispatch", "transfer", "close", "resolve", "return", "verify", "rework", "suspend", "resume",
    "extend", "merge", "unmerge", "reopen", "supervise", "withdraw", "rate", "correct",
)  # fmt: skip
_OFFERED: Final = 4
_GRID: Final = frozenset({"grid_worker", "grid_leader", "instructor", "village_secretary"})
# Who could do it, as one asks for him: the nearest first, a confidant never where others may, too.
_ASKED: Final = (
    "reporter", "supporter", "grid_worker", "assistant", "handler", "supervisor", "resident", "anyone",
)  # fmt: skip
_NO_REASON: Final = frozenset({"没好", "还没好"})  # said beside 「还没好」 it would only be said twice
_SPOKEN: Final = frozenset({"text", "reason"})  # the words of the act itself, also where it had none
_MOMENTS: Final = frozenset({"until", "due", "at", "due_at", "resume_at", "return_until"})
_NUMBERS: Final = {"target": "target", "into": "into", "number": "number", "case_id": "number"}
_CODES: Final = {"state": "state", "action": "action", "urgency": "urgency", "source": "source", "field": "field"}
_RENAMED: Final = {"by": "who", "due_at": "due", "resume_at": "until", "supporters": "count", "note": "text"}


def _unknown(ident: int) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Names:
    """How ids and codes are called; each answers "" for what it does not know."""

    category: Callable[[str], str]
    area: Callable[[int], str] = _unknown
    unit: Callable[[int], str] = _unknown
    person: Callable[[int], str] = _unknown


def _flat(item: object) -> str:
    """A phone list holds pairs of name and number."""
    return " ".join(str(part) for part in item) if isinstance(item, list | tuple) else str(item)


def number_of(case_id: object) -> str:
    return f"№{case_id}"


@dataclass(frozen=True, slots=True)
class Voice:
    """Says what happened to whom. `grades` are the configured ones, the best first."""

    texts: Texts
    names: Names
    tz: tzinfo
    grades: Sequence[str] = GRADES

    # ------------------------------------------------------------ fields

    def fields(self, case: CaseRow, now: datetime) -> dict[str, object]:
        """What a sentence may say of a case. Who may hear it is decided before (bot.cases.visibility)."""
        category = self.names.category(case.category) or case.category
        return {
            "number": number_of(case.id),
            "matter": self.matter(case),
            "place": case.place,
            "category": category,
            "reporter": "" if case.anonymous else case.reporter_name,
            "worker": self.names.person(case.worker_id) if case.worker_id else "",
            "unit": self.names.unit(case.unit_id) if case.unit_id else "",
            "area": self.names.area(case.area_id) if case.area_id else "",
            "due": when(case.due_at, now, self.tz) if case.due_at else "",
            "until": when(case.resume_at, now, self.tz) if case.resume_at else "",
            "result": case.result_text,
            "text": case.text,
            "state": self.texts.word("state", case.state),
            "urgency": self.texts.word("urgency", case.urgency),
            "source": self.texts.word("source", case.source),
            "grades": self.grade_line(),
            "action": self.texts.word("clock", case.clock or "resolve"),
            "over": span(now - case.due_at) if case.due_at and now - case.due_at >= MINUTE else "",
            "remaining": span(case.due_at - now) if case.due_at and case.due_at > now else "",
        }

    def matter(self, case: CaseRow) -> str:
        """「3号楼前路灯」; a place that ends with the thing itself is not said twice."""
        thing = self.texts.word("thing", case.category)
        if thing == case.category:
            thing = self.names.category(case.category) or thing
        return case.place if case.place.endswith(thing) else f"{case.place}{thing}"

    def grade_line(self) -> str:
        return " ".join(f"{n} {grade}" for n, grade in enumerate(self.grades, 1))

    def readable(self, data: Mapping[str, object], now: datetime) -> dict[str, object]:
        """The data of a notice or refusal with its codes, moments and ids turned into words."""
        told: dict[str, object] = {}
        for key, value in data.items():
            name, words = self._word(key, value, now) if value is not None else (key, "")
            told[name] = words or told.get(name, "")
        return told

    def _word(self, key: str, value: object, now: datetime) -> tuple[str, object]:
        if key in _MOMENTS:
            return _RENAMED.get(key, key), self._moment(value, now)
        if key in _NUMBERS:
            return _NUMBERS[key], number_of(value)
        if key == "stage":
            return "action", self.texts.word("clock", str(value)) if value else ""
        if key == "round":
            return "levels", value or ""
        if key in _CODES:
            return key, self.texts.word(_CODES[key], str(value))
        if isinstance(value, list | tuple):
            return self._list(key, [_flat(item) for item in value])
        if isinstance(value, Mapping):
            return "changes", self.changes(value)
        return self._named(key, value)

    def _named(self, key: str, value: object) -> tuple[str, object]:
        if isinstance(value, int) and key in {"area_id", "to_area", "to_area_id"}:
            return "to", self.names.area(value)
        if isinstance(value, int) and key == "unit_id":
            return "unit", self.names.unit(value)
        if isinstance(value, int) and key == "grade" and 1 <= value <= len(self.grades):
            return "grade", self.grades[value - 1]
        return _RENAMED.get(key, key), value

    def _list(self, key: str, items: Sequence[str]) -> tuple[str, object]:
        if key == "who" and all(self.texts.has(f"words.role.{item}") for item in items):
            nearest = ["grid_worker" if item in _GRID else item for item in items]
            asked: list[str] = [role for role in _ASKED if role in nearest]
            asked = asked or [item for item in items if item != "system"]
            return "allowed", self.texts.words("role", asked)
        if key == "possible":
            offered = [item for item in _CAN_SAY if item in items][:_OFFERED]
            return "possible", self.texts.words("action", offered)
        return _RENAMED.get(key, key), "、".join(items)

    def changes(self, changed: Mapping[object, object]) -> str:
        """「地点改成3号楼北侧，类别改成路灯」."""
        return "，".join(filter(None, (self._change(str(name), value) for name, value in changed.items())))

    def _change(self, name: str, value: object) -> str:
        field = self.texts.word("field", name)
        if isinstance(value, bool):
            return field if value else ""
        words = self._value(name, value)
        return self.texts.say("card.change", field=field, value=words) if words else ""

    def _value(self, name: str, value: object) -> str:
        if name == "category":
            return self.names.category(str(value)) or str(value)
        if name == "area_id" and isinstance(value, int):
            return self.names.area(value)
        return self.texts.word("urgency", str(value)) if name == "urgency" else str(value)

    def _moment(self, value: object, now: datetime) -> object:
        if value == "":
            return ""
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return when(moment, now, self.tz) if isinstance(moment, datetime) else value

    # ------------------------------------------------------------ sentences

    def notice(self, notice: Notice, case: CaseRow, now: datetime, *, in_group: bool = False) -> str | None:
        """None: this audience hears nothing of it. `in_group`: it is to be posted in a residents' group.

        Of a sensitive case nothing is ever said in a group, whatever the caller asks for (only a search that the
        family agreed to).
        """
        grouped = in_group or notice.audience is Audience.GROUP
        if grouped and case.sensitive != "none" and notice.kind not in _IN_GROUP_THOUGH_SENSITIVE:
            return None
        kinds = (self._kind(notice.kind, case), notice.kind)
        keys = (self.texts.notice_key(kind, notice.audience, in_group=in_group) for kind in kinds)
        key = next((found for found in keys if found), None)
        if key is None:
            return None
        return self.texts.say(key, **self._all(case, notice.data, now))

    def _all(self, case: CaseRow | None, data: Mapping[str, object], now: datetime) -> dict[str, object]:
        """The case's fields with the data's on top, where they say something."""
        known = self.fields(case, now) if case else {"grades": self.grade_line()}
        told = self.readable(data, now)
        told |= {name: "" for name in _SPOKEN if str(told.get(name, "")).strip("。. ") in _NO_REASON}
        return known | {key: value for key, value in told.items() if value != "" or key not in known or key in _SPOKEN}

    def _kind(self, kind: str, case: CaseRow) -> str:
        """Some kinds are worded otherwise for what stays out of the group, and for questions that were answered."""
        if case.sensitive != "none" and self.texts.notice_key(f"{kind}_hidden", Audience.REPORTER_PRIVATE):
            return f"{kind}_hidden"
        if kind == "result" and case.category.partition(".")[0] in _ANSWERED:
            return "result_answer"
        return kind

    def refusal(self, key: str, data: Mapping[str, object], now: datetime) -> str:
        """Why it did not happen, and what is possible now."""
        return self.texts.say(f"refusal.{key}", **self._all(None, data, now))

    def already(self, case: CaseRow, by_name: str, action: str, now: datetime) -> str:
        """「№128 已由王芳确认」."""
        key = f"already.{action}" if self.texts.has(f"already.{action}") and by_name else "already.other"
        who = by_name or self.texts.word("role", "system")
        return self.texts.say(
            key, **(self.fields(case, now) | {"who": who, "action": self.texts.word("action", action)})
        )

    def done(self, action: str, case: CaseRow | None, now: datetime, /, **data: object) -> str:
        """The short answer to who did it; `action` is a key of the table [done]."""
        return self.texts.say(f"done.{action}", **self._all(case, data, now))

    def ask(self, key: str, data: Mapping[str, object], now: datetime, case: CaseRow | None = None) -> str:
        """A question back (decisions.Ask), or one of the bot's own."""
        return self.texts.say(f"ask.{key}", **self._all(case, data, now))

    def emergency(self, case: CaseRow) -> str | None:
        """What to do until help comes; None where no such advice is known or needed.

        Of a sensitive case it is for a private chat only (a missing person's names nobody: the group may read it).
        """
        advice = advice_for(case)
        return self.texts.say(f"emergency.{advice}") if advice else None
