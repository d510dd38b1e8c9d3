"""One case as columns, each as far as the operator may see it; what people wrote has its numbers masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.cases.visibility import OPERATOR, Field, may_see
from bot.cli.casebook.book import Book
from bot.privacy import mask_personal
from storage.records import CaseRow

KEPT: Final = "保密"  # stands for what may not be seen


@dataclass(frozen=True, slots=True)
class Column:
    """`key` for programs, `heading` for people; `field` is what one must be allowed to see."""

    key: str
    heading: str
    field: Field


COLUMNS: Final = (
    Column("number", "编号", Field.NUMBER),
    Column("state", "状态", Field.STATE),
    Column("category", "类别", Field.CATEGORY),
    Column("urgency", "缓急", Field.URGENCY),
    Column("source", "来源", Field.TEXT),
    Column("town", "镇街", Field.PLACE),
    Column("village", "村社区", Field.PLACE),
    Column("grid", "网格", Field.PLACE),
    Column("place", "地点", Field.PLACE),
    Column("text", "内容", Field.TEXT),
    Column("reporter", "上报人", Field.REPORTER),
    Column("supporters", "附议人数", Field.TEXT),
    Column("photos", "照片数", Field.PHOTOS),
    Column("reported_at", "上报时间", Field.NUMBER),
    Column("accepted_at", "受理时间", Field.NUMBER),
    Column("dispatched_at", "派遣时间", Field.NUMBER),
    Column("resolved_at", "处置时间", Field.NUMBER),
    Column("closed_at", "办结时间", Field.NUMBER),
    Column("due_at", "期限", Field.DUE),
    Column("overdue", "已超期", Field.DUE),
    Column("worker", "负责人", Field.WORKER),
    Column("unit", "单位", Field.WORKER),
    Column("result", "结果", Field.RESULT),
    Column("closings", "办结次数", Field.NUMBER),
)


def is_secret(case: CaseRow) -> bool:
    """Whether the words of the case are kept from the operator."""
    return not may_see(OPERATOR, case, Field.TEXT)


def seen(case: CaseRow, book: Book, supporters: int = 0) -> dict[str, Any]:
    """The values of COLUMNS: words, numbers and moments; None for what the operator may not see."""
    values = _values(case, book, supporters)
    return {column.key: values[column.key] if may_see(OPERATOR, case, column.field) else None for column in COLUMNS}


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for JSON."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _values(case: CaseRow, book: Book, supporters: int) -> dict[str, Any]:
    word = book.texts.word
    moments = ("reported_at", "accepted_at", "dispatched_at", "resolved_at", "closed_at", "due_at")
    return {
        "number": case.id,
        "state": word("state", case.state),
        "category": book.category(case.category),
        "urgency": word("urgency", case.urgency),
        "source": word("source", case.source),
        **book.areas(case.area_id),
        "place": mask_personal(case.place),
        "text": mask_personal(case.text),
        "reporter": mask_personal(case.reporter_name),
        "supporters": supporters,
        "photos": len(case.photos),
        **{name: _local(getattr(case, name), book) for name in moments},
        "overdue": book.is_overdue(case),
        "worker": book.worker(case),
        "unit": book.unit(case),
        "result": mask_personal(case.result_text),
        "closings": case.closings,
    }


def _local(moment: datetime | None, book: Book) -> datetime | None:
    return moment.astimezone(book.zone) if moment else None
