"""gridbridge rules suggest: what the workers' corrections and declined cards say about the rules."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from sqlalchemy import Connection

from bot.cases.duty import HIDDEN
from bot.cli.opened import with_database
from bot.cli.parser import add_config
from bot.cli.rules.chosen import add_samples, classifier_of, samples_of
from bot.cli.screen import screen
from bot.config import Config
from classifiers.keyword import Classifier
from classifiers.samples import Sample
from classifiers.suggest import Decision, Proposal, propose
from storage import casebook, cases
from storage.engine import Database
from storage.records import CaseRow, EventRow

_ABOUT = """\
看网格员改过类别的、不受理的案件，找出反复出现的词，建议加进哪一类的规则（正分是该加的，负分是该挡的），
再在标好的句子上试一遍：加了以后几句变对、几句变错。只是建议，什么都不改；要用就自己写进规则文件。
保密的案件不看；只显示词，不显示居民的原话。
"""
_EPILOG = """\
例子：
  gridbridge rules suggest --config config.toml 样本.jsonl
"""
_PAGE = 500
_STATES = frozenset({"withdrawn", "merged", "reported"})  # nobody has judged these, or only the reporter has


def register(groups: Any) -> None:
    parser = groups.add_parser("suggest", help="从网格员的更正里找该加的词", description=_ABOUT, epilog=_EPILOG)
    add_samples(parser)
    add_config(parser)
    parser.set_defaults(command=_suggest, rules=None)


def _suggest(arguments: argparse.Namespace) -> int:
    classifier = classifier_of(arguments)
    told = bool(arguments.files or arguments.cases or arguments.small_talk)
    samples = samples_of(arguments) if told else []

    async def work(_: Config, db: Database) -> int:
        decisions = await db.read(lambda conn: list(_decisions(conn)))
        _print(classifier, decisions, samples)
        return 0

    return with_database(arguments.config, work)


def _decisions(conn: Connection) -> Iterator[Decision]:
    last = 0
    while page := casebook.after(conn, casebook.Wanted(), last, _PAGE):
        last = page[-1].id
        judged = [case for case in page if case.text and case.state not in _STATES and case.sensitive not in HIDDEN]
        events = cases.events_of(conn, [case.id for case in judged])
        yield from (_decision(case, events.get(case.id, [])) for case in judged)


def _decision(case: CaseRow, events: Sequence[EventRow]) -> Decision:
    before = (event.data.get("before", {}).get("category") for event in events)
    said = next((category for category in before if category), case.category)
    return Decision(case.text, said, None if case.state == "declined" else case.category)


def _print(classifier: Classifier, decisions: Sequence[Decision], samples: Sequence[Sample]) -> None:
    console = screen()
    declined = sum(one.right is None for one in decisions)
    corrected = sum(one.right not in (None, one.said) for one in decisions)
    console.print(f"看了 {len(decisions)} 件：不受理 {declined} 件，改过类别 {corrected} 件。", markup=False)
    proposals = propose(classifier, decisions, samples)
    if not proposals:
        console.print("没有反复出现、值得加的词。")
        return
    console.print(
        _table(proposals, {code: one.name for code, one in classifier.categories.items()}, tried=bool(samples))
    )


def _table(proposals: Sequence[Proposal], names: dict[str, str], *, tried: bool) -> Table:
    table = Table(title="建议", title_justify="left")
    for heading in ("类", "词", "分", "依据", "标好的句子"):
        table.add_column(heading)
    for one in proposals:
        effect = f"{one.better} 句变对，{one.worse} 句变错" if tried else "没有给"
        table.add_row(names[one.category], one.word, f"{one.weight:+g}", f"{one.seen} 件", effect)
    return table
