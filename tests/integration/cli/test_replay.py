"""gridbridge replay as an adopter uses it: a report, a page, JSON; and one sentence for what cannot be done."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.command import ROOT, Run, environment
from tests.integration.cli.test_commands import refused

LOG = """\
2026-11-20 09:12:33 李婶
早上好
2026-11-20 21:40:11 张三
3号楼前的路灯又坏了，电话13912345678
2026-11-21 08:00:00 网格员王芳
「张三：3号楼前的路灯又坏了」
- - - - - - - - - -
收到，马上安排
"""
DIALOGUE = {
    "id": "d1",
    "messages": [
        {"t": 0, "sender": "resident A", "text": "3号楼东边", "reply_to": None, "photo": False},
        {"t": 6, "sender": "resident A", "text": "路灯不亮了，黑灯瞎火的", "reply_to": None, "photo": False},
        {"t": 11, "sender": "resident A", "text": "", "reply_to": None, "photo": True},
    ],
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "群聊.txt"
    file.write_text(LOG, encoding="utf-8")
    return file


def test_a_report_and_a_page(quickly: Run, tmp_path: Path, log: Path) -> None:
    ended = quickly("replay", "群聊.txt", "--html", "报告.html")
    assert (ended.status, ended.err) == (0, "")
    for words in ("会立案 1 件", "弹卡片", "路灯", "139****78", "群里会说 1 句", "闲聊 1", "报告写好了：报告.html"):
        assert words in ended.out
    page = (tmp_path / "报告.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "3号楼前" in page
    assert "13912345678" not in ended.out + page
    assert sorted(file.name for file in tmp_path.iterdir()) == ["报告.html", "群聊.txt"]


def test_the_example_of_the_readme(quickly: Run) -> None:
    """What a newcomer sees first: cases with their words, a result in the group, and silence about the rest."""
    ended = quickly("replay", str(ROOT / "docs" / "examples" / "chat.txt"))
    assert (ended.status, ended.err) == (0, "")
    for words in ("平安里一网格居民群", "路灯", "下水道", "弹卡片", "换了新灯泡", "接龙、打卡 1"):
        assert words in ended.out


def test_json_lines_and_nothing_else_on_standard_output(gridbridge: Run) -> None:
    """The keys the issue names, one talk a line, in a process of its own."""
    ended = gridbridge("replay", "-", "--json", given=f"{json.dumps(DIALOGUE)}\n".encode() * 2)
    assert (ended.status, ended.err) == (0, "")
    first, second = map(json.loads, ended.out.splitlines())
    assert first == second
    assert first["id"] == "d1"
    assert [post["to"] for post in first["posts"] if not post["edit"]] == ["staff"]
    (case,) = first["cases"]
    assert (case["category"], case["reporter"], case["supporters"]) == ("facility.streetlight", "resident A", [])
    assert (case["place"], case["message_indexes"]) == ("3号楼东边", [0, 1, 2])


def test_in_shadow_nothing_is_promised_either(quickly: Run, log: Path) -> None:
    """The group hears nothing then, whatever is confirmed."""
    ended = quickly("replay", "群聊.txt", "--mode", "shadow")
    assert (ended.status, "群里会说 0 句" in ended.out, "最多" in ended.out) == (0, True, False)


def test_gbk_is_read_as_windows_writes_it(quickly: Run, log: Path) -> None:
    log.write_bytes(LOG.encode("gb18030"))
    assert "会立案 1 件" in quickly("replay", "群聊.txt").out


def test_it_uses_the_citys_own_settings(quickly: Run, tmp_path: Path, log: Path) -> None:
    """The configuration's rules and hours; no channel, no secret and no database is needed for it."""
    (tmp_path / "config.toml").write_text('[city]\ntimezone = "Asia/Urumqi"\n', encoding="utf-8")
    ended = quickly("replay", "群聊.txt", "--config", "config.toml")
    assert (ended.status, "11-20 21:40" in ended.out) == (0, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("none.txt",), 1, "文件不存在"),
        (("群聊.txt", "--staff", "赵六"), 1, "没有叫 赵六 的人"),
        (("群聊.txt", "--html", "群聊.txt"), 2, "要以 .html 结尾"),
        (("群聊.txt", "--html", "nowhere/报告.html"), 1, "写不了 nowhere/报告.html"),
        (("群聊.txt", "--mode", "loud"), 2, "--mode"),
        (("群聊.txt", "--config", "none.toml"), 2, "读不了配置文件"),
        (("words.txt",), 1, "看不出是哪种聊天记录"),
        (("picture.png",), 1, "不是文字的内容"),
        ((".",), 1, "这是一个文件夹"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    quickly: Run, tmp_path: Path, log: Path, arguments: tuple[str, ...], status: int, words: str
) -> None:
    (tmp_path / "words.txt").write_text("早上好\n", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    refused(quickly("replay", *arguments), status, words)
    assert log.read_text(encoding="utf-8") == LOG


def _replay(folder: Path, *arguments: str, limit: int | None = None) -> subprocess.Popen[bytes]:
    """A process whose temporary files lie in `folder`/tmp; `limit`: how large a file it may write."""
    (folder / "tmp").mkdir(exist_ok=True)

    def restrict() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "bot", "replay", *arguments],
        cwd=folder,
        env=environment(TMPDIR=str(folder / "tmp")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=restrict,  # noqa: PLW1509 - it only sets limits and takes no lock
    )


def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    """The exit status scripts expect, no traceback, no database, no half page."""
    lines = "\n".join(json.dumps(DIALOGUE | {"id": n}) for n in range(5000))
    (tmp_path / "talks.jsonl").write_text(lines, encoding="utf-8")
    with _replay(tmp_path, "talks.jsonl", "--json", "--html", "r.html") as process:
        assert process.stdout
        process.stdout.readline()  # it is in the middle now
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.decode()) == (130, "")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "r.html").exists()


def test_a_full_disk_is_one_sentence(tmp_path: Path, log: Path) -> None:
    """Files may grow to one kilobyte only: neither the database nor the page has room."""
    with _replay(tmp_path, "群聊.txt", "--html", "r.html", limit=1024) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert len(err.decode().splitlines()) == 1
    assert "磁盘" in err.decode()
    assert "Traceback" not in err.decode()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "r.html").exists()
    assert out == b""
