"""A transcript file -> Script. README.md in this folder explains how a file is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.transcripts.script import CaseCount, CaseIs, Cast, Expected, Posted, Ref, Say, Script, Step, Toast, Wait

SHANGHAI = ZoneInfo("Asia/Shanghai")
HERE = Path(__file__).parent
STORIES = HERE / "stories"
TOWN = HERE / "town.txt"

_SPAN = re.compile(r"\+\s*([0-9]+)\s*(秒|分钟|小时|天)")
_UNITS = {"秒": "seconds", "分钟": "minutes", "小时": "hours", "天": "days"}
_SPOKEN = re.compile(r"(?P<who>[^@\s:]+)@(?P<chat>[^\s:]+)(?P<rest>.*)", re.DOTALL)
_HOW = re.compile(
    r"""\s*(?:
        引用"(?P<quote>[^"]+)" | 引用№(?P<card>\d+)
      | 照片(?P<photos>\d*) | 迟到(?P<late>\d+)小时
      | (?P<old>点旧|点)\s*(?:№(?P<of>\d+)\s*)?(?P<button>\S+)
      | 撤回"(?P<recall>[^"]+)" | 编辑"(?P<edit>[^"]+)" | (?P<event>进群|退群)
    )""",
    re.VERBOSE,
)
_POST = re.compile(
    r"""(?P<chat>\S+?)(?:\s+(?P<kind>卡片改为|卡片|改为))?(?:\s+照片(?P<photos>\d+)张)?(?:\s+引用"(?P<quote>[^"]+)")?:\s?(?P<text>.*)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {None: "text", "卡片": "card", "卡片改为": "edit", "改为": "edit"}
_CASE = re.compile(r"事件 №(?P<number>\d+)(?P<same> 没变)?(?:: (?P<facts>.+))?")
_COUNT = re.compile(r"事件 共 (\d+) 件")


class NotUnderstood(Exception):  # noqa: N818 - says what it is
    """A line of a transcript that means nothing; names the file and the line."""


def read(path: Path, *, draft: bool = False) -> Script:
    """Raises NotUnderstood. `draft`: the lines of the bot may still be missing."""
    cast = Cast()
    for number, line in _lines(TOWN):
        _header(cast, line, f"{TOWN.name}:{number}")
    title = path.stem
    steps: list[Step] = []
    for number, line in _lines(path):
        where = f"{path.name}:{number}"
        if line.startswith("#"):
            title = title if title != path.stem else line.lstrip("# ").strip()
        elif line.startswith(" "):
            if draft and not line.strip().startswith("事件"):
                continue
            if not steps:
                raise NotUnderstood(f"{where}: 前面还没有人说话")
            _written(steps[-1], line)
        elif not _header(cast, line, where):
            _act(steps, line, number, where)
    for step in steps:
        where = f"{path.name}:{step.line}"
        if not step.written and not draft:
            raise NotUnderstood(f"{where}: 机器人做了什么？什么都不做就写“静”")
        step.expected = [_expected(text, where) for text in step.written if text != "静"]
    return Script(title, cast, steps)


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            yield number, line.rstrip()


# ---------------------------------------------------------------- who and where


def _header(cast: Cast, line: str, where: str) -> bool:
    """True if the line describes the town."""
    word, _, rest = line.partition(" ")
    name, _, value = (part.strip() for part in rest.partition("="))
    match word:
        case "区域":
            level, _, above = value.partition(" ")
            cast.areas.append((name, level, above.strip()))
        case "单位":
            area, _, default = value.partition(" ")
            cast.units[name] = (area, default.strip() == "默认")
        case "群":
            kind, *more = value.split()
            mode = more.pop(0) if kind == "居民群" and more else "full"
            cast.chats[name] = (kind, mode, tuple("".join(more).split("、")) if more else ())
        case "人":
            _person(cast, name, value)
        case "设":
            cast.settings[name] = value
        case "时间":
            cast.start = moment(rest, None)
        case _:
            return word == "#"
    return True


def _person(cast: Cast, name: str, value: str) -> None:
    """Staff are reached in private, residents only where the file says so."""
    cast.people[name] = []
    roles, _, alone = value.partition(" 可私聊")
    if alone or value != roles:
        cast.reachable.add(name)
    for role in roles.split("，"):
        what, _, area = role.strip().partition(" ")
        if what != "居民" or area:
            cast.people[name] += [(what, one) for one in area.split("、")]
            cast.reachable.add(name)


