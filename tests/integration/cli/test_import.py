"""gridbridge import and export: a whole town out of tables, nothing half done, nothing lost on the way back."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.sheets.kinds import SHEETS
from tests.integration.cli.command import ROOT, Ended, Run
from tests.integration.cli.test_run import CONFIG

AREAS = "代码,名称,级别,上级,别名\r\ndg1,东关一网格,网格,dg,平安里、向阳院\r\ndg,东关社区,村社区,lh,\r\nlh,柳河镇,镇街,,\r\n"
CHATS = "账号,编号,群名,类型,模式,区域\nwebchat:main,g1,一网格居民群,居民群,results,dg1\nwebchat:main,u1,维修队,单位群,,dg\n"
UNITS = "code;name;area;chat account;chat;default\nu1;维修队;dg;webchat:main;u1;yes\n"
PEOPLE = (
    "工号,姓名,手机,岗位,区域,单位\n"
    "wang,王　芳,138 0013 8000,网格员,dg1,\n"
    "wang,王芳,,网格长,dg1,\n"
    "sun,孙师傅,+86-139-0013-9000,处置人员,dg,u1\n"
)
ALIASES = "区域\t别名\t指的是\ndg1\t老油坊\t东三街南头\n"
TOWN = {
    "areas": AREAS.encode("gb18030"),
    "chats": CHATS.encode("utf-8-sig"),
    "units": UNITS.encode(),
    "people": PEOPLE.encode("gb18030"),
    "aliases": ALIASES.encode("utf-16"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration and the five files."""
    (tmp_path / "config.toml").write_text(CONFIG.format(port=8123), encoding="utf-8")
    for name, raw in TOWN.items():
        (tmp_path / f"{name}.csv").write_bytes(raw)
    return tmp_path


