"""A real browser, as tests look through it at pages: Debian's chromium, driven by playwright.

Neither is in .venv: `make browser` brings both. Without them a test is skipped with the reason, unless the
environment says RELEASE_BROWSER=all.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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


#: Waits until the explorer has drawn what it draws; of a new address it hears in a task of its own.
#: With scripts off no timer ever rings.
_SETTLE = """async () => {
  if (!document.documentElement.classList.contains('has-explorer')) return
  await new Promise(resolve => setTimeout(resolve, 10))
  const end = performance.now() + 60000
  while (document.querySelector('#explorer [aria-busy=true]')) {
    if (performance.now() > end) throw new Error(`still busy: ${location.hash}`)
    await new Promise(resolve => setTimeout(resolve, 4))
  }
}"""

#: Changes the address, and waits until the page has heard of it.
_GO = """async place => {
  if (new URL(place, location.href).hash === location.hash) return
  const heard = new Promise(resolve => {
    addEventListener('hashchange', () => setTimeout(resolve), {once: true})
  })
  location.hash = place
  await heard
}"""


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


@dataclass
class View:
    """A page as a browser shows it, and what it did beside showing itself.

    `tab` is Playwright's Page; `troubles` are errors of the console and of scripts, dialogs, what the
    Content-Security-Policy refused, and requests for anything but the page or, from a server, what is
    below its folder.
    """

    tab: Any
    troubles: list[str] = field(default_factory=list)
    address: str = ""

    def __post_init__(self) -> None:
        """Hear what the page does from its beginning."""
        self.tab.add_init_script(_WATCH)
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.tab.on("dialog", self._dismiss)
        self.tab.on("request", self._ask)

    def open(self, page: Path | str, place: str = "") -> None:
        """Show a file or what stands at an address, or a place in it, until nothing more is loaded."""
        self.address = page if isinstance(page, str) else page.as_uri()
        self.tab.goto(f"{self.address}#{place}" if place else self.address, wait_until="load")
        self.settle()

    def go(self, place: str) -> None:
        """Show another place of the page, as if somebody had changed the address."""
        self.tab.evaluate(_GO, f"#{place}")
        self.settle()

    def settle(self) -> None:
        """Wait until the explorer, if the page has one, has drawn what it was asked for."""
        self.tab.evaluate(_SETTLE)

    def wait(self, condition: str, seconds: float = 30) -> None:
        """Wait until an expression holds, then until the explorer has drawn.

        Playwright's own `wait_for_function` evaluates text in the page, which its policy forbids.
        """
        end = time.monotonic() + seconds
        while not self.tab.evaluate(condition):
            assert time.monotonic() < end, f"not so in {seconds} s: {condition}"
            self.tab.wait_for_timeout(10)
        self.settle()

    def follow(self, link: Any) -> None:
        """Click on what changes the address, and wait until that is drawn."""
        before = self.tab.evaluate("location.hash")
        link.click()
        self.wait(f"location.hash !== {json.dumps(before)}")

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text}")

    def _dismiss(self, dialog: Any) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _ask(self, request: Any) -> None:
        url, own = request.url.partition("#")[0], self.address
        folder = own.rpartition("/")[0] + "/" if own.startswith("http") else own
        if not url.startswith((folder, "blob:")) or (url != own and own.startswith("file")):
            self.troubles.append(f"request: {url}")

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

    def hindrances(self, scheme: str, within: str | None = None) -> list[str]:
        """Return what axe-core finds by light or dark, in the whole page or an element: rule and element."""
        self.tab.emulate_media(color_scheme=scheme)
        axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe()
        violations = axe.run(self.tab, within).response["violations"]
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
