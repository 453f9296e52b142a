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


def ours(tree: ast.Module) -> set[str]:
    """The names by which a test module calls what it imports from the program, or from tests.support."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            if str(node.module).partition(".")[0] in OURS:
                names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in OURS:
                    names.add(alias.asname or alias.name.partition(".")[0])
    for node in ast.walk(tree):  # such as `for module in (locations, origins):`
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            looped = {each.id for each in ast.walk(node.iter) if isinstance(each, ast.Name)}
            names |= {node.target.id} if looped & names else set()
    return names


def root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with; empty where it begins with something else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def replaced(path: Path) -> set[str]:
    """What a test module replaces in the program by name."""
    tree = ast.parse(path.read_text("utf-8"))
    names = ours(tree)
    found = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "setattr":
            continue
        target, *more = node.args
        if isinstance(target, ast.Constant) and str(target.value).startswith("release."):
            found.add(str(target.value))
        elif root(target) in names:
            found.add(f"{ast.unparse(target)}.{ast.literal_eval(more[0])}")
    return found


def private(path: Path) -> set[str]:
    """What a test module takes from the program, or from tests.support, that is theirs alone."""
    tree = ast.parse(path.read_text("utf-8"))
    names = ours(tree)
    found = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] in OURS
        for alias in node.names
        if is_private(alias.name)
    }
    return found | {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and is_private(node.attr) and root(node.value) in names
    }


def is_private(name: str) -> bool:
    """Whether a name begins with an underscore, but for those that every module or named tuple has."""
    return name.startswith("_") and not name.startswith("__") and name not in OF_NAMED_TUPLES


#: Whose names and modules are looked for.
OURS = {"release", "tests"}

#: These are public, and begin with an underscore so that no field is called so.
OF_NAMED_TUPLES = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}


def test_no_test_replaces_a_part_of_the_program() -> None:
    """A function that is replaced by name would be silenced by a move: things really happen instead."""
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for name in replaced(path)
    }
    assert found == set()


def test_no_test_takes_a_private_name() -> None:
    """A test asks what a module offers to others, so that the module may do it in another way."""
    found = {
        (path.relative_to(TESTS).as_posix(), name)
        for path in TESTS.rglob("*.py")
        for name in private(path)
    }
    assert found == set()


EXAMPLE = """\
import os
import release as releases
from release.package import page, source as copies
from release.package.page import _cut
from release.package.zip import Form
from tests.support import crash

page._first(1), copies._Work.into, releases.package.page._cut, crash._two(), page.ROWS
os._exit, self._mine, page.__name__, Form._replace
patch.setattr(os, "open", 1)
patch.setattr(page, "ROWS", 1)
patch.setattr(copies.Copied, "packs", 1)
patch.setattr("release.package.page.ROWS", 1)
for module in (page, os):
    patch.setattr(module, "place", 1)
"""


def test_what_is_private_or_replaced_is_seen(tmp_path: Path) -> None:
    """By whatever name it was imported; what is not ours is left."""
    path = tmp_path / "test_example.py"
    path.write_text(EXAMPLE)
    assert private(path) == {
        "release.package.page._cut",
        "page._first",
        "copies._Work",
        "releases.package.page._cut",
        "crash._two",
    }
    assert replaced(path) == {
        "page.ROWS",
        "copies.Copied.packs",
        "release.package.page.ROWS",
        "module.place",
    }
