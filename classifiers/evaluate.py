"""Figures of a classifier on labelled rows: `python -m classifiers.evaluate FILE…` (JSON lines, or CSV of chatter)."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from classifiers.keyword import Classifier
from classifiers.verdict import Tier, Urgency, Verdict

Row = Mapping[str, Any]
_HALF: Final = 0.5  # share of common characters from which two places count as the same


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares between 0 and 1; None where the rows hold nothing to measure it on. Counts are whole numbers."""

    rows: int
    cases: int
    precision: float | None
    recall: float | None
    f1: float | None
    non_cases_called_case: float | None
    hard_negatives_called_case: float | None
    category_right: float | None
    category_right_of_found: float | None
    emergency_precision: float | None
    emergency_recall: float | None
    place_overlap: float | None
    gate_passed: float | None
    card: float | None
    card_or_list: float | None
    card_precision: float | None


def evaluate(classifier: Classifier, rows: Iterable[Row]) -> Figures:
    """Classify all rows and compare.

    A row has `text`, and as far as known `is_case`, `category`, `also_ok`, `urgency`, `place`, `sender`, `tags`.
    """
    judged = [(row, classifier.classify(row["text"], sender=row.get("sender", "resident"))) for row in rows]
    cases = [(row, verdict) for row, verdict in judged if row.get("is_case")]
    others = [verdict for row, verdict in judged if not row.get("is_case")]
    hard = [verdict for row, verdict in judged if not row.get("is_case") and "hard_negative" in row.get("tags", ())]
    found = sum(verdict.is_case for _, verdict in cases)
    precision = _share(found, sum(verdict.is_case for _, verdict in judged))
    recall = _share(found, len(cases))
    right = sum(_category_right(row, verdict) for row, verdict in cases)
    cards = [row for row, verdict in judged if verdict.tier is Tier.CARD]
    places = [_overlap(row["place"], verdict.place) >= _HALF for row, verdict in cases if row.get("place")]
    return Figures(
        rows=len(judged),
        cases=len(cases),
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        non_cases_called_case=_share(sum(verdict.is_case for verdict in others), len(others)),
        hard_negatives_called_case=_share(sum(verdict.is_case for verdict in hard), len(hard)),
        category_right=_share(right, len(cases)),
        category_right_of_found=_share(right, found),
        emergency_precision=_emergency(judged, of_found=True),
        emergency_recall=_emergency(judged, of_found=False),
        place_overlap=_share(sum(places), len(places)),
        gate_passed=_share(sum(classifier.has_anchor(row["text"]) for row, _ in judged), len(judged)),
        card=_share(len(cards), len(judged)),
        card_or_list=_share(sum(verdict.is_case for _, verdict in judged), len(judged)),
        card_precision=_share(sum(bool(row.get("is_case")) for row in cards), len(cards)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _f1(precision: float | None, recall: float | None) -> float | None:
    if not precision or not recall:
        return None
    return 2 * precision * recall / (precision + recall)


def _category_right(row: Row, verdict: Verdict) -> bool:
    return verdict.category is not None and verdict.category in (row["category"], *row.get("also_ok", ()))


def _emergency(judged: Sequence[tuple[Row, Verdict]], *, of_found: bool) -> float | None:
    true = [row.get("urgency") == "emergency" for row, _ in judged]
    said = [verdict.urgency is Urgency.EMERGENCY for _, verdict in judged]
    both = sum(one and other for one, other in zip(true, said, strict=True))
    return _share(both, sum(said) if of_found else sum(true))


def _overlap(expected: str, found: str | None) -> float:
    """Return common characters over all characters of both (1 = the same stretch)."""
    if not found:
        return 0.0
    common = sum((Counter(expected) & Counter(found)).values())
    return common / (len(expected) + len(found) - common)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON-lines file, or of a CSV with a `text` column (chatter: no row is a case).

    `tags.jsonl` beside a JSON-lines file names the slices of its rows.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".csv":
            yield from ({**row, "is_case": False} for row in csv.DictReader(lines))
            return
        tags = _tags(path.with_name("tags.jsonl"))
        for line in lines:
            row = json.loads(line)
            yield {**row, "tags": tags.get(row.get("id"), row.get("tags", ()))}


def _tags(path: Path) -> dict[str, Sequence[str]]:
    if not path.exists():
        return {}
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row["tags"] for row in rows}


def report(figures: Figures) -> str:
    """Return one line a figure."""
    lines = []
    for field in fields(figures):
        value = getattr(figures, field.name)
        shown = "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        lines.append(f"{field.name:28} {shown}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each file."""
    if not arguments:
        print("usage: python -m classifiers.evaluate FILE…", file=sys.stderr)  # noqa: T201  # a command's answer
        return 2
    classifier = Classifier.load()
    for name in arguments:
        print(f"# {name}\n{report(evaluate(classifier, read_rows(Path(name))))}")  # noqa: T201  # a command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
