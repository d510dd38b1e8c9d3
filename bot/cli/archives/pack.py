"""An archive written and read: a gzipped tar, its manifest first, nothing of it trusted that was not checked."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

from bot.cli.archives.manifest import LARGEST, NAME, Manifest, Part, load
from bot.errors import GridbridgeError

CHUNK: Final = 2**20
_LEVEL: Final = 1  # photos do not get smaller, and the rest is fast
_BROKEN = (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError, RecursionError)
Advance = Callable[[int], None]


class Sink(Protocol):
    """Takes the bytes of a part as they come."""

    def write(self, data: bytes, /) -> object: ...


def fingerprint(path: Path) -> tuple[int, str]:
    """Size and sha-256."""
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def write(out: IO[bytes], manifest: Manifest, files: Sequence[Path], advance: Advance) -> None:
    """`files`: those of the manifest's parts, in their order."""
    with (
        gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=_LEVEL) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        head = manifest.dump()
        tar.addfile(_entry(NAME, len(head), manifest), io.BytesIO(head))
        for part, path in zip(manifest.parts, files, strict=True):
            with path.open("rb") as file:
                tar.addfile(_entry(part.name, part.bytes, manifest), _Watched(file, advance))


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(manifest.made_at.timestamp())
    return entry


@dataclass(frozen=True, slots=True)
class _Watched:
    """Tells how much has been read."""

    file: IO[bytes]
    advance: Advance

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.advance(len(data))
        return data


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, Callable[[Callable[[Part], Sink], Advance], None]]]:
    """The manifest, and what reads all parts into sinks and checks every sum.

    Raises GridbridgeError for whatever is not exactly what a backup has written.
    """
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            manifest = _manifest(tar)
            yield manifest, lambda sink, advance: _read(tar, packed, manifest, sink, advance)
    except _BROKEN as error:
        raise GridbridgeError(f"{path} 不是完整的备份，可能没有拷完或者坏了，请换一份") from error


def _manifest(tar: tarfile.TarFile) -> Manifest:
    entry = tar.next()
    if entry is None or entry.name != NAME or not entry.isreg() or entry.size > LARGEST:
        raise ValueError("no manifest")
    body = tar.extractfile(entry)
    assert body is not None
    return load(body.read())


def _read(
    tar: tarfile.TarFile, packed: gzip.GzipFile, manifest: Manifest, sink: Callable[[Part], Sink], advance: Advance
) -> None:
    for part in manifest.parts:
        entry = tar.next()
        if entry is None or not entry.isreg() or (entry.name, entry.size) != (part.name, part.bytes):
            raise ValueError("another file than the manifest's")
        body = tar.extractfile(entry)
        assert body is not None
        _pour(body, sink(part), part, advance)
    if tar.next() is not None:
        raise ValueError("more than the manifest's files")
    while packed.read(CHUNK):  # to the end: only there gzip's own sum is compared
        pass


def _pour(body: IO[bytes], out: Sink, part: Part, advance: Advance) -> None:
    digest = hashlib.sha256()
    while data := body.read(CHUNK):
        digest.update(data)
        out.write(data)
        advance(len(data))
    if digest.hexdigest() != part.sha256:
        raise ValueError("a wrong sum")
