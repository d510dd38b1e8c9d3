"""gridbridge cases: what the operator sees, and that nothing shows him more."""

from __future__ import annotations

import csv
import io
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import Connection

from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.outcome import Done
from bot.cli.casebook.book import Book
from bot.cli.casebook.filters import _STATES, wanted
from bot.cli.main import build_parser
from bot.cli.outfile import outfile
from bot.cli.words import URGENCIES
from bot.config import build
from bot.errors import GridbridgeError
from bot.talk.texts import Texts
from classifiers.verdict import Urgency
from storage import casebook, directory, outbox
from storage.engine import Database
from storage.records import NewPost
from tests.integration.cli.command import Ended, Run
from tests.integration.cli.office import Office
from tests.integration.flow.desk_of_one import a_case
from tests.integration.hall import LAMP, seed
from tests.unit.cases import town
from tests.unit.cases.town import CLOCKS, NOW

PHONE = "13805381234"
MASKED = "138****34"
HUSBAND, VICTIM = "喝了酒打人", "住户丙"
BIG = 1500  # cases of the export: three pages


def running(**values: Any) -> dict[str, Any]:
    """A case whose clock runs, due in the future."""
    return {"clock": "accept", "due_at": datetime.now(UTC) + timedelta(days=2), "text": "路灯不亮", **values}


def fill(conn: Connection) -> None:
    """№1 ordinary, №2 late and elsewhere, №3 violence, №4 about staff, №5 perhaps, №6 forgotten, №7 closed."""
    seed(conn)
    a_case(
        conn,
        **running(
            area_id=town.EAST_1,
            category="facility.streetlight",
            place=f"3号楼 {PHONE}",
            text=f"灯不亮，打我电话{PHONE}",
            reporter_name=f"李婶{PHONE}",
        ),
    )
    late = {"due_at": NOW, "state": "accepted", "worker_id": town.ZHAO, "reported_at": NOW}
    a_case(conn, **running(area_id=town.WEST_1, category="facility.manhole", place="西坡路口", **late))
    hidden = {"area_id": town.EAST_1, "place": "5号楼", "reporter_name": VICTIM, "matched": HUSBAND, "text": HUSBAND}
    a_case(conn, **running(category="security.violence", sensitive="violence", **hidden))
    a_case(conn, **running(category="consult.complaint", sensitive="staff", **hidden, worker_id=town.CONFIDANT))
    a_case(conn, text="遛狗不牵绳", area_id=town.EAST_1)
    a_case(conn, state="withdrawn", area_id=town.EAST_1)
    a_case(
        conn,
        state="closed",
        category="order.parking",
        text="乱停车",
        area_id=town.EAST_2,
        result_text=f"挪走了，车主{PHONE}",
        reported_at=datetime(2026, 11, 30, 16, 30, tzinfo=UTC),  # 1 December in the city
        closed_at=datetime(2026, 12, 1, 1, tzinfo=UTC),
    )


QUESTIONS: list[tuple[tuple[str, ...], list[int]]] = [
    ((), [7, 4, 3, 2, 1]),
    (("--limit", "2"), [7, 4]),
    (("--state", "accepted", "closed"), [7, 2]),
    (("--state", "open"), [4, 3, 2, 1]),
    (("--area", "37090101"), [7, 1]),  # the village and its grids; what is secret is not found by its place
    (("--area", "370900"), [7, 2, 1]),
    (("--category", "facility"), [2, 1]),
    (("--category", "路灯"), [1]),
    (("--category", "security.violence"), []),
    (("--category", "order.parking", "--area", "3709010102"), [7]),
    (("--overdue",), [2]),
    (("--since", "2026-12-01", "--until", "2026-12-01"), [7]),
    (("--until", "2026-11-30", "--state", "closed"), []),
    (
        ("--state", "open", "--area", "370900", "--category", "facility.manhole", "--overdue", "--since", "2026-11-01"),
        [2],
    ),
]


async def test_each_condition_holds_what_it_asks_for(db: Database, tmp_path: Path) -> None:
    """Days are the city's; a perhaps and what was forgotten are no cases."""
    await db.run(fill)
    book = await Book.open(build({}, tmp_path), db, datetime.now(UTC))
    for options, numbers in QUESTIONS:
        asked = build_parser().parse_args(["cases", "list", *options])
        rows = await db.read(lambda conn, a=asked: casebook.newest(conn, wanted(a, book), a.limit))  # type: ignore[misc]
        assert [case.id for case in rows] == numbers, options


