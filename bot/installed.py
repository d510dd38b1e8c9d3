"""Which versions of packages run here, our own among them."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def version_of(package: str = "gridbridge") -> str | None:
    """None: it is not installed, or runs out of its source."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
