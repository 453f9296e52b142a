"""The code blocks of the documentation, and what they print here; `--accept` writes that into the pages.

A block is written as a file (`file=NAME` behind its language), run as commands (`console`, `sh`), as a
script (`python`) or as a query (`sql`), or read as a part of a descriptor (`yaml`). What a console prints is
compared to the letter, sizes aside; `…` alone in its first line stands for any lines, and `words` behind
`console` says that only words are compared. All blocks of a page run one after the other in one folder,
which is empty or begins as `BEGINS` says.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.descriptor import load, vocabulary
from release.syntax.yaml import read_yaml
from tests.support.datasets import NOTES

ROOT = Path(__file__).parents[2]
ACCEPT = ".venv/bin/python -m tests.support.documentation --accept"

#: What a Python of its own needs to import what this one imports.
PYTHONPATH = os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])

#: What the folder of a page holds before its first block; see `begin`.
BEGINS = {
    "README.md": "clone",
    "CONTRIBUTING.md": "clone",
    "dist/README.md": "built",
    "docs/explanation/reproducible.md": "notes",
    "docs/explanation/verify.md": "notes",
    "docs/how-to/export.md": "built",
    "docs/how-to/load.md": "built",
    "docs/how-to/query.md": "built",
    "docs/how-to/clusters.md": "notes",
    "docs/how-to/install.md": "notes",
    "docs/how-to/paper.md": "notes",
    "docs/how-to/publish.md": "notes",
    "docs/how-to/verify.md": "notes",
    "docs/how-to/versions.md": "notes",
    "docs/reference/cli.md": "notes",
    "docs/reference/descriptor.md": "notes",
    "docs/reference/files.md": "notes",
    "docs/reference/findings.md": "notes",
    "docs/reference/formats.md": "notes",
    "docs/reference/python.md": "notes",
}

_INSTALLS, _CLUSTER = (
    "it installs packages",
    "it needs a cluster of other machines, or an account for one",
)

#: Blocks that nothing runs here, by page and first line, and why.
NOT_RUN = {
    (
        "CONTRIBUTING.md",
        ".venv/bin/python -m tests.support.documentation             # shows what the pages should show",
    ): "it runs all pages, this one among them",
    (
        "CONTRIBUTING.md",
        ".venv/bin/python -m tests.support.faults             # shows each finding and its text",
    ): "it writes files that other tests are reading",
    (
        "dist/README.md",
        ".venv/bin/release verify --rebuild dist/0.1.0",
    ): "README.md has it too, where it is run",
    (
        "docs/how-to/clusters.md",
        "release build --scheduler local --workers 2",
    ): "starting a cluster takes long, and tests/build/test_cluster.py does it",
    ("docs/how-to/clusters.md", "pip install 'records-release[dask]'"): _INSTALLS,
    ("docs/how-to/clusters.md", "pip install 'records-release[dask,s3]'"): _INSTALLS,
    ("docs/how-to/clusters.md", "FROM python:3.12-slim"): _CLUSTER,
    ("docs/how-to/install.md", "pipx install records-release"): _INSTALLS,
    ("docs/how-to/install.md", "uv tool install records-release"): _INSTALLS,
    ("docs/how-to/install.md", "uvx --from records-release release check"): _INSTALLS,
    ("docs/how-to/install.md", "pipx run --spec records-release release check"): _INSTALLS,
    ("docs/how-to/install.md", "python -m venv .venv"): _INSTALLS,
    ("docs/how-to/install.md", "podman build --tag release ."): _INSTALLS,
    ("docs/how-to/clusters.md", "# cluster.py, run where kubectl works"): _CLUSTER,
    (
        "docs/how-to/clusters.md",
        "kubectl run release --rm -it --restart=Never --image=IMAGE -- \\",
    ): _CLUSTER,
    (
        "docs/how-to/clusters.md",
        "# build.py: sbatch --cpus-per-task=4 --mem=16G --wrap 'python build.py'",
    ): _CLUSTER,
    ("docs/how-to/clusters.md", "import os"): _CLUSTER,
    (
        "docs/how-to/fix.md",
        "pip install 'records-release[watch]'",
    ): "it ends by Ctrl-C only; tests/cli/test_watch.py does both",
    (
        "docs/how-to/publish.md",
        "python -m http.server --directory public",
    ): "it serves without end",
    (
        "docs/how-to/publish.md",
        "release verify http://localhost:8000/0.1.0",
    ): "nothing serves; tests/verify/test_fetch.py verifies over http",
    (
        "docs/how-to/verify.md",
        "release verify https://example.org/data/0.1.0",
    ): "nothing stands at this address",
    (
        "docs/how-to/verify.md",
        "mkdir /tmp/x && cp -r datapackage.yaml codelists seeds LICENSE /tmp/x",
    ): "reprotest is not among what the lock installs",
    ("docs/how-to/load.md", "library(arrow)"): "R is not among what the lock installs",
    (
        "docs/how-to/load.md",
        "from pyspark.sql import SparkSession",
    ): "nor is Spark, which needs Java",
    ("docs/how-to/load.md", "from datafusion import SessionContext"): "nor DataFusion",
    (
        "docs/how-to/load.md",
        "import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'",
    ): "nor hyparquet; tests/outside/test_readme.py has both",
}

#: `make release` builds in the page's folder, with .venv as it is. Any other target would test, lint or
#: measure: make only works out its commands. What a make around all this was told is not for these.
_PRELUDE = """
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES ARGS
release() { "$PYTHON" -m release "$@"; }
make() {
  case "$1" in
    release) command make -s -o .venv/.locked -o .venv/.installed "$@" ;;
    *) command make -n -C "$ROOT" "$@" > /dev/null ;;
  esac
}
"""

#: The notes of other tests, with a title, and years that are years.
_NOTES = NOTES.replace("name: notes\n", "name: notes\ntitle: Notes\n", 1).replace(
    "type: integer, from: year", "type: year, from: year"
)

#: A whole descriptor, parts of which the fragments on pages replace.
_FRAGMENTS = """\
name: notes
version: 0.1.0
created: '2026-01-31T00:00:00Z'
records:
  notes:
    path: notes/{language}/{note}.md
    prefer: {language: [en, zh]}
