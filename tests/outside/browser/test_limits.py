"""The limits of the page: time by the measure of the machine, requests, bytes and memory.

A time is held as a multiple of a loop that the same page runs, so that a slow machine fails nothing: at least
three times what was measured. Of several windows the best counts. Requests and bytes are counted at
the server. `docs/how-to/page.md` has the figures.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from release.build import pipeline
from release.descriptor import load
from release.system.limits import Limits
from tests.support.browser import View
from tests.support.datasets import describe, table, write_dataset
from tests.support.web_server import serve

#: Makes texts of numbers, counts them in a map, and looks into them: the milliseconds of a run.
_LOOP = """() => {
  const begin = performance.now()
  const counts = new Map()
  let found = 0
  for (let at = 0; at < 60000; at++) {
    const text = `Row ${at * 7919 % 9973}`.toLowerCase()
    counts.set(text, (counts.get(text) ?? 0) + 1)
    if (text.includes('99')) found++
  }
  return performance.now() - begin
}"""

#: Goes to a place, and returns after how many milliseconds it was drawn and painted.
_GO = """async place => {
  const view = document.querySelector('#explorer .view')
  const begin = performance.now()
  const heard = new Promise(resolve => {
    addEventListener('hashchange', () => setTimeout(resolve), {once: true})
  })
  location.hash = place
  await heard
  while (view.getAttribute('aria-busy')) await new Promise(resolve => setTimeout(resolve, 1))
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)))
  return performance.now() - begin
}"""

#: Remembers when the explorer stood there first, in milliseconds since the page was asked for.
_BEGIN = """{
  const look = () => {
    const view = document.querySelector('#explorer .view')
    if (!view?.firstChild || view.getAttribute('aria-busy')) return setTimeout(look, 1)
    requestAnimationFrame(() => setTimeout(() => { window.begun = performance.now() }))
  }
  look()
}"""

#: When something was painted first.
_PAINTED = "performance.getEntriesByName('first-contentful-paint').map(each => each.startTime)[0]"

#: The most windows in which something is timed.
TRIES = 3

#: What is done with a small page, in this order, and at most so many times the loop that it takes. The first
#: search reads the tables.
ACTIONS = {
    "search, first": ("q=norwegian%20capture", 60.0),
    "search": ("q=carbon%20storage", 20.0),
    "search, nothing found": ("q=zzzz", 20.0),
    "search, Chinese": ("q=%E7%A2%B3", 20.0),
    "record": ("t=policies&row=us-45q-ira", 20.0),
    "record, differences": ("t=policies&row=ca-sk-ccs-directives", 20.0),
}

#: The same of a table of 600,000 rows at a server, and at most so many requests and bytes of Parquet: in a
#: window of its own, after the first rows. `tonnes` has 1,000 values, and the first 50 rows by it stand close
#: together. `metres` has a million: the column alone is 3.2 MB, and the rows stand all over the table. This
#: sort is beyond the 2 MB and 2 seconds of the other one, and is held where it is today.
FIRST = "t=sites"
STEPS = {
    "first rows": (FIRST, 90.0, 8, 1_000_000),
    "filter": (f"{FIRST}&f.tonnes=~990..", 110.0, 8, 1_000_000),
    "sort": (f"{FIRST}&sort=-tonnes", 200.0, 24, 2_000_000),
    "sort, rows from all over": (f"{FIRST}&sort=-metres", 700.0, 130, 5_000_000),
}


class Cost(NamedTuple):
    """What an action took: times the loop, requests for Parquet files, and their bytes."""

    loops: float
    requests: int
    size: int


@contextlib.contextmanager
def opened(chromium: Any, page: Path | str) -> Iterator[View]:
    """Show a page in a window of its own, which has no trouble."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    view = View(context.new_page())
    view.tab.add_init_script(_BEGIN)
    view.open(page)
    view.wait("window.begun")
    yield view
    context.close()
    assert view.troubles == []


def measure_loop(view: View) -> list[float]:
    """Return the milliseconds of some runs of the loop in a page."""
    return [view.tab.evaluate(_LOOP) for _ in range(5)]


