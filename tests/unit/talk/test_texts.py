"""The sentences: complete for everything that may be said, checked at load, and in the tone that was asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.lifecycle import TABLE, Need
from bot.cases.notices import REMINDERS, Kind
from bot.cases.roles import Party, Role
from bot.cases.states import Action, Source, State
from bot.model import Audience
from bot.talk.texts import SHIPPED, VARIANTS, Texts, TextsError
from classifiers.taxonomy import TAXONOMY
from tests.unit.talk.samples import TEXTS

ROOT = Path(__file__).parents[3]
ALL = TEXTS.keys()
TO_RESIDENTS = ("notice.", "emergency.", "private.", "group.", "words.public_state.", "relay.")


def _for_residents(key: str) -> bool:
    if key.startswith("notice."):
        return key.endswith((".group", ".private"))
    return key.startswith(TO_RESIDENTS) and key not in {"relay.taken", "relay.paste", "relay.hint"}


@pytest.mark.parametrize("key", ALL)
def test_every_sentence_can_be_said(key: str) -> None:
    """With all its fields it is whole; with only the fields outside of brackets it still is one."""
    full = TEXTS.say(key, **dict.fromkeys(TEXTS.fields(key), "某"))
    assert full
    assert not re.search(r"[{}\[\]]", full)


@pytest.mark.parametrize("key", ALL)
def test_no_sentence_shouts(key: str) -> None:
    said = TEXTS.say(key, **dict.fromkeys(TEXTS.fields(key), "某"))
    assert not re.search(r"[!！]", said)
    assert "请知悉" not in said
    assert "！" not in said


@pytest.mark.parametrize("key", [key for key in ALL if _for_residents(key)])
def test_residents_never_read_a_refusal_in_office_words(key: str) -> None:
    said = TEXTS.say(key, **dict.fromkeys(TEXTS.fields(key), "某"))
    assert not re.search("不受理|不予受理|驳回|违规|责令|投诉无效", said)


@pytest.mark.parametrize(("audience", "kind"), sorted({tell for row in TABLE.values() for tell in row.tells}))
def test_every_notice_of_the_lifecycle_has_its_sentence(audience: Audience, kind: Kind) -> None:
    """For the audience of the table, and for the reporter both in private and in the group."""
    if audience is Audience.CONNECTOR:
        assert TEXTS.notice_key(kind, audience) is None  # a case system gets data, no sentence
        return
    assert TEXTS.notice_key(kind, audience)
    if audience is Audience.REPORTER:
        assert TEXTS.has(f"notice.{kind}.private")
        assert TEXTS.has(f"notice.{kind}.group")


@pytest.mark.parametrize("kind", REMINDERS)
def test_every_reminder_has_its_sentence_for_staff_and_superiors(kind: Kind) -> None:
    assert TEXTS.notice_key(kind, Audience.STAFF) == f"notice.{kind}.staff"
    assert TEXTS.notice_key(kind, Audience.LEVEL) == f"notice.{kind}.supervisor"


def test_every_kind_is_said_to_somebody() -> None:
    assert all(TEXTS.keys(f"notice.{kind}.") for kind in Kind)


def test_no_notice_is_left_without_a_kind() -> None:
    """A kind that no act makes would be a sentence nobody ever reads."""
    special = {"acked_hidden", "accepted_hidden", "result_hidden", "result_answer"}
    assert {key.split(".")[1] for key in TEXTS.keys("notice.")} == {*Kind, *special}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("state", State),
        ("public_state", State),
        ("action", Action),
        ("role", [*Role, *Party]),
        ("source", Source),
        ("thing", TAXONOMY),
        ("urgency", ["emergency", "urgent", "normal"]),
    ],
)
def test_every_code_has_a_word(table: str, codes: Sequence[str]) -> None:
    assert [code for code in codes if not TEXTS.has(f"words.{table}.{code}")] == []


def _keys_in_code(call: str) -> set[str]:
    """First string argument of every `Refused("…")` or `Refusal("…")` in the program."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=key), *_]) if name == call:
                    found.add(str(key))
                case _:
                    pass
    return found