def moment(text: str, now: datetime | None) -> datetime:
    """「2026-11-23 10:00」, 「11-24 08:30」, 「18:00」, in local time."""
    formats = {"%Y-%m-%d %H:%M": (), "%m-%d %H:%M": ("year",), "%H:%M": ("year", "month", "day")}
    for form, kept in formats.items():
        try:
            found = datetime.strptime(text.strip(), form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
        local = now.astimezone(SHANGHAI) if now else found
        return found.replace(**{part: getattr(local, part) for part in kept})
    raise NotUnderstood(f"时间看不懂：{text}")


# ---------------------------------------------------------------- what people do


def _act(steps: list[Step], line: str, number: int, where: str) -> None:
    if line == "同时:":
        steps.append(Step(number, [], together=True))
    elif line.startswith("- "):
        steps[-1].acts.append(_say(line[2:], where))
        steps[-1].last_line = number
    elif found := _SPAN.fullmatch(line):
        steps.append(Step(number, [Wait(span=timedelta(**{_UNITS[found[2]]: int(found[1])}))]))
    elif line.startswith("到 "):
        steps.append(Step(number, [Wait(until=line[2:])]))
    else:
        steps.append(Step(number, [_say(line, where)]))


def _say(line: str, where: str) -> Say:
    found = _SPOKEN.fullmatch(line)
    if found is None:
        raise NotUnderstood(f"{where}: 看不懂：{line}")
    said, rest = Say(who=found["who"], chat=found["chat"]), found["rest"]
    if many := re.fullmatch(r"(\d+)人", said.who):
        said = replace(said, many=int(many[1]))
    while rest and not rest.startswith(":"):
        how = _HOW.match(rest)
        if how is None:
            raise NotUnderstood(f"{where}: 看不懂：{rest}")
        said, rest = _how(said, how), rest[how.end() :]
    return replace(said, text=rest[1:].strip().replace("\\n", "\n"))


def _how(said: Say, how: re.Match[str]) -> Say:
    if how["quote"] or how["card"]:
        return replace(said, quote=_ref(how["quote"], how["card"]))
    if how["photos"] is not None:
        return replace(said, photos=int(how["photos"] or 1))
    if how["late"]:
        return replace(said, late=timedelta(hours=int(how["late"])))
    if how["button"]:
        target = _ref(None, how["of"]) if how["of"] else None
        return replace(said, kind="press", button=how["button"], target=target, old=how["old"] == "点旧")
    if how["event"]:
        return replace(said, kind={"进群": "join", "退群": "leave"}[how["event"]])
    return replace(said, kind="recall" if how["recall"] else "edit", target=_ref(how["recall"] or how["edit"], None))


def _ref(words: str | None, number: str | None) -> Ref:
    return Ref(words=words or "", number=int(number) if number else None)


# ---------------------------------------------------------------- what the bot does


def _written(step: Step, line: str) -> None:
    """One line, or the next line of a longer text."""
    if line.startswith("      ") and step.written:
        step.written[-1] += f"\n{line.strip()}"
    else:
        step.written.append(line.strip())


def _expected(text: str, where: str) -> Expected:
    if found := _COUNT.fullmatch(text):
        return CaseCount(count=int(found[1]))
    if found := _CASE.fullmatch(text):
        facts = tuple(fact.strip() for fact in (found["facts"] or "").split("|") if fact.strip())
        return CaseIs(number=int(found["number"]), facts=facts, unchanged=bool(found["same"]))
    if found := re.fullmatch(r"(\S+) 看到:\s?(.*)", text, re.DOTALL):
        return Toast(who=found[1], text=found[2])
    found = _POST.fullmatch(text)
    if found is None:
        raise NotUnderstood(f"{where}: 看不懂：{text}")
    return _posted(found)


def _posted(found: re.Match[str]) -> Posted:
    kind, words = _KINDS[found["kind"]], found["text"].strip()
    parts = tuple(part.strip() for part in words.split(" | ")) if kind != "text" or " | " in words else (words,)
    return Posted(
        chat=found["chat"], kind=kind, text=parts[0], parts=parts[1:], quote=found["quote"],
        photos=int(found["photos"] or 0),
    )  # fmt: skip
