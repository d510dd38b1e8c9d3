"""gridbridge classify: the same order, the same ids, one clear sentence for what cannot be read."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.cli.lines import read_lines
from bot.errors import GridbridgeError
from tests.integration.cli.command import Ended, Run, environment

LAMP = "3号楼前的平安灯又不亮了"


def test_lines_become_json_in_their_order(quickly: Run, tmp_path: Path) -> None:
    """Blank lines are passed over but counted, so that an id is the number an editor shows."""
    (tmp_path / "chat.txt").write_text(f"\ufeff早上好\n\n{LAMP}\n", encoding="utf-8")
    ended = quickly("classify", "chat.txt", "--json")
    assert (ended.status, ended.err) == (0, "")
    chatter, lamp = [json.loads(line) for line in ended.out.splitlines()]
    assert (chatter["id"], chatter["text"], chatter["is_case"], chatter["tier"]) == (1, "早上好", False, "none")
    assert (chatter["category"], chatter["urgency"]) == (None, None)
    assert (lamp["id"], lamp["text"], lamp["is_case"]) == (3, LAMP, True)
    assert lamp["category"] == "facility.streetlight"
    assert lamp["place"].startswith("3号楼")
    assert lamp["place"] in LAMP
    assert lamp["matched"]
    assert 0 < lamp["confidence"] <= 1
    assert set(lamp) >= {
        "id",
        "text",
        "is_case",
        "tier",
        "intent",
        "category",
        "urgency",
        "place",
        "confidence",
        "matched",
    }


def test_jsonl_on_standard_input_keeps_its_ids(gridbridge: Run) -> None:
    rows = [{"id": "m7", "text": LAMP, "sender": "worker"}, {"text": "谢谢大家"}]
    given = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    ended = gridbridge("classify", "-", "--json", given=given)
    assert [json.loads(line)["id"] for line in ended.out.splitlines()] == ["m7", 2]


def test_the_table_shows_category_place_and_words(gridbridge: Run) -> None:
    ended = gridbridge("classify", "-", given=f"{LAMP}\n[bold]谢谢大家[/bold]\n谁家老人走丢了\n".encode())
    assert ended.status == 0
    for word in ("路灯", "弹卡片", "人员走失（保密）", "特急", "不理会", "[bold]谢谢大家", "共 3 句，其中 2 句"):
        assert word in ended.out


def test_nothing_is_an_empty_answer(gridbridge: Run) -> None:
    assert gridbridge("classify", "-", "--json", given=b"\n \n") == Ended(0, "", "")


def read(path: Path) -> list[tuple[str | int, str]]:
    return [(line.id, line.text) for line in read_lines(str(path))]


def refusal(path: Path) -> str:
    with pytest.raises(GridbridgeError) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_files_of_every_editor_are_read(tmp_path: Path, encoding: str) -> None:
    """What Windows calls ANSI or Unicode too; line ends of Windows, a blank line, ASCII before the first character."""
    (tmp_path / "x.txt").write_bytes(f"ok\r\n\r\n早上好\r\n{LAMP}".encode(encoding))
    assert read(tmp_path / "x.txt") == [(1, "ok"), (3, "早上好"), (4, LAMP)]


def test_what_notepad_saves_is_classified(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "聊天记录.txt").write_bytes(f"早上好\r\n{LAMP}\r\n".encode("gbk"))
    ended = quickly("classify", "聊天记录.txt", "--json")
    assert (ended.status, [json.loads(line)["text"] for line in ended.out.splitlines()]) == (0, ["早上好", LAMP])


def through_a_pipe(path: Path, content: bytes) -> Path:
    """A file that has no beginning to go back to."""
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(content,), daemon=True).start()
    return path


def test_a_pipe_is_decided_by_its_first_chinese_line(tmp_path: Path) -> None:
    """Nobody can look ahead in it."""
    chinese = through_a_pipe(tmp_path / "a", f"ok\n{LAMP}\n早上好\n".encode("gbk"))
    assert read(chinese) == [(1, "ok"), (2, LAMP), (3, "早上好")]
    mixed = through_a_pipe(tmp_path / "b", f"{LAMP}\n".encode() + "早上好\n".encode("gbk"))
    assert "b 第 2 行" in refusal(mixed)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("早上好\n".encode() + "路灯坏了\n".encode("gbk"), 2),
        ("早上好\n中午好\n".encode() + "晚上好".encode()[:-1] + "\n谢谢\n".encode(), 3),  # also Chinese gibberish
        (b"ok\n\xff\xff\xff\n", 2),
        ("早上好\n".encode("utf-16") + b"\x00", 2),
    ],
)
def test_what_no_encoding_explains_is_refused_with_the_line(tmp_path: Path, content: bytes, line: int) -> None:
    """A file that is nearly UTF-8 is not taken for something else."""
    (tmp_path / "x.txt").write_bytes(content)
    assert f"x.txt 第 {line} 行" in refusal(tmp_path / "x.txt")
    assert "另存为 UTF-8" in refusal(tmp_path / "x.txt")


@pytest.mark.parametrize(
    ("rows", "line", "word"),
    [
        (['{"text": "早"}', '{"text": "路'], 2, "不是完整的 JSON"),
        (['{"text": "早"}', '{"id": 3}'], 2, '缺少 "text"'),
        (['{"text": "早"}', "[1]"], 2, '缺少 "text"'),
        (['{"words": "早"}'], 1, '缺少 "text"'),
        (['{"text": "早'], 1, "不是完整的 JSON"),
        (['{"text": "早"}', '{"text": "早", "sender": "workr"}'], 2, "是不是想写 worker"),
        (['{"text": "早", "sender": 1}'], 1, "sender"),
    ],
)
def test_broken_jsonl_is_refused_with_the_line(tmp_path: Path, rows: list[str], line: int, word: str) -> None:
    (tmp_path / "x.jsonl").write_text("\n".join(rows), encoding="utf-8")
    sentence = refusal(tmp_path / "x.jsonl")
    assert f"x.jsonl 第 {line} 行" in sentence
    assert word in sentence


def test_a_refusal_in_the_midst_ends_the_command(quickly: Run, tmp_path: Path) -> None:
    """What came before it is out already, as in a stream."""
    (tmp_path / "x.jsonl").write_text('{"text": "早"}\n{"id": 3}\n', encoding="utf-8")
    ended = quickly("classify", "x.jsonl", "--json")
    assert (ended.status, len(ended.out.splitlines()), len(ended.err.splitlines())) == (1, 1, 1)
    assert "x.jsonl 第 2 行" in ended.err


def test_a_sentence_that_begins_with_a_brace_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("{哈哈}\n", encoding="utf-8")
    assert read(tmp_path / "x.txt") == [(1, "{哈哈}")]


def test_who_sends_it_counts(quickly: Run, tmp_path: Path) -> None:
    """A worker's notice is no report."""
    text = "今晚3号楼停电检修，请大家提前准备"
    (tmp_path / "x.jsonl").write_text(json.dumps({"text": text, "sender": "worker"}), encoding="utf-8")
    worker = json.loads(quickly("classify", "x.jsonl", "--json").out)
    assert (worker["intent"], worker["is_case"]) == ("notice", False)


