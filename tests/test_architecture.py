"""How the program is put together: the rules of docs/architecture.md, each seen failing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from release.build.chunks import fingerprint

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "release"
BENCHMARKS = ROOT / "benchmarks"
ARCHITECTURE = ROOT / "docs" / "architecture.md"

#: Words of the shipped dataset. Such as `title` or `quote` are not among them: they have a
#: meaning of their own in a Data Package or in CSV, and so have `cluster` for what runs chunks,
#: `provenance` for an attestation, and `region` for a part of a file in SARIF.
DATASET = frozenset(
    "policy policies carbon ccus ccs co2 climate emission emissions score scores dimension "
    "dimensions impact impacts country countries regions regulatory pillar pillars "
    "sector sectors facility facilities milestone milestones scope "
    "scopes legal stance stances strategic statutory mrv incentive technical market supersedes "
    "superseded china miit seeds en zh english chinese".split()
)

#: A folder has at most so many entries; the program's own has its packages and what all of them share.
MOST_ENTRIES, MOST_AT_ROOT = 14, 19
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION, LONGER_FUNCTIONS = (
    40,
    {
        "diff.changelog_check.faults": 48,
        "package.datapackage.described": 45,
        "verify.validity.steps": 45,
    },
)

#: What takes longer to load than a check takes of which everything is cached; and `tempfile`, a twentieth.
HEAVY = frozenset({"pyarrow", "numpy", "duckdb", "orjson", "pandas", "frictionless", "tempfile"})

#: Participles that no ending tells, and adjectives that were names of modules or might be.
NO_NOUNS = frozenset(
    "made found opened before same whole kept known told seen shown left done lost new old own "
    "ready right wrong alone quick strict safe raw common other after".split()
)
#: Nouns that end as participles do.
NOUNS = frozenset({"string", "finding", "encoding", "bed", "seed", "feed", "thing"})

#: `release bump` writes today's date into the descriptor: an input, from which alone a release takes it.
READS_THE_CLOCK = {"cli.commands.bump": ["datetime.now"]}


@dataclass(frozen=True)
class Import:
    """One name that a module takes from another one of the program."""

    module: str
    target: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: imports {self.name} of {self.target or 'release'}"


@dataclass(frozen=True)
class Program:
    """The source of a package in a folder, its packages in rows, top first, and the name in imports."""

    folder: Path
    rows: tuple[tuple[str, ...], ...]
    package: str = "release"

    @cached_property
    def paths(self) -> dict[str, Path]:
        """The modules by dotted name; a package bears its own name, the program's none."""
        found = {}
        for path in sorted(self.folder.rglob("*.py")):
            name = ".".join(path.relative_to(self.folder).with_suffix("").parts)
            found["" if name == "__init__" else name.removesuffix(".__init__")] = path
        return found

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The modules, parsed."""
        return {name: ast.parse(path.read_text("utf-8")) for name, path in self.paths.items()}

    @cached_property
    def imports(self) -> list[Import]:
        """Every import of the program's own, wherever in a module it stands."""
        return [found for name in self.trees for found in self._imports(name)]

    def _imports(self, module: str) -> Iterator[Import]:
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] == self.package:
                        target = alias.name.removeprefix(self.package).removeprefix(".")
                        yield Import(module, target, target, node.lineno)
            elif (
                isinstance(node, ast.ImportFrom)
                and (node.module or "").split(".")[0] == self.package
            ):
                base = (node.module or "").removeprefix(self.package).removeprefix(".")
                for alias in node.names:
                    inner = f"{base}.{alias.name}".removeprefix(".")
                    target = inner if inner in self.paths else base
                    yield Import(module, target, alias.name, node.lineno)

    def row(self, module: str) -> int:
        """How far down a module's package stands: 0 for what begins the program."""
        package = module.split(".", maxsplit=1)[0]
        if package in ("", "__main__"):
            return 0
        return next(at for at, row in enumerate(self.rows, 1) if package in row)


