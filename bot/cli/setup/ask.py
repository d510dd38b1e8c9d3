"""The questions, asked on a terminal or answered by flags."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.prompt import InvalidResponse, Prompt
from rich.text import Text

from bot.cli.setup.answers import QUESTIONS, Question, Raw
from bot.errors import ConfigError, GridbridgeError


def from_flags(given: Raw) -> dict[str, str]:
    """Defaults for what is not given. Raises ConfigError for what is wrong or has no default."""
    raw: dict[str, str] = {}
    for question in QUESTIONS:
        answer = given.get(question.name, question.default(raw))
        if answer is None:
            raise ConfigError(f"没有写{question.text}，请加上 {flag(question)}，或在终端里运行来一项一项回答")
        raw[question.name] = _checked(question, answer)
    return raw


def on_terminal(given: Raw) -> dict[str, str]:
    """Ask what the flags do not say. Questions go to stderr, so that what is printed in the end can be kept."""
    for question in QUESTIONS:
        if question.name in given:
            _checked(question, given[question.name])  # before the first question, not after the last
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text("一项一项回答；直接回车就用括号里的；按 Ctrl-C 退出，什么也不会留下。\n", style="dim"))
    raw: dict[str, str] = {}
    for question in QUESTIONS:
        if question.name in given or not question.why:
            raw[question.name] = _checked(question, given.get(question.name) or question.default(raw) or "")
        else:
            raw[question.name] = _ask(console, question, question.default(raw))
    return raw


def flag(question: Question) -> str:
    return f"--{question.name.replace('_', '-')}"


def _checked(question: Question, answer: str) -> str:
    """Raises ConfigError."""
    complaint = question.check(answer.strip())
    if complaint:
        raise ConfigError(f"{flag(question)}：{complaint}")
    return answer.strip()


def _ask(console: Console, question: Question, default: str | None) -> str:
    console.print(Text(question.why, style="dim"))
    prompt = _Prompt(Text(question.text, style="bold"), console=console)
    prompt.question = question
    try:
        answer = prompt() if default is None else prompt(default=default)
    except EOFError as end:
        raise GridbridgeError("没有答完，什么也没有建，请再运行一次 gridbridge init") from end
    console.print()
    return answer


class _Prompt(Prompt):
    """Rich's prompt with our checks; it asks again until the answer will do."""

    question: Question
    prompt_suffix = "："

    def render_default(self, default: Any) -> Text:
        return Text(f"（{default or '不写'}）", style="prompt.default")

    def process_response(self, value: str) -> str:
        complaint = self.question.check(value.strip())
        if complaint:
            raise InvalidResponse(Text(f"  {complaint}", style="prompt.invalid"))
        return value.strip()