@pytest.fixture(scope="module")
def small(chromium: Any, june: Path) -> Mapping[str, float]:
    """How many loops each action takes in the page of 260 editions, from its file: the best try."""
    tries: list[dict[str, float]] = []
    for _ in range(TRIES):
        with opened(chromium, june / "index.html") as view:
            loops = measure_loop(view)
            view.wait(f"{_PAINTED} !== undefined")
            taken = {
                "paint": view.tab.evaluate(_PAINTED),
                "first view": view.tab.evaluate("window.begun"),
            }
            for name, (place, _) in ACTIONS.items():
                taken[name] = view.tab.evaluate(_GO, f"#{place}")
            loop = statistics.median([*loops, *measure_loop(view)])
            tries.append({name: each / loop for name, each in taken.items()})
    return {name: min(each[name] for each in tries) for name in tries[0]}


@pytest.mark.parametrize(
    ("action", "most"),
    [("paint", 50.0), ("first view", 60.0), *((name, most) for name, (_, most) in ACTIONS.items())],
)
def test_a_page_of_260_editions_is_quick(
    small: Mapping[str, float], action: str, most: float
) -> None:
    """It stands there soon after it is asked for; then it finds and shows what is in it."""
    assert small[action] <= most


def test_a_page_of_260_editions_is_small(june: Path) -> None:
    """With its tables and summaries."""
    assert (june / "index.html").stat().st_size <= 1_000_000


def test_the_script_is_small() -> None:
    """As it stands in every page, and as servers send it."""
    script = (resources.files("release.package") / "templates/explorer.js").read_bytes()
    assert len(script) <= 110_000
    assert len(gzip.compress(script)) <= 40_000