def test_a_text_that_is_too_long_is_judged_by_its_beginning(quickly: Run, tmp_path: Path) -> None:
    """As the running program does; a file without line ends is not swallowed whole."""
    (tmp_path / "config.toml").write_text("[limits]\nmax_text = 100", encoding="utf-8")
    (tmp_path / "long.txt").write_text("嗯" * 200 + LAMP + "嗯" * 10**6, encoding="utf-8")
    table = quickly("classify", "long.txt").out
    assert ("其中 1 句当作事件" in table, len(table) < 20_000) == (True, True)
    short = quickly("classify", "long.txt", "--json", "--config", "config.toml")
    assert json.loads(short.out)["is_case"] is False
    (tmp_path / "endless.txt").write_bytes(b"x" * (5 * 2**20))
    assert "第 1 行：一行超过 4 MB" in refusal(tmp_path / "endless.txt")


def test_many_rows_come_in_several_tables(quickly: Run, tmp_path: Path) -> None:
    """A table is laid out in memory, so it is not made of everything there is."""
    (tmp_path / "many.txt").write_text("早上好\n" * 600, encoding="utf-8")
    out = quickly("classify", "many.txt").out
    assert out.count("依据") == 2
    assert "共 600 句，其中 0 句当作事件" in out


def test_progress_is_shown_where_the_verdicts_go_elsewhere(tmp_path: Path) -> None:
    """On a terminal's stderr; what is written to stdout stays clean."""
    (tmp_path / "many.txt").write_text("早上好\n" * 3000, encoding="utf-8")
    screen, other = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "classify", "many.txt", "--json"],
        cwd=tmp_path,
        env=environment(TERM="xterm"),
        stdout=subprocess.PIPE,
        stderr=other,
    ) as process:
        os.close(other)
        assert process.stdout
        assert len(process.stdout.read().splitlines()) == 3000
    assert "判断" in os.read(screen, 65536).decode(errors="replace")
    os.close(screen)


def test_a_missing_file_and_wrong_rules_are_one_sentence(quickly: Run, tmp_path: Path) -> None:
    missing = quickly("classify", "none.txt")
    assert (missing.status, "文件不存在" in missing.err) == (1, True)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "x.toml").write_text('[nosuch.thing]\nname = "x"\n', encoding="utf-8")
    wrong = quickly("classify", "-", "--rules", "rules")
    assert (wrong.status, len(wrong.err.splitlines())) == (2, 1)
    assert "分类规则有误" in wrong.err
