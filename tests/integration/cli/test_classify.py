"""gridbridge classify: the same order, the same ids, one clear sentence for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli.command import Ended, Run

LAMP = "3号楼前的平安灯又不亮了"


def test_lines_become_json_in_their_order(gridbridge: Run, tmp_path: Path) -> None:
    """Blank lines are passed over but counted, so that an id is the number an editor shows."""
    (tmp_path / "chat.txt").write_text(f"\ufeff早上好\n\n{LAMP}\n", encoding="utf-8")
    ended = gridbridge("classify", "chat.txt", "--json")
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
    for word in ("路灯", "弹卡片", "人员走失（保密）", "紧急", "不理会", "[bold]谢谢大家", "共 3 句，其中 2 句"):
        assert word in ended.out


def test_nothing_is_an_empty_answer(gridbridge: Run) -> None:
    assert gridbridge("classify", "-", "--json", given=b"\n \n") == Ended(0, "", "")


def test_other_encodings_are_refused_with_the_line(gridbridge: Run, tmp_path: Path) -> None:
    (tmp_path / "gbk.txt").write_bytes("早上好\n".encode() + "路灯坏了\n".encode("gbk"))
    (tmp_path / "utf16.txt").write_bytes("路灯坏了\n".encode("utf-16"))
    for name, words in (("gbk.txt", ("第 2 行", "UTF-8")), ("utf16.txt", ("第 1 行", "UTF-16"))):
        ended = gridbridge("classify", name)
        assert ended.status == 1
        assert len(ended.err.splitlines()) == 1
        assert all(word in ended.err for word in (name, *words))


def test_broken_jsonl_is_refused_with_the_line(gridbridge: Run) -> None:
    for second in ('{"text": "路', '{"id": 3}', "[1]"):
        ended = gridbridge("classify", "-", "--json", given=f'{{"text": "早"}}\n{second}\n'.encode())
        assert ended.status == 1
        assert "标准输入 第 2 行" in ended.err


def test_a_missing_file_and_wrong_rules_are_one_sentence(gridbridge: Run, tmp_path: Path) -> None:
    missing = gridbridge("classify", "none.txt")
    assert (missing.status, "文件不存在" in missing.err) == (1, True)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "x.toml").write_text('[nosuch.thing]\nname = "x"\n', encoding="utf-8")
    wrong = gridbridge("classify", "-", "--rules", "rules", given=b"x")
    assert (wrong.status, len(wrong.err.splitlines())) == (2, 1)
    assert "分类规则有误" in wrong.err
