"""What the largest photos that are taken cost a program, by the operating system's own account."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

MOST = 320  # megabytes, beside the program itself
MEASURE = """
import sys
from pathlib import Path
from bot.errors import MediaRefused
from bot.flow.photo import PhotoLimits, check_photo
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024
before, outcome = peak(), "taken"
try:
    check_photo(Path(sys.argv[1]).read_bytes(), PhotoLimits())
except MediaRefused:
    outcome = "refused"
print(outcome, peak() - before)
"""


def measured(data: bytes, folder: Path) -> tuple[str, int]:
    """Outcome and megabytes, in a process of its own."""
    file = folder / "photo"
    file.write_bytes(data)
    run = subprocess.run([sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, check=True)
    outcome, megabytes = run.stdout.split()
    return outcome, int(megabytes)


def picture(kind: str, size: tuple[int, int], mode: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
@pytest.mark.parametrize(
    ("kind", "size", "mode", "options", "outcome"),
    [
        ("JPEG", (7200, 5500), "L", {"progressive": True}, "taken"),
        ("PNG", (5000, 3900), "P", {"transparency": 0}, "taken"),
        ("JPEG", (8200, 6100), "L", {}, "refused"),
        ("PNG", (6000, 6000), "1", {}, "refused"),
    ],
    ids=["39 megapixels", "a small palette file", "50 megapixels", "bomb"],
)
def test_memory_is_bounded(
    tmp_path: Path, kind: str, size: tuple[int, int], mode: str, options: dict[str, object], outcome: str
) -> None:
    """A file of five kilobytes cost two thirds of a gigabyte; what is refused costs nothing."""
    told, megabytes = measured(picture(kind, size, mode, **options), tmp_path)
    assert told == outcome
    assert megabytes < (MOST if outcome == "taken" else 30)
