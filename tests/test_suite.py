"""The tests keep rules of their own: what several share is in tests/support."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parent


def imported(path: Path) -> set[str]:
    """The modules that a test module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_no_test_imports_from_another() -> None:
    """Tests import from tests.support only, so that each file of tests may go or move alone."""
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for name in imported(path)
        if name.startswith("tests.") and not name.startswith("tests.support.")
    }
    assert found == set()


def replaced(path: Path) -> set[str]:
    """What a test module replaces in the program by name."""
    tree = ast.parse(path.read_text("utf-8"))
    ours = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "release"
        for alias in node.names
    }
    found = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "setattr":
            continue
        target, *more = node.args
        if isinstance(target, ast.Constant) and str(target.value).startswith("release."):
            found.add(str(target.value))
        elif isinstance(target, ast.Name) and target.id in ours:
            found.add(f"{target.id}.{ast.literal_eval(more[0])}")
    return found


#: Sizes of pieces, and ways that must agree with slower ones; these only get fewer.
REPLACED = {
    ("property/test_keys.py", "columns._ROWS"),
    ("property/test_keys.py", "keys._LARGE"),
    ("property/test_keys.py", "keys.has_no_repeats"),
    ("property/test_keys.py", "keys.is_contained"),
}


def test_no_test_replaces_a_part_of_the_program() -> None:
    """A function that is replaced by name would be silenced by a move: things really happen instead."""
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for name in replaced(path)
    }
    assert found <= REPLACED