def test_a_list_is_a_table_or_json(quickly: Run, office: Office) -> None:
    office.do(fill)
    assert [row["number"] for row in json.loads(quickly("cases", "list", "--json").out)] == [7, 4, 3, 2, 1]
    shown = quickly("cases", "list", "--limit", "4").out
    for word in (
        "待核实",
        "已办结",
        "井盖",
        "西坡一网格 西坡路口",
        "赵强",
        "超期",
        "保密",
        "2026-12-01 00:30",
        "共 5 件，这里是最新的 4 件",
    ):
        assert word in shown
    assert "一件也没有" in quickly("cases", "list", "--state", "merged").out


def told(run: Run, folder: Path) -> Iterator[Ended]:
    """Everything the commands print or write about all cases."""
    yield run("cases", "list")
    yield run("cases", "list", "--json")
    for number in ("3", "4"):
        yield run("cases", "show", number)
        yield run("cases", "show", number, "--json")
    for form in ("csv", "jsonl"):
        assert run("cases", "export", "out", "--format", form).status == 0
        yield Ended(0, (folder / "out").read_text(encoding="utf-8"), "")


def test_what_is_secret_is_counted_and_not_told(quickly: Run, sqlite_office: Office, tmp_path: Path) -> None:
    """Neither words nor place nor who told it nor who works on it, by no command; number, state and dates are there."""
    sqlite_office.do(fill)
    for ended in told(quickly, tmp_path):
        assert ended.status == 0
        for word in (HUSBAND, VICTIM, "5号楼", "打架", "投诉", "何专人", PHONE):
            assert word not in ended.out
    shown = quickly("cases", "show", "3").out
    assert shown.startswith("№3 · 待核实 · 保密\n")
    assert "期限：" in shown
    assert "没有办法看" in shown
    assert "\n经过" not in shown
    assert json.loads(quickly("cases", "show", "4", "--json").out)["text"] is None


def test_personal_numbers_are_masked(quickly: Run, sqlite_office: Office) -> None:
    """In the place, the words, the reporter's name and the result."""
    sqlite_office.do(fill)
    shown = quickly("cases", "show", "1").out
    assert (PHONE in shown, shown.count(MASKED)) == (False, 3)
    assert MASKED in quickly("cases", "export", "-").out


def act(conn: Connection) -> int:
    """A street light from the report to its grade, with all that a history can hold."""
    seed(conn)

    def desk(minutes: int) -> Desk:
        return Desk(conn, NOW + timedelta(minutes=minutes), Directory.of(directory.load(conn)), CLOCKS)

    first = desk(0).report(replace(LAMP, photos=()))
    assert isinstance(first, Done)
    number = first.case.id
    for outcome in (
        desk(1).supplement(town.RESIDENT, number, text=f"打{PHONE}"),
        desk(2).support(town.NEIGHBOUR, number, name="住户乙"),
        desk(3).accept(town.WANG, number),
        desk(4).correct(town.WANG, number, {"category": "facility.power", "place": "3号楼北侧"}),
        desk(5).dispatch(town.WANG, number, town.POWER),
        desk(6).resolve(town.ELECTRICIAN, number, text="换了灯泡"),
        desk(7).verify(town.WANG, number, passed=True),
        desk(8).rate(town.RESIDENT, number, 1),
    ):
        assert isinstance(outcome, Done), outcome
    post = NewPost(lane="x", account="webchat:main", kind="result", priority=2, body={}, due_at=NOW, case_id=number)
    (row,) = outbox.put(conn, [post], NOW)
    assert row == 1
    return number


def test_a_case_is_shown_with_its_history(quickly: Run, office: Office) -> None:
    """Each line in Chinese, with who and when; residents by what they are; posts that wait are named."""
    number = office.do(act)
    shown = quickly("cases", "show", f"№{number}").out
    for line in (
        f"№{number} · 已办结\n",
        "类别：供电\n",
        "2026-11-10 10:00  上报人 上报\n",
        f"2026-11-10 10:01  上报人 补充：打{MASKED}\n",
        "2026-11-10 10:02  附议人 附议\n",
        "2026-11-10 10:03  王芳 确认\n",
        "2026-11-10 10:04  王芳 改：类别改成供电；地点改成3号楼北侧\n",
        "2026-11-10 10:05  王芳 派：青云供电所\n",
        "2026-11-10 10:06  小郑 处置完成：换了灯泡\n",
        "2026-11-10 10:07  王芳 核查通过",
        "上报人 评价：非常满意\n",
        "评价：非常满意（第 1 次办结，2026-11-10 10:08）\n",
        "没发完的：out-1 办理结果（等着发）\n",
    ):
        assert line in shown, (line, shown)
    body = json.loads(quickly("cases", "show", str(number), "--json").out)
    assert [event["action"] for event in body["history"]][:4] == ["上报", "补充", "附议", "确认"]
    assert body["history"][0]["at"] == "2026-11-10T10:00:00+08:00"
    assert body["grades"] == [{"closing": 1, "grade": "非常满意", "at": "2026-11-10T10:08:00+08:00"}]


