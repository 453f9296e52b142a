"""How the program is put together: imports run one way, and it knows nothing of any dataset."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "release"
ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"

#: Words of the shipped dataset. Such as `title` or `quote` are not among them: they have a
#: meaning of their own in a Data Package or in CSV, and so have `cluster` for what runs chunks and
#: `provenance` for an attestation.
DATASET = frozenset(
    "policy policies carbon ccus ccs co2 climate emission emissions score scores dimension "
    "dimensions impact impacts country countries region regions regulatory pillar pillars "
    "sector sectors facility facilities milestone milestones scope "
    "scopes legal stance stances strategic statutory mrv incentive technical market supersedes "
    "superseded china miit seeds en zh english chinese".split()
)


def modules() -> dict[str, Path]:
    """The modules of the program by name; those of a package under the package's name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def layer_of(module: str) -> str:
    """The line of the list that a module stands on: a package is one line."""
    return module.split(".", maxsplit=1)[0]


def within(module: str) -> int:
    """How far down a module stands in its package: `cli` is put together of groups of commands."""
    return {"cli": 0, "cli.inputs": 2, "cli.terminal": 3}.get(module, 1)


def order() -> list[str]:
    """The modules from top to bottom, as docs/architecture.md lists them."""
    text = ARCHITECTURE.read_text("utf-8")
    block = text.split("<!-- modules, top first -->", 1)[1].split("```")[1]
    return [line.split()[0].rstrip("/") for line in block.strip().splitlines()]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The modules of ours that a file imports anywhere in it, and the lines."""
    known = modules()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("release."):
                    yield alias.name.removeprefix("release."), node.lineno
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "release":
            assert node.level == 0
            module = (node.module or "").removeprefix("release").removeprefix(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                if inner in known or module:
                    yield (inner if inner in known else module), node.lineno


def test_the_order_lists_every_module_once() -> None:
    """docs/architecture.md names each module, and nothing that is none."""
    listed = order()
    assert len(set(listed)) == len(listed)
    assert set(listed) == {layer_of(name) for name in modules()} - {"__init__", "__main__"}


@pytest.mark.parametrize("module", sorted(modules().keys() - {"__init__"}))
def test_a_module_imports_only_modules_below_it(module: str) -> None:
    """What a module imports stands further down in the list; the package itself only offers names."""
    listed = ["__main__", *order(), "__init__"]
    for imported, line in imports(modules()[module]):
        above = (listed.index(layer_of(module)), within(module)) < (
            listed.index(layer_of(imported)),
            within(imported),
        )
        assert above, f"{module}:{line} imports {imported}, which stands above it"


def test_an_import_upwards_would_be_found(tmp_path: Path) -> None:
    """The check sees imports in functions, of modules and of names in them."""
    path = tmp_path / "x.py"
    path.write_text(
        "def f():\n    from release.cli import main\n"
        "from release import build\nimport release.paths\n"
    )
    assert sorted(imports(path)) == [("build", 3), ("cli", 2), ("paths", 4)]


def docstrings(tree: ast.AST) -> set[int]:
    """The docstrings of a file, by the id of their nodes."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, kinds) and node.body and isinstance(node.body[0], ast.Expr)
    }


def words(text: str) -> Iterator[tuple[str, int]]:
    """The words in the names and texts of a program, docstrings and comments aside."""
    tree = ast.parse(text)
    skipped = docstrings(tree)
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = [] if id(node) in skipped else [node.value]
        elif isinstance(node, ast.Name):
            found = [node.id]
        elif isinstance(node, ast.Attribute):
            found = [node.attr]
        elif isinstance(node, ast.arg | ast.keyword):
            found = [node.arg or ""]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias):
            found = [node.name]
        for part in found:
            for word in re.findall(r"[^\W_]+", part):
                yield word.lower(), getattr(node, "lineno", 0)


@pytest.mark.parametrize("module", sorted(modules()))
def test_the_program_knows_no_word_of_the_dataset(module: str) -> None:
    """Names and texts of the program are about records and tables, never about what they hold."""
    found = [
        f"{module}:{line}: {word}"
        for word, line in words(modules()[module].read_text("utf-8"))
        if word in DATASET
    ]
    assert found == []


def test_templates_know_no_word_of_the_dataset() -> None:
    """What every release's texts are made from holds for every dataset."""
    templates = sorted((SOURCE / "templates").glob("*"))
    assert templates
    for path in templates:
        text = re.sub(r'\b(lang|scope|role)="\w+"', "", path.read_text("utf-8"))  # words of HTML
        found = set(re.findall(r"[^\W_]+", text.lower())) & DATASET
        assert found == set(), path.name


def test_a_word_of_the_dataset_would_be_found() -> None:
    """The check sees names, attributes, arguments and texts, and spares docstrings."""
    text = '"""scores"""\ndef f(policy_id):\n    """zh"""\n    return x.zh + "a score of 3"\n'
    assert sorted(w for w, _ in words(text) if w in DATASET) == ["policy", "score", "zh"]


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """The names that are called in a file, and the lines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


@pytest.mark.parametrize(
    "module", [name for name in sorted(modules()) if layer_of(name) not in ("cli", "__main__")]
)
def test_only_cli_prints_or_exits(module: str) -> None:
    """No other module writes to the terminal, ends the program or reads the command line."""
    forbidden = ("print", "exit", "quit", "sys.exit", "os._exit", "input", "breakpoint")
    assert [call for call in calls(modules()[module]) if call[0] in forbidden] == []
    text = modules()[module].read_text("utf-8")
    assert not re.search(r"\bsys\.(stdout|stderr|argv)\b|SystemExit|import rich|from rich", text)


#: `release bump` writes today's date into the descriptor: an input, from which alone a release takes it.
READS_THE_CLOCK = {"cli.diff": ["datetime.now"]}


def test_the_clock_is_read_in_one_place() -> None:
    """No module but one asks for the time or the date: `created` is the only clock of a release."""
    for name, path in modules().items():
        found = [call for call, _ in calls(path) if re.search(r"\b(now|utcnow|today|time)$", call)]
        assert found == READS_THE_CLOCK.get(name, []), name


def lengths(path: Path) -> list[int]:
    """How many lines each function of a file has."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in found]


def test_nine_functions_in_ten_fit_in_25_lines() -> None:
    """A function is short enough to be read at once, with few exceptions."""
    found = sorted(length for path in modules().values() for length in lengths(path))
    short = sum(length <= 25 for length in found)
    assert short / len(found) >= 0.9, f"{len(found) - short} of {len(found)} are longer"


def test_every_module_says_what_it_is_for() -> None:
    """A module's docstring begins with its job in one line."""
    for name, path in modules().items():
        first = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split("\n")[0]
        assert first.endswith((".", ":")), name
