"""Pictures of each view of a release, a store and a difference, as a browser shows them.

    python -m tests.support.screenshots FOLDER

`make screenshots` calls it. No test compares the pictures: another browser or font draws others.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import browser, kit
from tests.support.browser import PAPER
from tests.support.kit import ROOT

RECORD = "t=policies&row=cn-miit-industrial-plan-2022"

#: What the version before has otherwise, which is made for the picture of a difference: it is in no store.
_BEFORE = (
    ("datapackage.yaml", "version: 0.1.0", "version: 0.0.1"),
    ("datapackage.yaml", "created: '2026-11-22", "created: '2026-11-15"),
    ("seeds/policies/en/cn-miit-industrial-plan-2022.md", "score: 85", "score: 80"),
    (
        "seeds/policies/en/cn-miit-industrial-plan-2022.md",
        "cement, steel, and oil",
        "steel and oil",
    ),
)

#: Makes a WebP of a PNG, which has a fifth of its bytes.
_CONVERT = """async ([png, quality]) => {
  const picture = new Image()
  picture.src = `data:image/png;base64,${png}`
  await picture.decode()
  const canvas = document.createElement('canvas')
  canvas.width = picture.width
  canvas.height = picture.height
  canvas.getContext('2d').drawImage(picture, 0, 0)
  return canvas.toDataURL('image/webp', quality).split(',')[1]
}"""


@dataclass(frozen=True)
class Shot:
    """A picture of a view: the page, the place in it, and how it is shown.

    `opened` are the parts that are opened first, `top` is what the picture begins with, where it is not the
    beginning of the page or of what the place leads to; an `element` is shown alone.
    """

    name: str
    place: str = ""
    page: str = "release"
    width: int = 1280
    height: int = 800
    scheme: str = "light"
    media: str = "screen"
    opened: str = ""
    top: str = ""


SCORES = "section:has(h4:text-is('Scores'))"
TABLE = "t=scores&f.score=~75..&sort=-score"

SHOTS = (
    Shot("start"),
    Shot("search", "q=capture%20steel", top="#explorer", height=700),
    Shot(
        "table",
        TABLE,
        height=1000,
        opened="#explorer details:has(summary:text-is('Filter by column'))",
    ),
    Shot("record", RECORD, height=1000, top=SCORES),
    Shot("findings", opened=".doubt details", top=".doubt", height=700),
    Shot(
        "dictionary",
        opened="details:has(#table-scores)",
        top="details:has(#table-scores)",
        height=1000,
    ),
    Shot("pictures", top="#pictures"),
    Shot("diagram", opened="details:has(#diagram)", top="details:has(#diagram)"),
    Shot("difference", page="difference", opened="details:has-text('scores')", height=1000),
    Shot("store", page="store", height=560),
    Shot("phone", RECORD, width=390, height=844, top=SCORES),
    Shot("dark", RECORD, scheme="dark", top=SCORES),
    Shot("print", media="print", width=PAPER, height=1016),
)


def make_pages(folder: Path) -> dict[str, Path]:
    """Build the seeds after a version before them, and return the pages by name."""
    root = folder / "dataset"
    root.mkdir()
    shutil.copy(ROOT / "datapackage.yaml", root)
    shutil.copy(ROOT / "LICENSE", root)
    for name in ("seeds", "codelists"):
        shutil.copytree(ROOT / name, root / name)
    for path, old, new in _BEFORE:
        kit.edit(root / path, old, new)
    shutil.rmtree(root / "seeds/policies/zh")
    kit.build(root, folder / "dist")
    for name in ("datapackage.yaml", "seeds"):
        source = ROOT / name
        copy: Any = shutil.copytree if source.is_dir() else shutil.copy
        shutil.rmtree(root / name, ignore_errors=True)
        copy(source, root / name)
    release = kit.build(root, folder / "dist")
    return {
        "release": release / "index.html",
        "difference": release / "changes.html",
        "store": folder / "dist/index.html",
    }


def take(chromium: Any, shot: Shot, page: Path) -> bytes:
    """Return the picture of a view as PNG."""
    context = chromium.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        reduced_motion="reduce",
    )
    tab = context.new_page()
    tab.emulate_media(media=shot.media, color_scheme=shot.scheme)
    tab.goto(f"{page.as_uri()}#{shot.place}" if shot.place else page.as_uri(), wait_until="load")
    tab.wait_for_timeout(1000)
    tab.wait_for_function("!document.querySelector('[aria-busy]')")
    if shot.opened:
        parts = tab.locator(shot.opened)
        parts.evaluate_all("all => all.forEach(each => { each.open = true })")
    if shot.top:
        tab.locator(shot.top).first.evaluate("each => each.scrollIntoView({block: 'start'})")
    tab.evaluate("document.activeElement?.blur()")
    picture: bytes = tab.screenshot()
    context.close()
    return picture


def main(target: Path) -> None:
    """Write a picture of each view into a folder, and say how large they are."""
    target.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="screenshots-") as temporary,
        browser.started() as chromium,
    ):
        pages = make_pages(Path(temporary))
        converter = chromium.new_page()
        total = 0
        for shot in SHOTS:
            png = base64.b64encode(take(chromium, shot, pages[shot.page])).decode()
            picture = base64.b64decode(converter.evaluate(_CONVERT, [png, 0.8]))
            (target / f"{shot.name}.webp").write_bytes(picture)
            total += len(picture)
            print(f"{shot.name}.webp: {len(picture):,} bytes")
    print(f"{len(SHOTS)} pictures, {total:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
