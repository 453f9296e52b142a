"""docs/how-to/store.md says what is: its files are written, its commands run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.consoles import DOCS, REGENERATE, blocks, commands, shell


def without_sizes(text: str) -> str:
    """What is printed, but for sizes: those of Parquet and buildinfo.json depend on the toolchain."""
    return re.sub(r" +[\d.]+ (bytes|kB)", " SIZE", text)


def test_the_page_on_stores_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of the page prints what it shows, sizes aside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = 0
    for about, block in blocks((DOCS / "how-to/store.md").read_text("utf-8")):
        if match := re.search(r"file=(\S+)", about):
            (tmp_path / match[1]).write_text(block, "utf-8")
        else:
            assert about == "console"
            for command, expected in commands(block):
                assert without_sizes(shell(command, tmp_path)) == without_sizes(expected), (
                    REGENERATE
                )
                run += 1
    assert run > 10
