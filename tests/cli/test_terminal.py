"""Colours of `verify` and `list`: on a terminal without NO_COLOR, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from release.store import contents
from tests.support import kit, stores, tampering
from tests.support.terminal import on_terminal


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small release that lacks a file."""
    folder = tmp_path_factory.mktemp("terminal")
    release = tampering.alone(tampering.built(folder), folder / "release")
    (release / "LICENSE").unlink()
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with a final, a withdrawn, a draft and a missing version."""
    folder = tmp_path_factory.mktemp("terminal")
    for version in ("0.1.0", "0.2.0", "0.3.0", "0.4.0-dev"):
        stores.place(folder / "dist", version)
    contents.yank(folder / "dist", "0.2.0", "wrong")
    (folder / "dist/0.3.0").rename(folder / "elsewhere")
    return folder


VERIFY = ["verify", "--no-referee", "release"]
LIST = ["list"]


def plain(text: str) -> str:
    """A text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def lines_with(text: str, part: str) -> list[str]:
    """The lines that begin with a text, colours aside."""
    return [line for line in text.splitlines() if plain(line).startswith(part)]


def test_verify_colours_statuses_and_severities(damaged: Path) -> None:
    """Of a step that failed the status is red, and `error` in each finding; one that passed is green."""
    shown = on_terminal(VERIFY, damaged)
    assert "  integrity \x1b[31mfailed\x1b[0m\n" in shown
    assert "  validity  \x1b[32mpassed\x1b[0m: datapackage.json" in shown
    assert "  rebuild   not done\n" in shown
    assert lines_with(shown, "    LICENSE: ") == [
        "    LICENSE: \x1b[31merror\x1b[0m: file-missing: is missing, expected it as SHA256SUMS lists it"
    ]


def test_list_colours_statuses_and_severities(store: Path) -> None:
    """A warning and a draft are yellow, a withdrawn version red, a final one has no colour."""
    shown = on_terminal(LIST, store)
    assert lines_with(shown, "dist/versions.json") == [
        "dist/versions.json: \x1b[33mwarning\x1b[0m: index-gone: lists 0.3.0, which is not there"
    ]
    (draft,) = lines_with(shown, "0.4.0-dev ")
    assert "\x1b[33mdraft    \x1b[0m" in draft
    (withdrawn,) = lines_with(shown, "0.2.0 ")
    assert "\x1b[31mwithdrawn\x1b[0m" in withdrawn
    (final,) = lines_with(shown, "0.1.0 ")
    assert "\x1b" not in final


@pytest.mark.parametrize("arguments", [VERIFY, LIST], ids=["verify", "list"])
def test_the_text_is_the_same_without_colours(
    damaged: Path, store: Path, arguments: list[str]
) -> None:
    """With NO_COLOR a terminal shows what a pipe gets, and no colour is in it; progress aside."""
    cwd = damaged if arguments == VERIFY else store
    piped = kit.python("-m", "release", *arguments, cwd=cwd, TERM="xterm-256color")
    assert "\x1b" not in piped.stdout
    assert piped.stderr == ""
    shown = on_terminal(arguments, cwd, NO_COLOR="1")
    assert plain(shown) == shown
    assert set(piped.stdout.splitlines()) <= set(re.split(r"\n|\x1b\[\??[0-9]*[A-Zhlm]|\r", shown))