def rows(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as conn:
        return conn.execute(question).fetchall()


def version(folder: Path) -> object:
    return rows(folder / "data" / "gridbridge.db", "SELECT value FROM meta WHERE key = 'directory'")[0][0]


def settled(run: Run, *names: str) -> None:
    """These files imported, else the whole town."""
    for name in names or TOWN:
        ended = run("import", name, f"{name}.csv")
        assert (ended.status, ended.err) == (0, ""), ended
        assert "好了，都写好了" in ended.out


def refused(ended: Ended, *words: str, status: int = 1) -> None:
    """The last line on stderr says it in one sentence."""
    assert ended.status == status, ended
    last = ended.err.splitlines()[-1]
    assert last.startswith("gridbridge：")
    assert all(word in last for word in words), last


def test_a_town_is_made_out_of_five_tables(quickly: Run, folder: Path) -> None:
    """Four encodings, three separators, two languages; the people can be invited; twice is once, to the version."""
    settled(quickly)
    data = folder / "data"
    assert rows(data / "gridbridge.db", "SELECT code, level, parent_id FROM area ORDER BY id") == [
        ("lh", "town", None),
        ("dg", "village", 1),
        ("dg1", "grid", 2),
    ]
    assert rows(data / "gridbridge.db", "SELECT name, phone, active FROM person ORDER BY id") == [
        ("王芳", "13800138000", 1),
        ("孙师傅", "13900139000", 1),
    ]
    assert rows(data / "gridbridge.db", "SELECT role, area_id, unit_id FROM role ORDER BY id") == [
        ("grid_worker", 3, None),
        ("grid_leader", 3, None),
        ("handler", 2, 1),
    ]
    assert rows(data / "webchat.db", "SELECT id, name, staff FROM member WHERE id != 'bot' ORDER BY id") == [
        ("sun", "孙师傅", 1),
        ("wang", "王芳", 1),
    ]
    assert rows(data / "webchat.db", "SELECT id, kind FROM room ORDER BY id") == [
        ("g1", "residents"),
        ("p-sun", "private"),
        ("p-wang", "private"),
        ("u1", "unit"),
    ]
    assert "/chat/i/" in quickly("chat", "invite", "wang").out
    before = version(folder)
    for name in TOWN:
        again = quickly("import", name, f"{name}.csv")
        assert "新增 0 行，改动 0 行" in again.out
        assert "没有要改的，什么都没有写" in again.out
    assert version(folder) == before


def test_members_of_a_room_are_added_once_they_are_known(quickly: Run, folder: Path) -> None:
    """A room's members are people: who is not there yet is refused, and added when the file comes again."""
    text = "账号,编号,群名,类型,区域,成员\nwebchat:main,g1,一网格居民群,居民群,dg1,wang\n"
    (folder / "members.csv").write_text(text, encoding="utf-8")
    settled(quickly, "areas")
    refused(quickly("import", "chats", "members.csv"), "有 1 行没通过")
    assert "还没有成员“wang”，请先导入人员" in quickly("import", "chats", "members.csv").err
    settled(quickly, "chats", "units", "people")
    assert quickly("import", "chats", "members.csv").status == 0
    assert ("g1", "wang") in rows(folder / "data" / "webchat.db", "SELECT room, member FROM room_member")
    assert "没有要改的" in quickly("import", "chats", "members.csv").out


def prints(folder: Path) -> dict[str, str]:
    """Every file below the folder and what is in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_dry_run_leaves_no_trace(quickly: Run, folder: Path) -> None:
    """Neither before there is a database nor in one that is there, not by one byte; it says what would change."""
    before = prints(folder)
    first = quickly("import", "areas", "areas.csv", "--dry-run")
    assert (first.status, prints(folder)) == (0, before)
    assert "新增 3 行" in first.out
    assert "这是试运行，什么都没有写" in first.out
    settled(quickly)
    before = prints(folder)
    changed = (
        PEOPLE.replace("138 0013 8000", "13800138001").replace("sun,孙师傅", "sun,孙大师傅") + "li,李梅,,楼长,dg1,\n"
    )
    (folder / "people.csv").write_text(changed, encoding="utf-8")
    kept = {**before, str(folder / "people.csv"): prints(folder)[str(folder / "people.csv")]}
    ended = quickly("import", "people", "people.csv", "--dry-run")
    assert (ended.status, prints(folder)) == (0, kept)
    assert "新增 1 行，改动 2 行，不变 1 行，没通过 0 行" in ended.out
    assert "电话 138****00 → 138****01" in ended.out
    assert "姓名 孙师傅 → 孙大师傅" in ended.out
    assert "13800138001" not in ended.out


def test_one_refused_row_holds_everything_back(quickly: Run, folder: Path) -> None:
    """Every refused row is told with line and reason and kept with its reason; the corrected file is imported as it is."""
    settled(quickly)
    text = PEOPLE + "li,李梅,1380013800,网格员,dg1,\nzhao,赵敏,,网格元,dg1,\nqian,钱,,网格员,dg1,\n"
    (folder / "people.csv").write_text(text, encoding="utf-8")
    before = version(folder)
    ended = quickly("import", "people", "people.csv", "--refused", "bad.csv")
    refused(ended, "有 2 行没通过", "什么都没有写", "--skip-refused")
    assert [line.partition("：")[0] for line in ended.err.splitlines()[:-1]] == ["第 5 行", "第 6 行"]
    assert "手机号应是 11 位" in ended.err
    assert "1380013800" not in ended.err + ended.out
    assert version(folder) == before
    assert stat.S_IMODE((folder / "bad.csv").stat().st_mode) == 0o600
    bad = (folder / "bad.csv").read_bytes().decode("utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(bad))] == ["工号", "li", "zhao"]

    partly = quickly("import", "people", "people.csv", "--skip-refused")
    assert (partly.status, "新增 1 行" in partly.out, "第 5 行" in partly.err) == (0, True, True)
    assert rows(folder / "data" / "gridbridge.db", "SELECT count(*) FROM person") == [(3,)]

    good = bad.replace("1380013800,", "13800138002,").replace("网格元", "网格员")
    (folder / "bad.csv").write_text(good, encoding="utf-8")
    last = quickly("import", "people", "bad.csv", "--refused", "none.csv")
    assert (last.status, "新增 2 行" in last.out, "库里还有 4 行不在文件里，没有动" in last.out) == (0, True, True)
    assert not (folder / "none.csv").exists()


def test_who_leaves_has_no_rights_and_stays_in_the_books(quickly: Run, folder: Path) -> None:
    settled(quickly)
    (folder / "people.csv").write_text("编号,姓名,角色,区域,在岗\nwang,王芳,网格员,dg1,否\n", encoding="utf-8")
    assert "在岗 是 → 否" in quickly("import", "people", "people.csv").out
    data = folder / "data" / "gridbridge.db"
    assert rows(data, "SELECT active FROM person WHERE name = '王芳'") == [(0,)]
    assert rows(data, "SELECT count(*) FROM role") == [(3,)]
    staff = "SELECT staff FROM member WHERE id = 'wang'"
    assert rows(folder / "data" / "webchat.db", staff) == [(0,)]  # nobody takes her word in the group for the staff's


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("people", "none.csv"), ("none.csv", "文件不存在")),
        (("people", "."), ("文件夹",)),
        (("areas", "people.csv"), ("people.csv 第 1 行表头里有不认识的列", "“工号”")),
        (("areas", "book.xlsx"), ("book.xlsx 这是 Excel 工作簿", "另存为")),
        (("areas", "areas.csv", "--refused", "./areas.csv"), ("换个名字",)),
        (("areas", "wrong.csv", "--refused", "nowhere/bad.csv"), ("写不了 nowhere", "文件不存在")),
    ],
)
def test_what_cannot_be_imported_is_one_sentence(
    quickly: Run, folder: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04...")
    (folder / "wrong.csv").write_text("代码,名称,级别\nx,某地,大\n", encoding="utf-8")
    refused(quickly("import", *arguments), *words)
    assert (folder / "areas.csv").read_bytes() == TOWN["areas"]


@pytest.mark.parametrize(
    "arguments", [("import",), ("import", "area", "x.csv"), ("export", "--encoding", "big5", "areas")]
)
def test_a_wrong_call_is_one_sentence(quickly: Run, arguments: tuple[str, ...]) -> None:
    refused(quickly(*arguments), "--help", status=2)


def test_help_teaches(quickly: Run) -> None:
    taught = quickly("import", "--help").out
    assert all(word in taught for word in ("例子", "从来不删", "--dry-run", "docs/import.md"))
    assert "--phones" in quickly("export", "--help").out


def test_what_is_exported_is_imported_elsewhere(quickly: Run, folder: Path) -> None:
    """In either encoding; phones are masked unless asked for, and a masked phone changes nothing."""
    settled(quickly)
    for name in TOWN:
        assert quickly("export", name, f"out-{name}.csv", "--phones", "--encoding", "gb18030").status == 0
        assert quickly("import", name, f"out-{name}.csv").out.endswith("没有要改的，什么都没有写。\n")
    shown = quickly("export", "people").out
    assert "138****00" in shown
    assert "13800138000" not in shown
    assert quickly("export", "people", "masked.csv").status == 0
    assert "没有要改的" in quickly("import", "people", "masked.csv").out
    whole = (folder / "out-people.csv").read_bytes()
    assert b"13800138000" in whole
    assert whole.endswith(b"\r\n")
    assert stat.S_IMODE((folder / "out-people.csv").stat().st_mode) == 0o600
    (folder / "data").rename(folder / "old")
    for name in TOWN:
        assert quickly("import", name, f"out-{name}.csv").status == 0
    again = quickly("export", "people", "again.csv", "--phones", "--encoding", "gb18030")
    assert (again.status, (folder / "again.csv").read_bytes()) == (0, whole)


def test_an_export_does_not_write_over_a_file_unasked(quickly: Run, folder: Path) -> None:
    refused(quickly("export", "areas", "new.csv"), "还没有数据库", status=2)
    assert quickly("export", "units", "new.csv", "--template").status == 0
    assert (folder / "new.csv").read_bytes() == "\ufeff代码,名称,区域,群账号,群编号,默认\r\n".encode()
    settled(quickly)
    refused(quickly("export", "areas", "areas.csv"), "areas.csv 已经有了", "--force")
    assert (folder / "areas.csv").read_bytes() == TOWN["areas"]
    assert quickly("export", "areas", "areas.csv", "--force").status == 0
    assert (folder / "areas.csv").read_bytes().startswith("\ufeff代码,名称,级别,上级,别名\r\n".encode())
    refused(quickly("export", "areas", "nowhere/x.csv"), "写不了", "文件不存在")
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_the_file_may_come_after_an_option(quickly: Run, folder: Path) -> None:
    ended = quickly("export", "areas", "--template", "--encoding", "gb18030", "空表.csv")
    assert (ended.status, ended.err) == (0, "")
    assert (folder / "空表.csv").read_bytes().decode("gb18030").startswith("代码,名称")


def test_refused_rows_into_a_pipe_leave_the_pipe(quickly: Run, folder: Path) -> None:
    """What is no plain file, such as /dev/null, is written to and not replaced."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    (folder / "wrong.csv").write_text("code,name,level\nx,某地,大\n", encoding="utf-8")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert quickly("import", "areas", "wrong.csv", "--refused", "pipe").status == 1
    reader.join(timeout=10)
    assert "某地" in read[0].decode()
    assert pipe.is_fifo()


def test_through_a_pipe(quickly: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`gridbridge export areas | gridbridge import areas -`, and the refused rows to standard output."""
    settled(quickly, "areas")
    out = quickly("export", "areas").out
    assert out.startswith("\ufeff代码,名称")
    for given, words in (
        (out, "标准输入 有 3 行，UTF-8 编码"),
        ("code,name,level\nx,某地,大\n", "原因,code,name,level"),
    ):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        ended = quickly("import", "areas", "-", "--refused", "-")
        assert words in ended.out


def test_on_the_database_of_the_configuration(quickly: Run, folder: Path, database_url: str) -> None:
    """The same on both databases, dry run included."""
    text = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(f'[database]\nurl = "{database_url}"\n{text}', encoding="utf-8")
    assert "新增 3 行" in quickly("import", "areas", "areas.csv", "--dry-run").out
    assert "新增 3 行" in quickly("import", "areas", "areas.csv", "--dry-run").out
    settled(quickly)
    assert "不变 3 行" in quickly("import", "people", "people.csv", "--dry-run").out
    assert quickly("export", "units").out.splitlines()[1] == "u1,维修队,dg,webchat:main,u1,是"


def test_a_web_chat_that_cannot_be_written_is_said_and_made_up_for(quickly: Run, folder: Path) -> None:
    """The directory stands, the sentence says what lacks; the same import again adds only that."""
    (folder / "config.toml").write_text(CONFIG.format(port=1) + 'history = "chats/web.db"\n', encoding="utf-8")
    assert quickly("import", "areas", "areas.csv").status == 0
    (folder / "people.csv").write_text("编号,姓名,角色,区域\nwang,王芳,网格员,dg1\n", encoding="utf-8")
    refused(quickly("import", "people", "people.csv"), "目录写好了", "网页群聊", "再做一遍")
    before = version(folder)
    (folder / "data" / "chats").mkdir()
    again = quickly("import", "people", "people.csv")
    assert (again.status, "有 1 位成员要加上" in again.out, "不变 1 行" in again.out) == (0, True, True)
    assert version(folder) == before
    assert rows(folder / "data" / "chats" / "web.db", "SELECT id FROM member WHERE id != 'bot'") == [("wang",)]


def test_the_tables_of_the_manual_are_imported_as_they_stand(quickly: Run, folder: Path) -> None:
    """docs/import.md, in its order, into an empty directory; it names every column there is."""
    manual = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")
    for name, sheet in SHEETS.items():
        chapter = manual.partition(f"### {name} ")[2]
        (folder / "manual.csv").write_text(chapter.split("```")[1].lstrip("\n"), encoding="utf-8")
        ended = quickly("import", name, "manual.csv")
        assert (ended.status, ended.err) == (0, ""), ended
        table = chapter.partition("```")[0]
        assert [column.word for column in sheet.columns if column.word not in table] == []
