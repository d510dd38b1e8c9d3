"""Whether everything that may be said and told has somebody who hears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.cases.directory import Directory
from bot.cases.duty import levels, trusted
from bot.cases.roles import GRID_STAFF
from bot.cli.checks.finding import Finding, ok, warn
from storage.records import AreaRow

_SHOWN = 3


def town(directory: Directory, now: datetime) -> Iterator[Finding]:
    """Grids, groups and who answers for them."""
    grids = [area for area in directory.areas.values() if area.level == "grid"]
    if not grids:
        yield warn("网格", "还没有一个网格，听到的事没有地方去", "请用 gridbridge areas add 建网格")
        return
    people = len({role.person_id for person in directory.persons for role in directory.roles_of(person)})
    yield ok("网格", f"{len(grids)} 个网格，{len(directory.areas)} 个区域，{people} 位工作人员")
    yield from groups(directory, grids)
    yield from workers(directory, grids, now)
    yield from confidants(directory)


def groups(directory: Directory, grids: Sequence[AreaRow]) -> Iterator[Finding]:
    """Groups nobody has bound to an area, and grids no group belongs to."""
    loose = [chat.title or f"群 {chat.id}" for chat in directory.chats.values() if _is_loose(chat.kind, chat.areas)]
    if loose:
        remedy = "请用 gridbridge chat room … --area 写明它管哪里"
        yield warn("群", f"{_some(loose, '个群')}没有绑定区域，里面的话没人听", remedy)
    deaf = [grid.name for grid in grids if not _has_group(directory, grid.id)]
    if deaf:
        yield warn("群", f"{_some(deaf, '个网格')}没有居民群", "请用 gridbridge chat room … --kind residents 建")


def workers(directory: Directory, grids: Sequence[AreaRow], now: datetime) -> Iterator[Finding]:
    """Grids without a worker, and among them those where nobody above steps in either."""
    bare = [grid for grid in grids if not directory.people_at(GRID_STAFF, grid.id)]
    nobody = [grid.name for grid in bare if not levels(directory, grid.id, now)]
    others = [grid.name for grid in bare if grid.name not in nobody]
    remedy = "请用 gridbridge people add … --role grid_worker 加上"
    if nobody:
        yield warn("网格员", f"{_some(nobody, '个网格')}一个人也没有，那里的事没人接", remedy)
    if others:
        yield warn("网格员", f"{_some(others, '个网格')}没有网格员，那里的事由上一级接", remedy)


def confidants(directory: Directory) -> Iterator[Finding]:
    """Grids from which a complaint about staff would reach nobody: every confidant works in that very chain."""
    alone = unheard(directory)
    if alone:
        text = f"{_some(alone, '个网格')}没有线外的专人，那里投诉工作人员没人看得到"
        yield warn("专人", text, "请在镇或市里定一位不在这条线上的专人：people add … --role confidant")


def unheard(directory: Directory) -> list[str]:
    """Names of the grids without a confidant outside their chain."""
    grids = (area for area in directory.areas.values() if area.level == "grid")
    return [grid.name for grid in grids if not trusted(directory, "staff", (grid.id,))]


def _is_loose(kind: str, areas: Sequence[int]) -> bool:
    return kind == "unknown" or (kind in {"residents", "staff"} and not areas)


def _has_group(directory: Directory, grid: int) -> bool:
    """Its own, or one of an area above that serves all grids in it."""
    return any(directory.residents_chats(area) for area in directory.ancestors(grid))


def _some(names: Sequence[str], what: str) -> str:
    return "、".join(names[:_SHOWN]) + (f" 等 {len(names)} {what}" if len(names) > _SHOWN else "")
