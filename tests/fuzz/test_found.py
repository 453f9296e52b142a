"""Inputs that the fuzzer found and that broke a claim once; and those that it begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.judges import JUDGES, first_inputs

FOUND = sorted(path for path in (Path(__file__).parent / "found").glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_breaks_nothing(path: Path) -> None:
    """Each input is judged as the fuzzer judged it."""
    JUDGES[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", JUDGES)
def test_the_first_inputs_break_nothing(name: str) -> None:
    """Real inputs are read as they are meant."""
    inputs = list(first_inputs(name))
    assert inputs
    for data in inputs:
        JUDGES[name](data)
