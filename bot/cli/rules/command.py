"""gridbridge rules: look after the rules by which messages are understood."""

from __future__ import annotations

from typing import Any

from bot.cli.rules import checking, evaluating, explaining, learning, suggesting

_ABOUT = """\
规则决定哪句话算事件、算哪一类、急不急。规则是文字文件（.toml），一类一段，谁都能看、能改。
先把自带的规则拷一份（classifiers/rules 文件夹），在 config.toml 的 [classifier] rules 里写上它的位置，再改。
"""
_EPILOG = """\
例子：
  gridbridge rules check                                    改完先查：哪一行不对，怎么改
  gridbridge rules explain "3号楼前的路灯又坏了"             一步一步说为什么
  gridbridge rules eval 样本.jsonl                          拿标好的句子打分，列出判错的
  gridbridge rules learn 样本.jsonl --to 我的规则            从标好的句子学词的分数，写成规则文件
"""


def register(commands: Any) -> None:
    parser = commands.add_parser("rules", help="查、测、学规则", description=_ABOUT, epilog=_EPILOG)
    groups = parser.commands()
    for module in (checking, explaining, evaluating, learning, suggesting):
        module.register(groups)
