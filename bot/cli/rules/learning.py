"""gridbridge rules learn: from labelled sentences to rule files."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.rules.chosen import add_rules, add_samples, classifier_of, samples_of
from bot.cli.screen import screen
from bot.errors import ConfigError
from classifiers.samples import Sample

if TYPE_CHECKING:
    from classifiers.teach import Teacher

_ABOUT = """\
从标好的句子里学词的分数，写成人能看、能改的规则文件。手写的规则一个字不动，学来的另写在 learned-*.toml 里：
像不像上报（case）、哪一类（category）、急不急（urgency）、还有新的触发词（openers）。写完再 rules eval 看有没有变好。
要先装 scikit-learn：pip install "gridbridge[learn]"。平时运行用不着它。

--label 学的是文件里的一列标签（比如热线的“主题”），不用手写规则，写成一个文件，rules eval --topics 用它打分。
"""
_EPILOG = """\
例子：
  gridbridge rules learn 群聊样本.jsonl --cases 热线.csv --small-talk 闲聊.csv --to 我的规则
  gridbridge rules learn 热线.csv --label category --to 热线主题.toml
"""


def register(groups: Any) -> None:
    parser = groups.add_parser("learn", help="从标好的句子学分数", description=_ABOUT, epilog=_EPILOG)
    add_samples(parser)
    parser.options.add_argument("--to", type=Path, required=True, metavar="文件夹", help="写到哪里（--label 时是文件）")
    parser.options.add_argument("--label", metavar="列", help="学这一列标签")
    parser.options.add_argument(
        "--leave-out", default="", metavar="词,词", help="不要学的词：这批句子的来历标记，比如市名、“来电人”"
    )
    add_rules(parser)
    parser.set_defaults(command=_learn)


def _learn(arguments: argparse.Namespace) -> int:
    if find_spec("sklearn") is None:
        raise ConfigError('要先装 scikit-learn：pip install "gridbridge[learn]"')
    from classifiers.teach import Teacher  # noqa: PLC0415 - half a second that only this command needs

    classifier = classifier_of(arguments)
    samples = samples_of(arguments, arguments.label)
    left_out = [word for word in arguments.leave_out.replace("，", ",").split(",") if word]
    teacher = Teacher(classifier.rules, classifier.lexicon, left_out)
    console = screen()
    console.print(f"{len(samples)} 句，正在学……", markup=False)
    if arguments.label:
        _write(arguments.to, _topics(teacher, samples))
        console.print(f"写好了：{arguments.to}", markup=False)
        return 0
    if not arguments.to.is_dir():
        raise ConfigError(f"{arguments.to}：没有这个文件夹，请写放规则文件的那个文件夹")
    names = {code: category.name for code, category in classifier.categories.items()}
    for name, text in _files(teacher, samples, names):
        _write(arguments.to / name, text)
        console.print(f"写好了：{arguments.to / name}", markup=False)
    return 0


def _files(teacher: Teacher, samples: Sequence[Sample], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    from classifiers.learnfile import as_toml, openers_toml  # noqa: PLC0415 - see above
    from classifiers.teach import Gate  # noqa: PLC0415 - see above

    lesson = teacher.teach(samples, Gate())
    about = _about(samples)
    for kind, classes in lesson.weights.items():
        yield f"learned-{kind}.toml", as_toml(kind, classes, about=about, names=names)
    if lesson.openers:
        yield "learned-openers.toml", openers_toml(lesson.openers, about=about)


def _topics(teacher: Teacher, samples: Sequence[Sample]) -> str:
    from classifiers.learnfile import as_toml  # noqa: PLC0415 - see above

    return as_toml("topic", teacher.topics(samples), about=_about(samples), names={})


def _about(samples: Sequence[Sample]) -> str:
    sources = dict.fromkeys(sample.source for sample in samples)
    return f"{len(samples)} 句，来自 {'、'.join(sources)}。"


def _write(path: Path, text: str) -> None:
    """All or nothing: a program that reads the rules meanwhile sees the old file or the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}：写不进去（{error.strerror}）") from error
