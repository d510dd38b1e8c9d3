"""gridbridge: help that teaches, refusals in one sentence, exit statuses that scripts can rely on."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.cli.programs import Programs
from bot.config import Config
from bot.replay.play import replay
from tests.integration.cli.command import Ended, Run
from tests.integration.cli.conftest import no_demo


def refused(ended: Ended, status: int, *words: str) -> None:
    """Exactly one line on stderr, with these words; nothing on stdout, no traceback."""
    assert ended.status == status, ended
    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1
    assert ended.err.startswith("gridbridge：")
    for word in words:
        assert word in ended.err


def test_help_names_every_command_and_shows_examples(gridbridge: Run) -> None:
    ended = gridbridge("--help")
    assert ended.status == 0
    for command in ("demo", "init", "run", "check", "classify", "version"):
        assert re.search(rf"^ +{command} ", ended.out, re.MULTILINE)
    assert ended.out.startswith("用法：gridbridge")
    order = [ended.out.index(f"gridbridge {command} ") for command in ("demo", "init", "check", "run")]
    assert order == sorted(order)
    assert "退出码" in ended.out


@pytest.mark.parametrize(
    "command",
    [
        *(
            "demo",
            "init",
            "doctor",
            "replay",
            "run",
            "check",
            "classify",
            "import",
            "export",
            "cases",
            "dead-letters",
            "clocks",
        ),
        *("backup", "restore", "retention"),
    ],
)
def test_each_command_explains_itself_with_examples(quickly: Run, command: str) -> None:
    ended = quickly(command, "--help")
    assert ended.status == 0
    assert "例子：" in ended.out
    assert f"gridbridge {command}" in ended.out
    assert not re.search(r"usage:|options:|optional arguments|show this help|positional arguments", ended.out)


def test_version(gridbridge: Run) -> None:
    ended = gridbridge("version")
    assert ended.status == 0
    assert re.match(r"gridbridge .*Python 3\.", ended.out)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "缺少"),
        (("rnu",), "rnu"),
        (("run", "--onyl", "web"), "不认识的参数：--onyl"),
        (("run", "--only", "chanels"), "是不是想写 channels"),
        (("run", "--only", "web，chanels"), "是不是想写 channels"),
        (("run", "--only", ""), "至少写一个"),
        (("run", "--only", "web,web"), "不要重复"),
        (("run", "--config"), "后面要写一个值"),
        (("demo", "--port", "http"), "端口应在 0 到 65535 之间"),
        (("demo", "--port", "70000"), "端口应在 0 到 65535 之间"),
        (("demo", "--speed", "0"), "倍数应在"),
        (("classify",), "缺少参数"),
        (("replay", "a.txt", "--mode", "loud"), "--mode 不能是 'loud'，可以是 'shadow'"),
    ],
)
def test_a_wrong_call_is_one_sentence(quickly: Run, arguments: tuple[str, ...], word: str) -> None:
    refused(quickly(*arguments), 2, word, "--help")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[wbe]\nport = 1\n", ("config.toml", "wbe", "web")),
        (b"[web]\nport = 'x'\n", ("[web] port", "整数")),
        ("[city]\nname = '新泰'\n".encode("gb18030"), ("第 2 行", "UTF-8")),
        (b"[web\n", ("TOML", "line 1")),
        (b"[database]\nurl = 'postgresql://u:change-me@h/d'\n", ("[database] url", "占位")),
    ],
)
def test_run_refuses_a_wrong_configuration(
    quickly: Run, tmp_path: Path, content: bytes, words: tuple[str, ...]
) -> None:
    (tmp_path / "config.toml").write_bytes(content)
    refused(quickly("run"), 2, *words)


@pytest.fixture
def logs_as_they_were() -> Iterator[None]:
    """A command that runs to its end inside this process sends all logs to its own stderr."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("arguments", "ports"), [((), (8080, None)), (("--port", "9101"), (9101, 9101)), (("--port", "0"), (0, 0))]
)
@pytest.mark.usefixtures("logs_as_they_were")
def test_a_process_may_be_given_a_port_of_its_own(
    tmp_path: Path, arguments: tuple[str, ...], ports: tuple[int, int | None]
) -> None:
    """For its pages, or for health alone where it has none: the configuration file may be everybody's."""
    told: list[Config] = []

    async def serve(config: Config, only: Sequence[str], stop: asyncio.Event) -> None:
        told.append(config)

    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    assert main(["run", "--config", str(tmp_path / "config.toml"), *arguments], Programs(serve, no_demo, replay)) == 0
    assert [(config.web.port, config.web.health_port) for config in told] == [ports]


def test_run_without_a_file_says_what_to_copy(gridbridge: Run) -> None:
    refused(gridbridge("run", "--config", "none.toml"), 2, "none.toml", "文件不存在", "config.example.toml")


def test_output_that_nobody_reads_to_the_end_is_no_error(gridbridge: Run, tmp_path: Path) -> None:
    """As in `gridbridge classify … | head -1`."""
    import subprocess
    import sys

    from tests.integration.cli.command import environment

    (tmp_path / "lines.txt").write_text("早上好\n" * 20000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "classify", "lines.txt", "--json"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