def rows() -> tuple[tuple[str, ...], ...]:
    """The rows of the table in docs/architecture.md."""
    table = ARCHITECTURE.read_text("utf-8").split("<!-- packages, top first -->", 1)[1]
    cells = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    return tuple(tuple(re.findall(r"`(\w+)`", cell)) for cell in cells)


def upward(program: Program) -> list[str]:
    """Imports of a package above or beside the module's own."""
    return [
        str(found)
        for found in program.imports
        if found.target.split(".")[0] != found.module.split(".")[0]
        and found.module != ""  # the face of the whole, which is lazy
        and found.target != ""  # `from release import __version__`
        and program.row(found.target) <= program.row(found.module)
    ]


def circles(program: Program) -> list[str]:
    """Modules that import each other in a circle."""
    graph: dict[str, set[str]] = {}
    for found in program.imports:
        if "" not in (found.module, found.target):
            graph.setdefault(found.module, set()).add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def private(program: Program) -> list[str]:
    """Names with an underscore that leave their module, and looks into build/chunks from elsewhere."""
    names = [str(found) for found in program.imports if re.match(r"_(?!_)", found.name)]
    for module, tree in program.trees.items():
        taken = {found.name for found in program.imports if found.module == module}
        names += [
            f"{module}:{node.lineno}: uses {ast.unparse(node)}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and re.match(r"_(?!_)", node.attr)
            and isinstance(node.value, ast.Name)
            and node.value.id in taken & {path.split(".")[-1] for path in program.paths}
        ]
    inside = [
        str(found)
        for found in program.imports
        if f"{found.target}.".startswith("build.chunks.") and found.module.split(".")[0] != "build"
    ]
    return names + inside