resources:
  - name: notes
    rows: notes
    schema:
      primaryKey: [note, language]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: language, type: string, from: "{language}"}
        - {name: year, type: year, from: year}
        - {name: published, type: date, from: published}
  - name: links
    rows: {path: notes/link, set: {kind: link}}
    schema:
      primaryKey: [note, language, kind]
      fields:
        - {name: note, type: string, from: "{note}"}
        - {name: language, type: string, from: "{language}"}
        - {name: kind, type: string, from: "{kind}"}
        - {name: link, type: string, from: $value}
"""


@dataclass(frozen=True)
class Block:
    """One fenced block: its page, the line of its fence, its language and what stands behind that."""

    page: str
    line: int
    language: str
    about: str
    text: str

    @property
    def name(self) -> tuple[str, str]:
        """The page and the first line, by which NOT_RUN names a block."""
        return self.page, self.text.partition("\n")[0]

    @property
    def file(self) -> str | None:
        """The file that the block is written to, if it is one."""
        found = re.search(r"\bfile=(\S+)", self.about)
        return found[1] if found else None


@dataclass(frozen=True)
class Difference:
    """A command of a page that prints something else here."""

    block: Block
    command: str
    shown: str
    printed: str

    def __str__(self) -> str:
        where = f"{self.block.page}:{self.block.line}: $ {self.command}"
        return f"{where}\n{self.printed}\nThe page shows something else. If this is right: {ACCEPT}"


def pages() -> list[str]:
    """Return the path of every page, decision records included, but for those that `rule_pages` makes."""
    found = [*ROOT.glob("*.md"), ROOT / "dist/README.md", *(ROOT / "docs").rglob("*.md")]
    names = (path.relative_to(ROOT).as_posix() for path in found)
    return sorted(name for name in names if not name.startswith("docs/reference/rules/"))


def blocks(page: str, root: Path = ROOT) -> Iterator[Block]:
    """Find the fenced blocks of a page."""
    text = (root / page).read_text("utf-8")
    for match in re.finditer(
        r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL
    ):
        inside = re.sub(rf"^{match[1]}", "", match[4], flags=re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match[2], match[3].strip(), inside)


def indented(page: str) -> Iterator[int]:
    """Find the lines that Markdown shows as code for their indentation alone: nothing runs these."""
    text = (ROOT / page).read_text("utf-8")
    fenced = re.sub(r"^( *)```.*?^\1```$", _blank, text, flags=re.MULTILINE | re.DOTALL)
    before, in_list = "", False
    for number, line in enumerate(fenced.splitlines(), 1):
        if line.strip():
            in_list = bool(re.match(r" *([-*]|\d+\.) ", line)) or (in_list and line.startswith(" "))
        if line.startswith("    ") and not before.strip() and not in_list:
            yield number
        before = line


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Take the commands of a console apart, each with what it printed."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, output = _split(part)
        yield command, output


def _split(part: str) -> tuple[str, str]:
    """Part a command, with the lines that a backslash joins to it, from what it printed."""
    found = re.match(r"(?:[^\n]*\\\n)*[^\n]*", part)
    command = found[0] if found else ""
    return command, part[len(command) + 1 :]


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in bash, with `release` as it is here; its errors are part of its output."""
    return subprocess.run(
        ["bash", "-c", f"set -eo pipefail; {_PRELUDE}\n{command}"],
        cwd=folder,
        env={
            **os.environ,
            "HOME": str(folder.parent / "home"),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHON": sys.executable,
            "PYTHONPATH": PYTHONPATH,
            "ROOT": str(ROOT),
            "XDG_CACHE_HOME": str(folder.parent / "cache"),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def begin(page: str, folder: Path, kept: Path) -> None:
    """Put into a page's folder what its commands take for granted; `kept` has what several pages share."""
    how = BEGINS.get(page, "empty")
    if how == "empty":
        folder.mkdir(parents=True)
    elif how == "notes":
        shutil.copytree(_once(kept, _begin_notes), folder)
    else:
        _begin_clone(folder)
        if how == "built":
            shutil.copytree(_once(kept, _begin_built) / "dist", folder / "dist")


def _once(kept: Path, make: Callable[[Path], None]) -> Path:
    folder = kept / make.__name__ / "work"
    if not folder.exists():
        make(folder)
    return folder


def _begin_clone(folder: Path) -> None:
    """Copy the dataset of the repository and its Makefile, with .venv as it is."""
    folder.mkdir(parents=True)
    for name in (
        "Makefile",
        "requirements.lock",
        "requirements-dev.lock",
        "pyproject.toml",
        "datapackage.yaml",
        "LICENSE",
    ):
        shutil.copy(ROOT / name, folder / name)
    for name in ("seeds", "codelists"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)


def keep_built(kept: Path, release: Path) -> None:
    """Keep a release of the repository's dataset that was built already, in its store."""
    folder = kept / _begin_built.__name__ / "work"
    _begin_clone(folder)
    shutil.copytree(release.parent, folder / "dist")


def _begin_built(folder: Path) -> None:
    """Build the release of the repository's dataset."""
    _begin_clone(folder)
    _expect(shell("release build", folder))


def _begin_notes(folder: Path) -> None:
    """Build a small dataset; make a key to sign with, and the file that trusts it."""
    (folder / "notes").mkdir(parents=True)
    (folder / "notes/first.md").write_text("---\ntitle: The first\nyear: 2025\n---\n", "utf-8")
    (folder / "datapackage.yaml").write_text(_NOTES, "utf-8")
    _expect(shell("release build", folder))
    if shutil.which("ssh-keygen"):
        key = folder / "id_ed25519"
        _expect(shell(f"ssh-keygen -q -t ed25519 -N '' -C '' -f {key}", folder))
        trusted = key.with_suffix(".pub").read_text("utf-8")
        trusted = f'curator@example.org namespaces="release" {trusted}'
        (folder / "signers").write_text(trusted, "utf-8")


def _expect(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stdout


@dataclass(frozen=True)
class Ran:
    """What running a page showed: the commands that print something else, and what each script printed."""

    differences: list[Difference]
    printed: list[tuple[Block, str]]


def run(page: str, folder: Path, root: Path = ROOT) -> Ran:
    """Run every block of a page that is not in NOT_RUN.

    Raises:
        AssertionError: a block fails, or nothing knows how to run it.
    """
    ran = Ran([], [])
    for block in blocks(page, root):
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
        elif block.name in NOT_RUN:
            _read(block)
        elif block.language == "console":
            ran.differences.extend(_run_console(block, folder))
        elif block.language == "yaml":
            read_fragment(block.text, folder)
        else:
            ran.printed.append((block, _run(block, folder)))
    return ran


def _run_console(block: Block, folder: Path) -> Iterator[Difference]:
    for command, shown in commands(block):
        printed = shell(command, folder).stdout
        one, other = without_sizes(shown), without_sizes(printed)
        if one.startswith("…\n"):
            other = f"…\n{other[-len(one) + 2 :]}"
        if "words" in block.about.split():
            one, other = " ".join(one.split()), " ".join(other.split())
        if one != other:
            yield Difference(block, command, shown, printed)


def _run(block: Block, folder: Path) -> str:
    """Run a block that shows no output: it is right if it does not fail."""
    if block.language == "sh":
        command = block.text
    elif block.language == "python":
        command = f'"$PYTHON" - <<"END"\n{block.text}END'
    elif block.language == "sql":
        code = f"import duckdb; print(duckdb.sql({block.text!r}).fetchall())"
        command = f'"$PYTHON" - <<"END"\n{code}\nEND'
    else:
        what = block.language or "no language"
        raise AssertionError(f"{block.page}:{block.line}: nothing runs this block in {what}")
    ran = shell(command, folder)
    assert ran.returncode == 0, f"{block.page}:{block.line}: {ran.stdout}"
    return ran.stdout


def _read(block: Block) -> None:
    """Read a block that cannot be run here: it is at least well-formed."""
    if block.language == "python":
        compile(block.text, block.page, "exec")
    elif block.language == "sh":
        ran = subprocess.run(["bash", "-n", "-c", block.text], check=False, capture_output=True)
        assert ran.returncode == 0, ran.stderr
        for module in re.findall(r"python -m (tests\.\S+)", block.text):
            assert importlib.util.find_spec(module), module


def without_sizes(text: str) -> str:
    """Leave sizes out: those of Parquet and buildinfo.json depend on the toolchain."""
    return re.sub(r" *\b[\d.]+ (bytes|kB|MB)\b", " SIZE", text)


def read_fragment(text: str, folder: Path) -> None:
    """Read a part of a descriptor in the place of the same part of a whole one.

    Raises:
        UsageError: the descriptor is not right.
        AssertionError: the fragment is no part of a descriptor.
    """
    whole = _value(_FRAGMENTS)
    part = _value(text)
    if part.keys() <= {*vocabulary.PROPERTIES["package"]}:
        whole |= part
    elif part.keys() == {"fields"}:
        whole["resources"][-1]["schema"]["fields"] += part["fields"]
    else:
        assert part.keys() <= {*vocabulary.PROPERTIES["resource"]}, sorted(part)
        whole["resources"][-1] |= part
    path = folder / "fragment.yaml"
    path.write_text(json.dumps(whole), "utf-8")
    load.load(path)
    path.unlink()


def _value(text: str) -> Any:
    value, faults = read_yaml(text)
    assert not faults, faults
    return value


def main(accept: bool, named: Sequence[str]) -> None:
    """Run every page, or those named, and show or accept what is different."""
    with tempfile.TemporaryDirectory() as temporary:
        for page in named or [page for page in pages() if not page.endswith(".zh.md")]:
            folder = Path(temporary) / page / "work"
            begin(page, folder, Path(temporary) / "kept")
            differences = run(page, folder).differences
            for difference in differences:
                print(difference)
            for difference in reversed(differences) if accept else []:
                _accept(difference)


def _accept(difference: Difference) -> None:
    """Put what a command printed into its page; what a page leaves out in front stays left out.

    Those of one page are accepted from its end, so that lines above stay where they are.
    """
    path = ROOT / difference.block.page
    text = path.read_text("utf-8")
    printed = difference.printed
    if difference.shown.startswith("…\n"):
        lines = difference.shown.count("\n") - 1
        printed = "…\n" + "".join(printed.splitlines(keepends=True)[-lines:])
    if "words" in difference.block.about.split():
        columns = "  ".join(printed.split())
        printed = textwrap.fill(columns, 80, break_on_hyphens=False, break_long_words=False) + "\n"
    old, new = (f"$ {difference.command}\n{each}" for each in (difference.shown, printed))
    block = "".join(text.splitlines(keepends=True)[: difference.block.line])
    assert old in text[len(block) :], f"{path}: not found: {old}"
    path.write_text(block + text[len(block) :].replace(old, new, 1), "utf-8")


if __name__ == "__main__":
    main("--accept" in sys.argv, [name for name in sys.argv[1:] if name != "--accept"])
