"""A real browser, as tests look through it at pages: Debian's chromium, driven by playwright.

Neither is in .venv: `make browser` brings both. Without them a test is skipped with the reason, unless the
environment says RELEASE_BROWSER=all.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

#: The widths of a phone, of a common phone and of a desk, in CSS pixels.
WIDTHS = (320, 390, 1280)

#: What an A4 page leaves between Chromium's margins, in CSS pixels.
PAPER = 718

#: Says each violation of the Content-Security-Policy where the console is heard.
_WATCH = """document.addEventListener('securitypolicyviolation',
  event => console.error(`refused ${event.violatedDirective}: ${event.blockedURI}`))"""

_WIDER = """() => {
  const root = document.documentElement
  if (root.scrollWidth <= root.clientWidth) return []
  const wide = [...document.querySelectorAll('body *')].filter(
    each => each.getBoundingClientRect().right > root.clientWidth + 1)
  return [root.scrollWidth, ...wide.slice(0, 5).map(each => each.outerHTML.slice(0, 120))]
}"""

_CUT = """() => [...document.querySelectorAll('body *')].filter(each => each.checkVisibility() &&
  ['auto', 'scroll', 'hidden'].includes(getComputedStyle(each).overflowX) && each.clientWidth > 1 &&
  each.scrollWidth > each.clientWidth + 1)
  .map(each => `${each.scrollWidth} ${each.outerHTML.slice(0, 120)}`)"""

_VISIBLE = """() => [...document.querySelectorAll('body *')].filter(each => each.checkVisibility())
  .flatMap(each => [...each.childNodes].filter(node => node.nodeType == 3).map(node => node.data.trim()))"""


def missing() -> str:
    """Return what is not here to start a browser; empty if it all is."""
    lacking = [
        name
        for name in ("playwright", "axe_playwright_python")
        if importlib.util.find_spec(name) is None
    ]
    if shutil.which("chromium") is None:
        lacking.append("chromium")
    return ", ".join(lacking)


@contextlib.contextmanager
def started() -> Iterator[Any]:
    """Start the browser, or skip with the reason, or fail where the environment wants it.

    Yields:
        Playwright's Browser.
    """
    lacking = missing()
    if lacking:
        reason = f"no browser, run `make browser`: not here: {lacking}"
        if os.environ.get("RELEASE_BROWSER") == "all":
            pytest.fail(reason)
        pytest.skip(reason)
    api = importlib.import_module("playwright.sync_api")
    # Root may not use Chromium's sandbox, and containers have a small /dev/shm.
    options = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=options, timeout=120_000
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder as Python does, which knows no ranges."""

    class Quiet(SimpleHTTPRequestHandler):
        """A handler that tells nothing."""

        def log_message(self, *_: object) -> None:
            """Tell nothing."""

    def handle(*arguments: Any) -> Quiet:
        return Quiet(*arguments, directory=str(folder))

    server = ThreadingHTTPServer(("127.0.0.1", 0), handle)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@dataclass
class View:
    """A page as a browser shows it, and what it did beside showing itself.

    `tab` is Playwright's Page; `troubles` are errors of the console and of scripts, what the
    Content-Security-Policy refused, and requests for anything but the page.
    """

    tab: Any
    troubles: list[str] = field(default_factory=list)

    def open(self, path: Path, place: str = "") -> None:
        """Show a file, or a place in it, and hear what it does from its beginning."""
        address = path.as_uri()
        self.tab.add_init_script(_WATCH)
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.tab.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        self.tab.on(
            "request",
            lambda request: (
                None
                if request.url.partition("#")[0] == address or request.url.startswith("blob:")
                else self.troubles.append(f"request: {request.url}")
            ),
        )
        self.tab.goto(f"{address}#{place}" if place else address, wait_until="load")
        self.tab.wait_for_timeout(200)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def set_details(self, *, opened: bool) -> None:
        """Open or shut every part of the page that can be."""
        self.tab.evaluate(
            "opened => document.querySelectorAll('details').forEach(each => { each.open = opened })",
            opened,
        )

    def wider(self, width: int) -> list[str]:
        """Return what makes the page scroll sideways at a width."""
        self.tab.set_viewport_size({"width": width, "height": 800})
        found: list[str] = self.tab.evaluate(_WIDER)
        return found

    def hindrances(self, scheme: str) -> list[str]:
        """Return what axe-core finds by light or dark: rule and element."""
        self.tab.emulate_media(color_scheme=scheme)
        axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
        violations = axe.run(self.tab).response["violations"]
        return [
            f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
            for violation in violations
            for node in violation["nodes"][:5]
        ]

    def printed(self) -> tuple[str, list[str]]:
        """Return the text that paper shows, and what it cuts off at the side."""
        self.tab.set_viewport_size({"width": PAPER, "height": 1000})
        self.tab.emulate_media(media="print")
        return "\n".join(self.tab.evaluate(_VISIBLE)), self.tab.evaluate(_CUT)