def large(program: Program) -> list[str]:
    """Folders, modules and functions of more than their measure."""
    found = []
    folders = {program.folder, *(path for path in program.folder.rglob("*") if path.is_dir())}
    folders = {path for path in folders if path.name != "__pycache__"}  # keeps modules that moved
    for folder in sorted(folders):
        count = sum(not entry.name.startswith("__pycache__") for entry in folder.iterdir())
        most = MOST_AT_ROOT if folder == program.folder else MOST_ENTRIES
        if count > most:
            found.append(f"{folder.name}: {count} entries")
    for module, tree in program.trees.items():
        count = len(program.paths[module].read_text("utf-8").splitlines())
        if count > MOST_LINES:
            found.append(f"{module}: {count} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name, count = f"{module}.{node.name}", (node.end_lineno or 0) - node.lineno + 1
                if count > LONGER_FUNCTIONS.get(name, MOST_LINES_OF_A_FUNCTION):
                    found.append(f"{name}: {count} lines")
    return found


def named_in_texts(program: Program) -> list[str]:
    """Texts that hold the dotted name of a module in a row above."""
    found = []
    for module, tree in program.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name in re.findall(r"\brelease\.(\w+(?:\.\w+)*)", node.value):
                    is_one = any(
                        f"{name}.".startswith(f"{known}.") for known in program.paths if known
                    )
                    if is_one and program.row(name) < program.row(module):
                        found.append(f"{module}:{node.lineno}: names release.{name}")
    return found


def loaded_by(code: str, folder: Path) -> frozenset[str]:
    """Which heavy libraries are loaded after a piece of code was run in a folder."""
    code += "\nimport sys; print(); print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return HEAVY & set(ran.stdout.splitlines()[-1].split())


def unsuitable_names(program: Program) -> list[str]:
    """Modules whose name is a participle or an adjective."""
    return [
        name
        for name in program.paths
        for word in [name.split(".")[-1]]
        if not word.startswith("__")
        for part in word.split("_")
        if part in NO_NOUNS or (re.search(r"(ed|ing)$", part) and part not in NOUNS)
    ]


def calls(tree: ast.Module) -> list[str]:
    """What is called in a module."""
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def at_the_edge(program: Program) -> list[str]:
    """Modules other than `cli` that print, exit or read the command line, and those that ask for the time."""
    forbidden = ("print", "exit", "quit", "sys.exit", "os._exit", "input", "breakpoint")
    found = []
    for module, tree in program.trees.items():
        called = calls(tree)
        if module.split(".")[0] not in ("cli", "__main__"):
            found += [f"{module}: calls {name}" for name in called if name in forbidden]
            text = program.paths[module].read_text("utf-8")
            for name in re.findall(
                r"\bsys\.(?:stdout|stderr|argv)\b|SystemExit|import rich|from rich", text
            ):
                found.append(f"{module}: has {name}")
        clock = [name for name in called if re.search(r"\b(now|utcnow|today|time)$", name)]
        if clock != READS_THE_CLOCK.get(module, []):
            found.append(f"{module}: calls {', '.join(clock)}")
    return found


def docstrings_of(program: Program) -> Iterator[tuple[str, str]]:
    """Yield the location of each docstring of a program, and its first line."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for module, tree in program.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, kinds) and (text := ast.get_docstring(node)):
                line = 1 if isinstance(node, ast.Module) else node.lineno
                yield f"{module}:{line}", text.split("\n")[0]


#: A docstring says what a function does, or what a class is: it answers none of these.
QUESTION = re.compile(r"(What|Whether|Where|Which|How)\b")


def questions(program: Program) -> list[str]:
    """Return the docstrings that begin as a question does."""
    return [f"{where}: {first}" for where, first in docstrings_of(program) if QUESTION.match(first)]


def without_period(program: Program) -> list[str]:
    """Docstrings whose first line does not end with a period."""
    return [
        f"{where}: {first}" for where, first in docstrings_of(program) if not first.endswith(".")
    ]


def repeated_classes(program: Program) -> list[str]:
    """Public names that several classes have, and the modules of these."""
    modules: dict[str, list[str]] = {}
    for module, tree in program.trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules.setdefault(node.name, []).append(module)
    return [f"{name}: {', '.join(found)}" for name, found in modules.items() if len(found) > 1]


#: What makes chunks and their findings, and the packages whose source is no part of a cache key.
MAKES_CHUNKS = re.compile(r"build\.(chunks\.\w+|looks\.\w+|validate|merge|cache)")
NOT_IN_CHUNKS = frozenset({"cli", "diff", "editors", "fix", "infer", "package", "store", "verify"})


def forgotten_by_cache_keys(program: Program) -> list[str]:
    """Modules that what makes chunks imports, or its imports do, though no cache key depends on them."""
    targets: dict[str, set[str]] = {}
    for found in program.imports:
        if found.target:  # `from release import __version__`
            targets.setdefault(found.module, set()).add(found.target)
    seen: set[str] = set()
    pending = [name for name in program.paths if MAKES_CHUNKS.fullmatch(name)]
    while pending:
        if (name := pending.pop()) not in seen:
            seen.add(name)
            pending += targets.get(name, ())
    return sorted(name for name in seen if name.split(".")[0] in NOT_IN_CHUNKS)


@pytest.fixture(scope="module")
def program() -> Program:
    """The program as it stands."""
    return Program(SOURCE, rows())


def test_the_table_lists_every_package_once(program: Program) -> None:
    """docs/architecture.md names each package, and nothing that is none."""
    listed = [name for row in program.rows for name in row]
    known = {name.split(".")[0] for name in program.paths} - {"", "__main__"}
    assert sorted(listed) == sorted(known)


RULES = [
    *(upward, circles, private, large, named_in_texts, unsuitable_names, at_the_edge),
    *(questions, without_period, repeated_classes, forgotten_by_cache_keys),
]


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_program_keeps_the_rule(program: Program, rule: Callable[[Program], list[str]]) -> None:
    """Each rule of docs/architecture.md holds for every module."""
    assert rule(program) == []


def test_cache_keys_leave_out_the_packages_of_the_rule() -> None:
    """The program and `forgotten_by_cache_keys` mean the same packages."""
    assert fingerprint.NOT_IN_CHUNKS == NOT_IN_CHUNKS


def test_the_benchmark_has_no_circle() -> None:
    """Its modules import each other one way, under TYPE_CHECKING too."""
    benchmark = Program(BENCHMARKS, (), "benchmarks")
    assert benchmark.imports
    assert circles(benchmark) == []


def test_a_circle_of_the_benchmark_would_be_seen(tmp_path: Path) -> None:
    """The rule looks at imports of the package it is given, not of the program only."""
    (tmp_path / "a.py").write_text("from benchmarks import b\n")
    (tmp_path / "b.py").write_text("if TYPE_CHECKING:\n    from benchmarks.a import x\n")
    assert circles(Program(tmp_path, (), "benchmarks")) == ["a -> b -> a"]


#: Small programs that break a rule: what they hold, and what is found.
BROKEN: list[tuple[Callable[[Program], list[str]], dict[str, str], list[str]]] = [
    (
        upward,
        {"low/a.py": "def f():\n    from release.high import b\n", "high/b.py": ""},
        ["low.a:2: imports b of high.b"],
    ),
    (
        upward,
        {"left/a.py": "if TYPE_CHECKING:\n    import release.right.b\n", "right/b.py": ""},
        ["left.a:2: imports right.b of right.b"],
    ),
    (
        circles,
        {
            "low/a.py": "from release.low import b\n",
            "low/b.py": "def f():\n    from release.low.a import x\n",
        },
        ["low.a -> low.b -> low.a"],
    ),
    (
        private,
        {"low/a.py": "from release.low.b import _x\n", "low/b.py": ""},
        ["low.a:1: imports _x of low.b"],
    ),
    (
        private,
        {"low/a.py": "from release.low import b\nb._x()\n", "low/b.py": ""},
        ["low.a:2: uses b._x"],
    ),
    (
        private,
        {"high/a.py": "from release.build.chunks import c\n", "build/chunks/c.py": ""},
        ["high.a:1: imports c of build.chunks.c"],
    ),
    (large, {f"low/a{n}.py": "" for n in range(15)}, ["low: 15 entries"]),
    (large, {"low/a.py": "x = 1\n" * 301}, ["low.a: 301 lines"]),
    (large, {"low/a.py": "def f():\n" + "    x = 1\n" * 40}, ["low.a.f: 41 lines"]),
    (
        named_in_texts,
        {"low/a.py": "x = 'release.high.b'\n", "high/b.py": ""},
        ["low.a:1: names release.high.b"],
    ),
    (unsuitable_names, {"low/opened.py": "", "low/lists.py": ""}, ["low.opened"]),
    (
        unsuitable_names,
        {"low/whole.py": "", "low/sorted_rows.py": ""},
        ["low.sorted_rows", "low.whole"],
    ),
    (
        without_period,
        {"low/a.py": '"""Rain"""\ndef f():\n    """Fall.\n\n    Hard"""\n'},
        ["low.a:1: Rain"],
    ),
    (
        questions,
        {"low/a.py": '"""Which it is."""\ndef f():\n    """Whichever falls."""\n'},
        ["low.a:1: Which it is."],
    ),
    (
        repeated_classes,
        {"low/a.py": "class A: ...\nclass _B: ...\n", "low/b.py": "class A: ...\nclass _B: ...\n"},
        ["A: low.a, low.b"],
    ),
    (
        forgotten_by_cache_keys,
        {
            "build/chunks/make.py": "from release.low import a\n",
            "low/a.py": "def f():\n    from release.store import b\n",
            "store/b.py": "",
            "store/c.py": "",
        },
        ["store.b"],
    ),
    (at_the_edge, {"low/a.py": "print(1)\n"}, ["low.a: calls print"]),
    (at_the_edge, {"low/a.py": "import sys\nx = sys.argv\n"}, ["low.a: has sys.argv"]),
    (at_the_edge, {"low/a.py": "x = date.today()\n"}, ["low.a: calls date.today"]),
]


@pytest.mark.parametrize(("rule", "files", "expected"), BROKEN)
def test_a_rule_that_is_broken_is_seen(
    tmp_path: Path,
    rule: Callable[[Program], list[str]],
    files: dict[str, str],
    expected: list[str],
) -> None:
    """Each rule finds what it is for in a program that breaks it."""
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    order = (("high",), ("build",), ("left", "right"), ("low",))
    assert rule(Program(tmp_path, order)) == expected


#: A check of a small dataset, of which everything is cached the second time.
CHECK = """
from release import cli
cli.main(["check", "--cache", "cache"])
"""


def test_a_check_of_which_everything_is_cached_loads_nothing_heavy(tmp_path: Path) -> None:
    """The first check loads what finds faults; the second looks up what was found, and so does any import."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/rain.md").write_text("---\ncount: 3\n---\nIt rained.\n")
    (tmp_path / "datapackage.yaml").write_text(
        "name: notes\nversion: 0.1.0\ncreated: 2026-01-02T03:04:05Z\n"
        "records:\n  notes: {path: 'notes/{id}.md'}\n"
        "resources:\n  - name: notes\n    rows: notes\n    schema:\n      primaryKey: id\n"
        "      fields:\n        - {name: id, type: string, from: '{id}'}\n"
        "        - {name: count, type: integer, from: count}\n"
        "        - {name: text, type: string, from: $body}\n"
    )
    assert {"pyarrow", "numpy"} <= loaded_by(CHECK, tmp_path)
    assert loaded_by(CHECK, tmp_path) == frozenset()


