"""A backup brought back where nothing is yet: checked beside its place first, then put there all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

from bot.cli.archives import pack
from bot.cli.archives.making import Nothing
from bot.cli.archives.manifest import DATABASE, Manifest, Part
from bot.cli.archives.places import Advance, free, own_file, put, sync, taken, workshop
from bot.errors import GridbridgeError
from storage import snapshot

Place = Callable[[Part], Path | None]
"""Where a part belongs; None: it is only checked. Raises GridbridgeError for one that has no place."""
AGAIN = timedelta(days=1)
"""A database that was copied apart is older than the chats: what it may have missed is handed over again."""
_TOO_NEW = "这份备份是更新版本的网格桥做的，请先升级网格桥"


def verify(archive: Path, advance: Advance) -> Manifest:
    """Every sum; nothing is written. Raises GridbridgeError, OSError."""
    with pack.opened(archive) as (manifest, read):
        read(lambda _: Nothing(), advance)
    return manifest


def restore(archive: Path, folder: Path, place: Callable[[Manifest], Place], advance: Advance) -> Manifest:
    """Put each part into its place, or none at all. Raises GridbridgeError, OSError, Unavailable."""
    folder.mkdir(parents=True, exist_ok=True)
    with workshop(folder, ".restore.") as made:
        manifest, places = _unpacked(archive, made, folder, place, advance)
        for part in manifest.parts:
            if part.name in places:
                _check(made / part.name, part)
                if part.account and manifest.database is None:
                    snapshot.owe_again(made / part.name, manifest.made_at - AGAIN)
        # The database last: a program that starts looks for it first.
        order = sorted(places, key=lambda name: name == DATABASE)
        _move([(made / name, places[name]) for name in order])
    return manifest


def _unpacked(
    archive: Path, made: Path, folder: Path, place: Callable[[Manifest], Place], advance: Advance
) -> tuple[Manifest, Mapping[str, Path]]:  # fmt: skip
    with ExitStack() as files, pack.opened(archive) as (manifest, read):
        places = {part.name: path for part in manifest.parts if (path := place(manifest)(part))}
        occupied = [found for path in places.values() for found in taken(path)]
        if occupied:
            raise GridbridgeError(f"{occupied[0]} 已经有了，恢复只放进空的数据文件夹，请先移走或换一个 data_dir")
        free(folder, sum(part.bytes for part in manifest.parts if part.name in places))

        def sink(part: Part) -> pack.Sink:
            return files.enter_context(own_file(made / part.name)) if part.name in places else Nothing()

        read(sink, advance)
    return manifest, places


def _check(path: Path, part: Part) -> None:
    """As sound as the sums say it was, of a revision we know, and with the rows it had."""
    if not snapshot.serves(path, history=bool(part.account)):
        raise GridbridgeError(_TOO_NEW)
    if snapshot.look(path).counts != part.counts:
        raise GridbridgeError(f"备份里的 {part.name} 和它自己的清单对不上，请换一份")


def _move(pairs: Sequence[tuple[Path, Path]]) -> None:
    done: list[Path] = []
    try:
        for source, target in pairs:
            target.parent.mkdir(parents=True, exist_ok=True)
            put(source, target)
            done.append(target)
    except BaseException as error:
        for target in done:
            with suppress(OSError):
                target.unlink()
        if isinstance(error, FileExistsError):
            raise GridbridgeError(f"{error.filename or error} 刚刚有了别的文件，没有恢复") from error
        raise
    for folder in {target.parent for target in done}:
        with suppress(OSError):  # a folder cannot be synced everywhere
            sync(folder)
