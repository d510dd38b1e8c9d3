"""gridbridge rules: check, explain, eval and learn, as a clerk types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection

from classifiers.keyword import Classifier
from classifiers.rules import RULES_FOLDER
from storage import cases
from tests.integration.cli.command import Run
from tests.integration.cli.office import Office
from tests.storage.seeds import NOW, a_case

LAMP = "3号楼前的平安灯又不亮了"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A town's own copy of the hand-written rules, nothing learned yet."""
    own = tmp_path / "rules"
    shutil.copytree(RULES_FOLDER, own)
    for path in own.glob("learned-*.toml"):
        path.unlink()
    return own


def rows(path: Path, *listed: dict[str, object]) -> str:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in listed), encoding="utf-8")
    return path.name


def case(text: str, category: str, urgency: str = "normal") -> dict[str, object]:
    return {"text": text, "is_case": True, "intent": "report", "category": category, "urgency": urgency}


def talk(text: str) -> dict[str, object]:
    return {"text": text, "is_case": False, "intent": "chatter"}


def test_check_counts_what_it_read(quickly: Run) -> None:
    """The rules that come with the program are in order."""
    ended = quickly("rules", "check")
    assert (ended.status, ended.err) == (0, "")
    assert "规则读得懂：58 类" in ended.out


def test_check_names_file_line_and_remedy(quickly: Run, rules: Path) -> None:
    """One sentence, no traceback, exit status 2."""
    facility = rules / "facility.toml"
    text = facility.read_text(encoding="utf-8")
    line = text.splitlines().index('name = "路灯"') + 1
    facility.write_text(text.replace('name = "路灯"', 'title = "路灯"', 1), encoding="utf-8")
    ended = quickly("rules", "check", "--rules", "rules")
    assert ended.status == 2
    assert f"facility.toml：第 {line} 行" in ended.err
    assert "能用的键是" in ended.err
    assert len(ended.err.splitlines()) == 1


def test_check_remarks_on_what_is_probably_not_meant(quickly: Run, rules: Path) -> None:
    """A word that opens a rule and forbids it at once."""
    ours = '[other.other]\nname = "其他诉求"\nanchors = ["活动室"]\nvetoes = ["活动室"]\n'
    (rules / "other.toml").write_text(ours, encoding="utf-8")
    ended = quickly("rules", "check", "--rules", "rules")
    assert ended.status == 0
    assert "“活动室”既是触发词又是否决词" in ended.out


def test_explain_tells_each_step(quickly: Run) -> None:
    """Anchors, words, points, likelihood, place and what comes of it."""
    ended = quickly("rules", "explain", LAMP)
    assert (ended.status, ended.err) == (0, "")
    for told in ("触发词", "平安灯", "路灯", "是事件的把握", "3号楼前", "结论  弹卡片，路灯，一般，不保密"):
        assert told in ended.out


def test_explain_says_why_nothing_is_asked(quickly: Run) -> None:
    """Without an anchor no rule is looked at."""
    ended = quickly("rules", "explain", "早上好")
    assert ended.status == 0
    assert "没有：到此为止" in ended.out
    assert "不是事件（闲聊）" in ended.out


def test_eval_counts_and_shows_what_went_wrong(quickly: Run, tmp_path: Path) -> None:
    """Figures, a line for each category, and the sentence that was put into the wrong one."""
    name = rows(
        tmp_path / "a.jsonl", case(LAMP, "facility.streetlight"), case("停电了", "facility.water"), talk("早上好")
    )
    ended = quickly("rules", "eval", name)
    assert (ended.status, ended.err) == (0, "")
    assert "事件 F1" in ended.out
    assert "100.00%" in ended.out
    assert "容易混：供水 判成 供电，1 次" in ended.out
    assert "应是 供水，判成 供电" in ended.out


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('{"text": "停电了"}\n[1]', "a.jsonl 第 2 行：不是一个 JSON 对象"),
        ('{"txt": "停电了"}', "a.jsonl 第 1 行：没有 text 这一列"),
    ],
)
def test_a_wrong_file_is_one_sentence(quickly: Run, tmp_path: Path, lines: str, told: str) -> None:
    """File, line and what belongs there."""
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    ended = quickly("rules", "eval", "a.jsonl")
    assert ended.status == 1
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_learning_writes_readable_files_and_keeps_what_hands_wrote(quickly: Run, rules: Path, tmp_path: Path) -> None:
    """A town's own words are learned with their evidence; the rules hear a sentence that they did not hear before."""
    dark = [f"{place}那儿暗得很，荧光棒也照不见" for place in ("车站", "祠堂", "戏台", "河湾", "西头", "小卖部")]
    assert not Classifier.load(rules).classify(dark[0]).is_case
    listed = [case(text, "facility.streetlight") for text in dark] * 2
    listed += [talk(f"{who}在小区里吃了三碗面") for who in ("我", "他", "老张", "孩子", "奶奶", "表姐")] * 2
    first, second = rows(tmp_path / "a.jsonl", *listed), rows(tmp_path / "b.jsonl", *listed)
    written = {path.name: path.read_bytes() for path in rules.glob("*.toml")}
    (tmp_path / "talk.csv").write_text("text\n今天天气好\n晚上吃面\n", encoding="utf-8")
    ended = quickly("rules", "learn", first, second, "--small-talk", "talk.csv", "--rules", "rules", "--to", "rules")
    assert (ended.status, ended.err) == (0, "")
    assert {path.name: path.read_bytes() for path in rules.glob("*.toml") if path.name in written} == written
    learned = (rules / "learned-case.toml").read_text(encoding="utf-8")
    assert '"荧光' in learned
    assert "# 24 句里 24 句" in learned
    openers = (rules / "learned-openers.toml").read_text(encoding="utf-8")
    assert "多听进 20 句上报、0 句闲聊" in openers
    assert Classifier.load(rules).classify(dark[0]).is_case


