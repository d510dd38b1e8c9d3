"""bot.config: one file, every mistake one sentence; the example file and the dataclasses say the same."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.channels.webchat.config import WebchatConfig
from bot.config import Config, build, load
from bot.errors import ConfigError

ROOT = Path(__file__).parents[3]
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = ROOT / "config.example.toml"


def example(*, everything: bool) -> dict[str, Any]:
    """The example as it is, or with the settings that are commented out (`#name = …`) as well."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE) if everything else text)


def keys_of(cls: Any, table: Mapping[str, Any], where: str) -> list[str]:
    """Differences between a dataclass and its table, both ways, tables inside included."""
    names = {field.name for field in dataclasses.fields(cls)}
    wrong = [f"{where}.{name}" for name in names ^ set(table)]
    for name, kind in typing.get_type_hints(cls).items():
        if dataclasses.is_dataclass(kind):
            wrong += keys_of(kind, table.get(name, {}), f"{where}.{name}")
    return wrong


def load_text(tmp_path: Path, text: str | bytes) -> Config:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path)


def refusal(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(tmp_path, text)
    return str(caught.value)


def test_the_example_names_every_setting_and_no_other() -> None:
    assert keys_of(Config, example(everything=True), "config") == []


def test_the_example_names_every_setting_of_the_web_chat_with_its_default() -> None:
    table = example(everything=True)["channels"]["webchat"]["main"]
    defaults = dataclasses.asdict(WebchatConfig(secret="x" * 32))
    assert {**table, "secret": ""} == {**defaults, "secret": ""}


def test_the_check_of_the_example_can_fail() -> None:
    """A key too many and a key too few are both found."""
    table = example(everything=True)
    table["web"]["prot"] = table["web"].pop("port")
    assert sorted(keys_of(Config, table, "config")) == ["config.web.port", "config.web.prot"]


def test_the_example_states_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading it gives what an empty file gives, channels apart."""
    monkeypatch.setenv("GRIDBRIDGE_WEBCHAT_SECRET", "0123456789abcdef" * 2)
    read = load(EXAMPLE)
    assert dataclasses.replace(read, channels={}) == build({}, ROOT)
    assert list(read.channels) == ["webchat:main"]


def test_every_setting_of_the_example_is_explained_above_it() -> None:
    """Each `name = value` has a Chinese comment above it, or above the settings it stands together with."""
    explained = False
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"#?[a-z_]+ = ", line):
            assert explained, line
        else:
            explained = line.startswith("#") and (explained or bool(re.search(r"[\u4e00-\u9fff]", line)))


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load_text(
        tmp_path, 'data_dir = "d"\n[classifier]\nrules = "r"\n[channels.webchat.main]\nsecret_file = "s"'
    )
    assert config.data_dir == tmp_path / "d"
    assert config.database.url == f"sqlite:///{tmp_path}/d/gridbridge.db"
    assert config.classifier.rules == tmp_path / "r"
    assert config.channels["webchat:main"] == {"secret_file": str(tmp_path / "s")}


def test_a_relative_sqlite_file_is_relative_to_the_file_too(tmp_path: Path) -> None:
    config = load_text(tmp_path, '[database]\nurl = "sqlite:///x.db"')
    assert config.database.url == f"sqlite:///{tmp_path}/x.db"


def test_a_postgresql_address_stays_as_it_is_and_is_not_shown(tmp_path: Path) -> None:
    config = load_text(tmp_path, '[database]\nurl = "postgresql://u:p4ssw0rd@db/city"')
    assert config.database.url == "postgresql://u:p4ssw0rd@db/city"
    assert "p4ssw0rd" not in repr(config)


@pytest.mark.parametrize("rest", ["u@[::1]/d", "u:p%40ss@h:5432/d", "u:p#1@h/d", "h/d", "u:p@/d?host=/run/pg"])
def test_addresses_as_the_driver_takes_them_are_taken(tmp_path: Path, rest: str) -> None:
    assert load_text(tmp_path, f'[database]\nurl = "postgresql://{rest}"').database.url.endswith(rest)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    assert load_text(tmp_path, b"\xef\xbb\xbf[web]\nport = 81").web.port == 81


def test_several_accounts_of_a_channel_are_several_entries(tmp_path: Path) -> None:
    config = load_text(tmp_path, "[channels.webchat.main]\na = 1\n[channels.webchat.second]\nb = 2")
    assert config.channels == {"webchat:main": {"a": 1}, "webchat:second": {"b": 2}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[wbe]\nport = 1", "wbe：没有这个设置项，是不是想写 web"),
        ("[web]\nprot = 1", "[web] prot：没有这个设置项，是不是想写 port"),
        ("[web]\nport = 70000", "[web] port：应在 0 到 65535 之间"),
        ('[web]\npublic_url = "example.org"', "[web] public_url：应写成"),
        ('[web]\npublic_url = "https://example.org/"', "末尾不带斜杠"),
        ('[city]\ntimezone = "Beijing"', "[city] timezone：没有时区 'Beijing'"),
        ('[city]\ntimezone = "../etc"', "[city] timezone：没有时区"),
        ('[city]\ngrades = ["好"]', "[city] grades：至少写两个"),
        ('[manners]\nnight_start = "9pm"', "[manners] night_start：应写成"),
        ('[manners]\nnight_start = "24:00"', "[manners] night_start：应写成"),
        ('[manners]\nlist_times = ["17:00", "11:30"]', "[manners] list_times：时刻要从早到晚"),
        ('[office]\nmonday = ["12:00-08:30"]', "[office] monday：12:00-08:30"),
        ('[office]\nmonday = ["08:00-12:00", "11:00-13:00"]', "[office] monday：11:00-13:00"),
        ('[office]\nmonday = "08:00-12:00"', "[office] monday：应是方括号里的一列"),
        ("[office]\n" + "".join(f"{day} = []\n" for day in WEEK), "[office]：一周里至少要有一天上班"),
        ('[office]\nmonday = ["8-12"]', "[office] monday：应写成"),
        ('[log]\nlevel = "verbose"', "[log] level：不能是 'verbose'"),
        ('only = ["chanels"]', "only：没有 'chanels'，是不是想写 channels"),
        ("only = []", "only：至少写一个"),
        ('[database]\nurl = "mysql://u:hidden@h/d"', "[database] url：应写成"),
        ('[database]\nurl = "postgresql://u:change-me@h/d"', "数据库密码还是占位的"),
        ('[database]\nurl = ""', "占位"),
        ('[database]\nurl = "postgresql://u:hidden@h:abc/d"', "端口应是数字"),
        ('[database]\nurl = "postgresql://h:abc/d"', "端口应是数字"),
        ('[channels.webchat]\nsecret = "a"', "例如 [channels.webchat.main]"),
        ("channels = 3", "例如 [channels.webchat.main]"),
        ("web = 3", "web：应是一节"),
    ],
)
def test_each_mistake_is_one_sentence_with_file_and_key(tmp_path: Path, text: str, expected: str) -> None:
    sentence = refusal(tmp_path, text)
    assert expected in sentence
    assert "config.toml" in sentence
    assert "\n" not in sentence
    assert "hidden" not in sentence


def test_a_syntax_error_tells_the_line(tmp_path: Path) -> None:
    assert "line 3" in refusal(tmp_path, "[web]\nport = 1\nhost = 127.0.0.1\n")


def test_another_encoding_tells_the_line_and_the_remedy(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, "[city]\nname = '新泰'\n".encode("gbk"))
    assert "第 2 行" in sentence
    assert "UTF-8" in sentence


def test_a_missing_file_tells_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"文件不存在.*gridbridge init.*config\.example\.toml"):
        load(tmp_path / "none.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="这是一个文件夹"):
        load(tmp_path)


def test_office_spans_are_given_monday_first() -> None:
    spans = build({"office": {"sunday": ["09:00-10:00"]}}, ROOT).office.spans()
    assert len(spans) == 7
    assert spans[0] == ("08:30-12:00", "14:00-18:00")
    assert spans[5:] == ((), ("09:00-10:00",))