def test_every_refusal_in_the_program_has_its_sentence() -> None:
    keys = _keys_in_code("Refused") | _keys_in_code("Refusal") | {f"need_{need}" for need in Need}
    assert "unknown_case" in keys
    assert sorted(key for key in keys if not TEXTS.has(f"refusal.{key}")) == []


TABLES = {"ask": "ask", "done": "done", "refuse": "refusal", "refusal": "refusal", "say": ""}  # method -> its table


def _said_in_code() -> set[str]:
    """Keys of sentences the program says by name: `hand.ask("…")`, `voice.done("…")`, `texts.say("…")`, `Ask(key="…")`."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str(key)), *_]):
                    if method in TABLES and re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", key):
                        found.add(f"{TABLES[method]}.{key}".lstrip("."))
                case ast.Call(
                    func=ast.Name(id="Ask"), keywords=[ast.keyword(arg="key", value=ast.Constant(value=str(key))), *_]
                ):
                    found.add(f"ask.{key}")
                case _:
                    pass
    return found


def test_every_sentence_the_program_says_by_name_exists() -> None:
    keys = _said_in_code()
    assert "ask.not_understood" in keys
    assert sorted(key for key in keys if not TEXTS.has(key)) == []


def test_every_field_is_used_somewhere() -> None:
    """A field nobody uses misleads the clerk who edits the sentences."""
    used = set().union(*(TEXTS.fields(key) for key in ALL))
    declared = set(
        re.findall(r"^([a-z_]+) = ", SHIPPED.read_text(encoding="utf-8").split("[words.state]")[0], re.MULTILINE)
    )
    assert declared - used == set()


def test_a_part_in_brackets_falls_away() -> None:
    words = {"matter": "3号楼前路灯", "number": "№128"}
    assert TEXTS.say("notice.accepted.group", **words) == "3号楼前路灯的事收到了（№128）。"
    told = TEXTS.say("notice.accepted.group", **words, reporter="张姐", worker="王芳", due="周四")
    assert told == "张姐，3号楼前路灯的事收到了（№128），王芳负责，最迟周四回话。"


def test_a_field_that_is_not_given_is_an_error() -> None:
    with pytest.raises(TextsError, match="matter"):
        TEXTS.say("notice.accepted.group", number="№128")


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(TextsError, match="never"):
        TEXTS.say("notice.never")


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('[ask]\nplace = "哪里{wo}？"', "unknown field {wo}"),
        ('[ask]\nplace = "在[哪里？"', "brackets do not pair"),
        ('[ask]\nplace = "在]哪里？"', "brackets do not pair"),
        ('[ask]\nplace = "{哪里"', "unknown field"),
        ("[ask]\nplace = 3", "no sentence"),
        ('[ask]\nplaze = "在哪里？"', "no sentence 'ask.plaze'"),
        ('[notice.accepted]\ngroup = "{matter}，{worker}来办"', "may be empty"),
        ("ask", "Expected"),
    ],
)
def test_a_towns_own_file_is_checked_at_load(tmp_path: Path, own: str, told: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(own, encoding="utf-8")
    with pytest.raises(TextsError) as error:
        Texts.load(path)
    assert told in str(error.value)
    assert "own.toml" in str(error.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TextsError, match="none"):
        Texts.load(tmp_path / "none.toml")


def test_a_towns_own_sentence_replaces_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[notice.accepted]\ngroup = "{matter}收到[，{worker}去看]"', encoding="utf-8")
    own = Texts.load(path)
    assert own.say("notice.accepted.group", matter="路灯", worker="王芳") == "路灯收到，王芳去看"
    assert own.say("ask.place") == TEXTS.say("ask.place")


@given(
    st.dictionaries(
        st.sampled_from(["reporter", "worker", "due"]), st.text(st.characters(exclude_characters="\n"), max_size=20)
    )
)
def test_what_people_are_called_never_breaks_a_sentence(data: dict[str, str]) -> None:
    """Braces and brackets in a nickname are words, not markup."""
    said = TEXTS.say("notice.accepted.group", matter="路灯", number="№1", **data)
    assert all(value in said for value in data.values())


def test_all_audiences_are_served() -> None:
    assert VARIANTS.keys() == set(Audience)