def test_a_column_of_labels_is_learned_and_judged(quickly: Run, tmp_path: Path) -> None:
    """Any labels, no categories of ours."""
    things = {"水": ("水管漏水", "水压太低", "水表不转"), "灯": ("路灯不亮", "灯杆歪了", "灯泡碎了")}
    lines = [f"{where}{what},{label}" for label, whats in things.items() for what in whats for where in "东西南北"]
    (tmp_path / "hot.csv").write_text("\n".join(["text,topic", *lines]), encoding="utf-8")
    ended = quickly("rules", "learn", "hot.csv", "--label", "topic", "--to", "topics.toml")
    assert (ended.status, ended.err) == (0, "")
    ended = quickly("rules", "eval", "hot.csv", "--label", "topic", "--topics", "topics.toml")
    assert (ended.status, ended.err) == (0, "")
    assert "各类 F1 平均 1.000" in ended.out


def judged(conn: Connection) -> None:
    """Three cards declined for a lantern show, three moved from lamps to signals, one lamp confirmed, one kept secret."""
    shown = [f"{street}巡游" for street in ("东街", "西街", "南街")]
    for text in shown:
        a_case(conn, category="facility.streetlight", state="declined", text=text, clock="accept")
    for text in (f"{street}歪斜" for street in ("东街", "西街", "南街")):
        case = a_case(conn, category="facility.road", state="accepted", text=text, clock="resolve")
        cases.add_event(
            conn, case_id=case.id, version=2, at=NOW, recorded_at=NOW, action="correct", actor_id=None,
            from_state="accepted", to_state="accepted", data={"before": {"category": "facility.streetlight"}},
        )  # fmt: skip
    a_case(conn, category="facility.streetlight", state="accepted", text="北街路灯不亮", clock="resolve")
    a_case(conn, category="facility.streetlight", state="declined", text="走马灯", sensitive="violence", clock="accept")


def test_suggest_names_words_and_their_effect(quickly: Run, sqlite_office: Office, tmp_path: Path) -> None:
    """What was declined again and again speaks against, what was moved for another category; no sentence is shown."""
    sqlite_office.do(judged)
    name = rows(tmp_path / "a.jsonl", talk("路灯巡游真好看"), case("信号灯歪斜", "facility.road"))
    before = sqlite_office.everything()
    ended = quickly("rules", "suggest", name)
    assert (ended.status, ended.err) == (0, "")
    assert "看了 7 件：不受理 3 件，改过类别 3 件。" in ended.out
    against = next(line for line in ended.out.splitlines() if "巡游" in line)
    assert "路灯" in against
    assert "-4" in against
    assert "3 件" in against
    towards = next(line for line in ended.out.splitlines() if "歪斜" in line)
    assert "道路破损" in towards
    assert "+3" in towards
    assert "句变对" in ended.out
    assert "东街" not in ended.out
    assert sqlite_office.everything() == before


@pytest.mark.usefixtures("sqlite_office")
def test_suggest_has_nothing_to_say_of_a_new_town(quickly: Run) -> None:
    """No corrections, no proposals."""
    ended = quickly("rules", "suggest")
    assert ended.status == 0
    assert "没有反复出现" in ended.out
