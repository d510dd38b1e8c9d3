"""What in readable rules is probably not meant: said to the clerk, but not refused."""

from __future__ import annotations

from collections.abc import Iterator

from classifiers.rules import RuleSet, WordRule
from classifiers.taxonomy import TAXONOMY


def remarks(rules: RuleSet) -> list[str]:
    """Return sentences in Chinese, in the order of the rules."""
    missing = [code for code in TAXONOMY if code not in rules.categories]
    found = [f"没有 {code} 这一类的规则，说这种事的话不会归到它" for code in missing]
    for rule in rules.rules():
        found += _of_rule(rule)
    for kind, weights in rules.learned.items():
        unknown = sorted(code for code in weights.classes if kind == "category" and code not in rules.categories)
        found += [f"学来的分数里有 {code}，手写规则里没有这一类，这些分数用不上" for code in unknown]
    return found


def _of_rule(rule: WordRule) -> Iterator[str]:
    for word in sorted(rule.vetoes & rule.anchors):
        yield f"[{rule.code}] “{word}”既是触发词又是否决词：它一出现这一类就不算，触发词白写了"
    for word in sorted(rule.vetoes & rule.keywords.keys()):
        yield f"[{rule.code}] “{word}”是否决词，又写了分数：分数用不上"
    for number, pair in enumerate(rule.pairs, 1):
        for word in sorted(pair.things & pair.faults):
            yield f"[{rule.code}] 第 {number} 组词对里“{word}”两边都有：自己跟自己不算一对"