@pytest.fixture(scope="module")
def sites(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of a table of 600,000 rows: keys in order, codes, numbers in no order with gaps, texts.

    It is one Parquet file of five row groups, as builds make it.
    """
    assert chromium.is_connected()
    chance = random.Random(18)
    sectors = ("capture", "transport", "storage", "use", "removal", "monitoring")
    lines = ["site,year,sector,tonnes,metres,note"]
    for site in range(30_000):
        for year in range(2005, 2025):
            metres = chance.randrange(1_000_000)
            tonnes = metres % 1000 if metres % 7 else ""
            sector = sectors[(site + year) % len(sectors)]
            lines.append(f"s{site:05},{year},{sector},{tonnes},{metres},seen {metres % 997} times")
    numbers = ("tonnes, type: integer", "metres, type: integer")
    fields = ("site", "year, type: year", "sector", *numbers, "note")
    tables = table(), table("sites", *fields, of="sites.csv", key="site, year")
    files = {"sites.csv": "\n".join([*lines, ""]), "notes/a.md": "---\ntitle: A\n---\n"}
    return build(tmp_path_factory.mktemp("sites"), tables, files, Limits())


def build(folder: Path, tables: Sequence[str], files: Mapping[str, str], limits: Limits) -> Path:
    """Return the release of these tables and files."""
    descriptor = write_dataset(folder, describe(*tables), files) / "datapackage.yaml"
    options = pipeline.Options(limits=limits)
    made = pipeline.build(load.load(descriptor), folder / "dist", options)
    assert made.path is not None, made.outcome.errors
    return made.path


def measure_step(chromium: Any, release: Path, place: str) -> Cost:
    """Return what it takes to get to a place, from the first rows if it is another one."""
    with serve(release) as server, opened(chromium, f"{server.address}/index.html") as view:
        if place != FIRST:
            view.go(FIRST)
        loop = statistics.median(measure_loop(view))
        server.take()
        loops = view.tab.evaluate(_GO, f"#{place}") / loop
        answers = server.take(".parquet")
        assert view.tab.locator("table.rows tbody tr").count() == 50
        return Cost(loops, len(answers), sum(each.size for each in answers))


@pytest.mark.parametrize("step", STEPS)
def test_a_large_table_takes_little(chromium: Any, sites: Path, step: str) -> None:
    """Of 600,000 rows the first ones, those with some numbers, and the greatest are soon there."""
    place, loops, requests, size = STEPS[step]
    tries: list[float] = []
    while min([*tries, loops + 1]) > loops and len(tries) < TRIES:
        cost = measure_step(chromium, sites, place)
        assert cost.requests <= requests, cost
        assert cost.size <= size, cost
        tries.append(cost.loops)
    assert min(tries) <= loops


def test_a_page_takes_little_memory(chromium: Any, june: Path) -> None:
    """All embedded tables were read: the page, what it holds of them and what is drawn."""
    with opened(chromium, june / "index.html") as view:
        view.go("q=e")
        held = measure_memory(view.tab.context.new_cdp_session(view.tab))
    assert held <= 20_000_000


def test_a_large_table_takes_little_memory(chromium: Any, sites: Path) -> None:
    """Filtered and sorted: page and worker together, and what the worker has yet to let go of."""
    with serve(sites) as server, opened(chromium, f"{server.address}/index.html") as view:
        for place, *_ in STEPS.values():
            view.go(place)
        session = view.tab.context.new_cdp_session(view.tab)
        held = measure_memory(session) + measure_worker(session, view)
    assert held <= 100_000_000


def measure_memory(session: Any) -> int:
    """Return the bytes that a page holds: its values, buffers and elements."""
    session.send("HeapProfiler.collectGarbage")
    return add_memory(session.send("Runtime.getHeapUsage"))


def add_memory(usage: Mapping[str, int]) -> int:
    """Return the sum of the parts of a heap."""
    return sum(usage[f"{part}Size"] for part in ("used", "embedderHeapUsed", "backingStorage"))


def measure_worker(session: Any, view: View) -> int:
    """Return the bytes that the worker of a page has, before it clears away."""
    messages: list[Any] = []
    for name in ("attachedToTarget", "receivedMessageFromTarget"):
        session.on(f"Target.{name}", lambda message: messages.append(message))  # noqa: PLW0108
    attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
    session.send("Target.setAutoAttach", attach)
    question = json.dumps({"id": 1, "method": "Runtime.getHeapUsage"})
    target = {"sessionId": messages[0]["sessionId"], "message": question}
    session.send("Target.sendMessageToTarget", target)
    for _ in range(100):
        for each in messages[1:]:
            if (answer := json.loads(each["message"])).get("id") == 1:
                return add_memory(answer["result"])
        view.tab.wait_for_timeout(50)
    pytest.fail("the worker does not say what it has")


def test_a_file_of_many_columns_is_asked_for_twice(show: Callable[..., View], wide: Path) -> None:
    """Its end and the rest: up to 256 KiB nothing is asked for column by column."""
    with serve(wide) as server:
        view = show(f"{server.address}/index.html")
        server.take()
        for place in ("t=wide", "t=wide&f.c200=~x..&sort=-c299", "t=wide&row=r20"):
            view.go(place)
        answers = server.take(".parquet")
    paths = [each.path for each in answers]
    assert {path: paths.count(path) for path in paths} == dict.fromkeys(sizes_of(wide), 2)
    assert sum(each.size for each in answers) == sum(sizes_of(wide).values())


@pytest.fixture(scope="module")
def wide(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of a table of 300 columns in two files, each larger than the end that is read first."""
    assert chromium.is_connected()
    chance = random.Random(18)
    names = ["row", *(f"c{number}" for number in range(1, 300))]
    rows = [[f"r{row:02}", *(f"{chance.random():.12f}" for _ in names[1:])] for row in range(64)]
    tables = table(), table("wide", *names, of="wide.csv", key="row")
    text = "\n".join([*map(",".join, [names, *rows]), ""])
    files = {"wide.csv": text, "notes/a.md": "---\ntitle: A\n---\n"}
    made = build(tmp_path_factory.mktemp("wide"), tables, files, Limits(part_rows=32))
    sizes = sizes_of(made)
    assert [size for size in sizes.values() if 64 * 1024 < size <= 256 * 1024] == [*sizes.values()]
    assert len(sizes) == 2
    return made


def sizes_of(release: Path) -> dict[str, int]:
    """Return the bytes of the Parquet files of the wide table, by path."""
    found = (release / "data").rglob("*.parquet")
    return {
        each.relative_to(release).as_posix(): each.stat().st_size
        for each in found
        if "wide" in each.relative_to(release).as_posix()
    }
