"""A backup: everything as it was at one moment, in one file that is checked before it gets its name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.cli.archives import pack
from bot.cli.archives.manifest import CONFIG, DATABASE, Manifest, Part
from bot.cli.archives.places import Advance, free, own_file, put, sync, workshop
from bot.cli.histories import History
from bot.errors import GridbridgeError
from storage import snapshot

_COPIES = 2  # of the files and, as large in the worst case, the archive
PASSES = 3  # copied, packed, checked


@dataclass(frozen=True, slots=True)
class Sources:
    """`config`: its text without secrets. `database` None: it is no file."""

    database: Path | None
    histories: Sequence[History]
    config: str

    @property
    def files(self) -> list[tuple[Path, str, str]]:
        """(file, its name in the archive, whose history it is)."""
        first = [(self.database, DATABASE, "")] if self.database else []
        return first + [(one.path, f"history-{n}.db", one.account) for n, one in enumerate(self.histories, 1)]

    @property
    def size(self) -> int:
        """At most; what a program has written last still stands in the log beside the file."""
        logs = (path.with_name(f"{path.name}-wal") for path, _, _ in self.files)
        paths = [*(path for path, _, _ in self.files), *logs]
        return sum(path.stat().st_size for path in paths if path.exists())


def make(sources: Sources, target: Path, program: str, now: datetime, advance: Advance) -> Manifest:
    """Write `target`, which must not exist yet. Whatever goes wrong, nothing is left behind.

    Raises GridbridgeError, Unavailable, OSError.
    """
    free(target.parent, sources.size * _COPIES)
    with workshop(target.parent, f".{target.name}.") as folder:
        manifest, files = _copied(sources, folder, program, now, advance)
        part = folder / "archive"
        with own_file(part) as out:
            pack.write(out, manifest, files, advance)
        with pack.opened(part) as (written, read):
            read(lambda _: Nothing(), advance)
            assert written == manifest
        _name(part, target)
    return manifest


class Nothing:
    """Forgets what it is given: only the sums matter."""

    def write(self, data: bytes) -> None:
        pass


def _copied(
    sources: Sources, folder: Path, program: str, now: datetime, advance: Advance
) -> tuple[Manifest, list[Path]]:  # fmt: skip
    parts: list[Part] = []
    files: list[Path] = []
    with snapshot.one_moment(sources.database, [one.path for one in sources.histories]) as readers:
        for source, name, account in sources.files:
            copy = folder / name
            snapshot.copy(readers[source], copy, advance)
            if not account:
                snapshot.disown(copy)
            facts = snapshot.look(copy)
            size, digest = pack.fingerprint(copy)
            parts.append(Part(name, size, digest, account, facts.revision, facts.counts))
            files.append(copy)
    plain = folder / CONFIG
    plain.write_text(sources.config, encoding="utf-8")
    parts.append(Part(CONFIG, *pack.fingerprint(plain)))
    return Manifest(now, program, tuple(parts)), [*files, plain]


def _name(part: Path, target: Path) -> None:
    """Never in the place of another file, not even of one that has come since we looked."""
    try:
        put(part, target)
    except FileExistsError as error:
        raise GridbridgeError(f"{target} 已经有了，请换一个名字，备份不会盖掉别的文件") from error
    with suppress(OSError):  # a folder cannot be synced everywhere
        sync(target.parent)
