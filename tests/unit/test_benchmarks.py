"""The benchmarks run; what they measure is for people to judge, never for a test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=55)


def test_a_quick_look_at_the_gate_prints_its_ratio() -> None:
    """The command ends well and prints the gate's line with both figures and how they compare."""
    done = bench("--quick", "--only", "gate")
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if "jieba.lcut" in line)
    figures = re.search(r"([\d.]+) µs\D+([\d.]+) µs\D+([\d.]+) ×", line)
    assert figures, line
    ours, peer, ratio = map(float, figures.groups())
    assert abs(ratio - peer / ours) < 0.1 + 0.1 * ratio, "the ratio is the peer's time over ours"


def test_an_unknown_subject_is_refused_by_name() -> None:
    """A misspelt subject does not pass for an empty table."""
    done = bench("--only", "gaet")
    assert done.returncode == 2
    assert "gaet" in done.stderr