def test_nine_functions_in_ten_fit_in_25_lines(program: Program) -> None:
    """A function is short enough to be read at once, with few exceptions."""
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1
        for tree in program.trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert sum(length <= 25 for length in lengths) / len(lengths) >= 0.9


def test_every_module_says_what_it_is_for(program: Program) -> None:
    """A module's docstring begins with its job in one line."""
    for name, tree in program.trees.items():
        first = (ast.get_docstring(tree) or "").split("\n")[0]
        assert first.endswith((".", ":")), name


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


def test_the_program_knows_no_word_of_the_dataset(program: Program) -> None:
    """Names and texts of the program are about records and tables, never about what they hold."""
    found = [
        f"{module}:{line}: {word}"
        for module, path in program.paths.items()
        for word, line in words(path.read_text("utf-8"))
        if word in DATASET
    ]
    assert found == []


def test_templates_know_no_word_of_the_dataset() -> None:
    """What every release's texts are made from holds for every dataset."""
    # the script is left out: it has words of its own in two languages, and libraries
    files = (SOURCE / "package/templates").iterdir()
    templates = sorted(path for path in files if path.suffix != ".js")
    assert templates
    for path in templates:
        of_html = r'\b(lang|scope|role)="\w+"|Content-Security-Policy'
        text = re.sub(of_html, "", path.read_text("utf-8"))
        found = set(re.findall(r"[^\W_]+", text.lower())) & DATASET
        assert found == set(), path.name


def test_a_word_of_the_dataset_would_be_found() -> None:
    """The check sees names, attributes, arguments and texts, and spares docstrings."""
    text = '"""scores"""\ndef f(policy_id):\n    """zh"""\n    return x.zh + "a score of 3"\n'
    assert sorted(w for w, _ in words(text) if w in DATASET) == ["policy", "score", "zh"]


def test_the_process_of_the_referee_loads_no_arrow(tmp_path: Path) -> None:
    """It is started for each build, and judges CSV alone."""
    loaded = loaded_by("from release.package.referee import judgement", tmp_path)
    assert loaded & {"pyarrow", "numpy", "duckdb"} == set()
