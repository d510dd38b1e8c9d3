"""Rebuild `dict.txt` and `t2s.txt` from the packages they come from: `python classifiers/lexicon/make_dict.py`.

Needs `jieba` and, for the character table only, `opencc`; the running program needs the two text files alone.
"""

from __future__ import annotations

from pathlib import Path

import jieba

HERE = Path(__file__).resolve().parent
WORDS = 50_000
CJK_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
# Written in Hong Kong and Taiwan where the mainland writes the other; OpenCC leaves them to whole phrases.
EXTRA = {"著": "着", "妳": "你", "牠": "它", "裡": "里", "裏": "里"}


def trimmed(lines: list[str], size: int = WORDS) -> list[str]:
    """Return the `size` most frequent entries as `word freq`; every single character is kept besides."""
    rows = [(word, int(freq)) for word, freq in (line.split(" ")[:2] for line in lines if line.strip())]
    singles = [row for row in rows if len(row[0]) == 1 and row[1] > 0]
    longer = sorted((row for row in rows if len(row[0]) > 1), key=lambda row: (-row[1], row[0]))[:size]
    return [f"{word} {freq}" for word, freq in sorted(singles + longer)]


def simplified() -> list[str]:
    """Return `traditional simplified` pairs of single characters."""
    from opencc import OpenCC  # noqa: PLC0415  # a tool of the maker of the table, not of the program

    convert = OpenCC("t2s").convert
    chars = (chr(code) for low, high in CJK_RANGES for code in range(low, high + 1))
    table = {char: convert(char) for char in chars}
    pairs = {char: to for char, to in table.items() if to != char and len(to) == 1} | EXTRA
    return [f"{char} {_end(pairs, to)}" for char, to in sorted(pairs.items())]


def _end(pairs: dict[str, str], char: str) -> str:
    """Follow 薴 → 苧 → 苎 to its end, so that translating twice changes nothing."""
    seen = {char}
    while char in pairs and pairs[char] not in seen:
        char = pairs[char]
        seen.add(char)
    return char


def main() -> None:
    """Write both files beside this script."""
    source = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    (HERE / "dict.txt").write_text("\n".join(trimmed(source)) + "\n", encoding="utf-8")
    (HERE / "t2s.txt").write_text("\n".join(simplified()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
