"""A page at one of the two sizes that must be right, with everything that went wrong in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Frame, Page, ViewportSize

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": ViewportSize(width=1280, height=800)},
    "phone": {"viewport": ViewportSize(width=375, height=720), "has_touch": True, "is_mobile": True},
}
PATIENCE = 10_000  # ms a page may take to show what is there


class Screen:
    """`complaints`: errors on the console and in scripts."""

    def __init__(self, browser: Browser, size: str) -> None:
        self.size = size
        self.context = browser.new_context(locale="zh-CN", **SIZES[size])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("console", lambda line: self._heard(line.type, line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def open(self, address: str) -> None:
        self.page.goto(address)

    def overflow(self) -> list[str]:
        """Frames whose content is wider than they are; one behind a tab has no width at all."""
        return [frame.url for frame in self.page.frames if _wider(frame)]

    def shoot(self, folder: Path, name: str) -> None:
        self.page.screenshot(path=folder / f"{name}-{self.size}.png")

    def close(self) -> None:
        self.context.close()


def _wider(frame: Frame) -> bool:
    return bool(frame.evaluate("innerWidth > 0 && document.documentElement.scrollWidth > innerWidth"))
