"""What the page asks a server for, counted at the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from release.build import pipeline
from release.descriptor import load
from release.system.limits import Limits
from tests.support.browser import View
from tests.support.datasets import write_notes
from tests.support.web_server import serve


@pytest.mark.parametrize(("ranges", "most"), [(True, 2), (False, 1)], ids=["ranges", "wholes"])
def test_a_small_file_is_asked_for_once(
    show: Callable[..., View], tmp_path: Path, ranges: bool, most: int
) -> None:
    """Its end and the rest, or the whole: for rows, filters, orders, a record and a search together."""
    described = load.load(write_notes(tmp_path / "notes", 5) / "datapackage.yaml")
    options = pipeline.Options(limits=Limits(part_rows=2))
    made = pipeline.build(described, tmp_path / "dist", options)
    assert made.path is not None
    with serve(made.path, ranges=ranges) as server:
        view = show(f"{server.address}/index.html")
        assert [each.path for each in server.take() if each.path.endswith(".parquet")] == []
        for place in (
            "t=notes",
            "t=notes&f.weight=~2..&sort=-weight",
            "t=notes&row=n003",
            "t=texts&sort=body",
        ):
            view.go(place)
        view.go("q=n004")
        view.tab.press("#search", "Enter")
        view.tab.get_by_text("All tables are searched.").wait_for()
        counts = Counter(each.path for each in server.take(".parquet"))
        assert len(counts) > 3
        assert {path: count for path, count in counts.items() if count > most} == {}
