"""A case, a voice and a moment for the tests of what the program says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.talk.texts import Texts
from bot.talk.voice import Names, Voice
from storage.records import CaseRow

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # Wednesday, 10 in the morning in Shanghai
CATEGORIES = {
    "facility.streetlight": "路灯",
    "facility.drain": "排水下水道",
    "facility.power": "供电",
    "service.certificate": "证件证明户籍",
    "emergency.fire": "火情",
    "emergency.missing": "人员走失",
    "dispute.family": "婚姻家庭纠纷",
}
TEXTS = Texts.load()
VOICE = Voice(
    TEXTS,
    Names(
        category=lambda code: CATEGORIES.get(code, ""),
        area=lambda ident: {7: "东关网格"}.get(ident, ""),
        unit=lambda ident: {3: "供电所"}.get(ident, ""),
        person=lambda ident: {5: "王芳", 6: "张姐"}.get(ident, ""),
    ),
    SHANGHAI,
)


def case(**changes: Any) -> CaseRow:
    values: dict[str, Any] = {
        "id": 128,
        "version": 4,
        "state": "accepted",
        "source": "group",
        "category": "facility.streetlight",
        "urgency": "normal",
        "sensitive": "none",
        "reported_at": NOW - timedelta(hours=1),
        "updated_at": NOW,
        "area_id": 7,
        "place": "3号楼前",
        "text": "3号楼前的灯又不亮了",
        "matched": "灯、不亮",
        "reporter_id": 6,
        "reporter_name": "张姐",
        "worker_id": 5,
        "clock": "resolve",
        "due_at": NOW + timedelta(days=1, hours=8),
        "yellow_at": NOW + timedelta(hours=20),
    }
    return CaseRow(**(values | changes))