def test_an_export_opens_in_a_spreadsheet_and_runs_nothing(quickly: Run, sqlite_office: Office, tmp_path: Path) -> None:
    """UTF-8 with a mark, Chinese headings, one record a case whatever was said, and nothing a spreadsheet would run."""
    nasty = ['=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(1)", "＝1+1", "\t=1", " =1", '他说"好"，\n再见']

    def write(conn: Connection) -> None:
        for text in nasty:
            a_case(conn, **running(text=text, reporter_name=text))

    sqlite_office.do(write)
    assert quickly("cases", "export", "out.csv").out == f"导出了 {len(nasty)} 件，写在 out.csv。\n"
    raw = (tmp_path / "out.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert [row["内容"] for row in rows] == [f"'{text}" for text in nasty[:-1]] + nasty[-1:]
    assert [row["上报人"] for row in rows] == [row["内容"] for row in rows]
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".out.csv*")] == []
    streamed = quickly("cases", "export", "-", "--format", "jsonl")
    assert [json.loads(line)["text"] for line in streamed.out.splitlines()] == nasty


def test_pages_leave_nothing_out(quickly: Run, office: Office) -> None:
    """More than two pages, in the order of numbers, each case once."""
    office.do(lambda conn: [a_case(conn, **running(text=f"路灯{n}")) for n in range(BIG)] and None)
    lines = quickly("cases", "export", "-", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["text"] for line in lines] == [f"路灯{n}" for n in range(BIG)]


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_file_and_no_half_one(quickly: Run, sqlite_office: Office, tmp_path: Path) -> None:
    sqlite_office.do(lambda conn: [a_case(conn, **running(text="路灯不亮" * 500)) for _ in range(700)] and None)
    (tmp_path / "out.csv").write_text("以前的", encoding="utf-8")
    with small_disk(2**20):
        ended = quickly("cases", "export", "out.csv")
    assert (ended.status, ended.out, len(ended.err.splitlines())) == (1, "", 1)
    assert "写不了" in ended.err
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "以前的"
    assert list(tmp_path.glob(".out.csv*")) == []


def _interrupted(out: IO[bytes]) -> None:
    out.write(b"x")
    raise KeyboardInterrupt


def test_an_interrupted_file_is_none(tmp_path: Path) -> None:
    """Ctrl-C in the middle: neither the file nor its beginnings are there."""
    with pytest.raises(KeyboardInterrupt), outfile(str(tmp_path / "out")) as out:
        _interrupted(out)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_and_a_missing_one_are_refused_and_a_device_stays(tmp_path: Path) -> None:
    for name in (tmp_path, tmp_path / "none" / "out"):
        with pytest.raises(GridbridgeError, match="写不了"), outfile(str(name)):
            raise AssertionError("there is nothing to write to")
    with outfile("/dev/null") as out:
        out.write(b"x")
    assert Path("/dev/null").is_char_device()


REFUSED: list[tuple[tuple[str, ...], int, str]] = [
    (("list", "--area", "nowhere"), 1, "没有区域 nowhere"),
    (("list", "--category", "facility.streetlamp"), 1, "是不是想写 facility.streetlight"),
    (("list", "--since", "2026-11-30", "--until", "2026-11-01"), 1, "请对调"),
    (("list", "--since", "11-30"), 2, "日期要写成"),
    (("list", "--state", "broken"), 2, "不能是"),
    (("list", "--limit", "0"), 2, "应在 1 到 1000 之间"),
    (("show", "999"), 1, "没有 №999"),
    (("show", "5"), 1, "没有 №5"),
    (("show", "five"), 2, "编号是一个数"),
    (("export", "out.xlsx", "--format", "xlsx"), 2, "不能是"),
    (("export", "none/out.csv"), 1, "写不了"),
]


def test_what_does_not_fit_is_one_sentence(quickly: Run, sqlite_office: Office) -> None:
    sqlite_office.do(fill)
    for command, status, words in REFUSED:
        ended = quickly("cases", *command)
        assert (ended.status, ended.out, len(ended.err.splitlines())) == (status, "", 1), command
        assert words in ended.err


def test_the_words_are_those_people_read() -> None:
    """Help and reports name them without loading the sentences, and so must say the same."""
    texts = Texts.load()
    assert {state: texts.word("state", state) for state in _STATES} == _STATES
    assert {urgency: texts.word("urgency", urgency) for urgency in Urgency} == URGENCIES
