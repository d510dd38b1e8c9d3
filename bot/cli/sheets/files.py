"""CSV files on disk and on the standard streams."""

from __future__ import annotations

from bot.cli.outfile import outfile
from bot.cli.sheets.columns import Column
from bot.cli.sheets.table import Table, read_table
from bot.cli.sheets.text import CSV, decode
from bot.cli.textfile import named, read, unread
from bot.errors import GridbridgeError


def load(name: str, columns: tuple[Column, ...]) -> tuple[Table, str]:
    """The table and its encoding; `-` is standard input. Raises GridbridgeError with the file's name."""
    try:
        text, encoding = decode(read(name, CSV), (word for column in columns for word in column.names))
        return read_table(text, columns), encoding
    except OSError as error:
        raise unread(name, error) from error
    except GridbridgeError as error:
        raise GridbridgeError(f"{named(name)} {error}") from error


def save(name: str, content: bytes) -> None:
    """Whole or not at all, for its owner's eyes only: it may hold names and phones. Raises GridbridgeError."""
    with outfile(name) as out:
        out.write(content)
