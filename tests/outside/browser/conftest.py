"""The browser, and releases that several of its tests look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from release.build import pipeline
from release.descriptor import load
from release.findings import Severity
from release.syntax.file_patterns import FilePattern
from tests.support import browser, corpora
from tests.support.browser import View


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    with browser.started() as started:
        yield started


@pytest.fixture
def show(chromium: Any) -> Iterator[Callable[..., View]]:
    """Show a page, or a place in it, in a window of its own; after the test it has done nothing but that."""
    contexts: list[Any] = []
    views: list[View] = []

    def open_page(page: Path | str, place: str = "", **options: Any) -> View:
        contexts.append(
            chromium.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        )
        views.append(View(contexts[-1].new_page()))
        views[-1].open(page, place)
        return views[-1]

    yield open_page
    found = [view.troubles for view in views]
    for context in contexts:
        context.close()
    assert found == [[] for _ in views]


@pytest.fixture(scope="session")
def june(chromium: Any, shared: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of real records: 130 policies in two languages."""
    assert chromium.is_connected()
    lowered: dict[str, Severity] = {
        text.partition("=")[0]: "warning" for text in corpora.LOWERED[corpora.JUNE]
    }
    described = load.with_severities(load.load(root / "datapackage.yaml"), lowered)
    patterns = {"policies": FilePattern(corpora.pattern(shared / "corpora" / corpora.JUNE))}
    made = pipeline.build(
        described, tmp_path_factory.mktemp("june") / "dist", pipeline.Options(patterns)
    )
    assert made.path is not None, [str(finding) for finding in made.outcome.findings]
    return made.path
