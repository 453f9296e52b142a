"""A descriptor or a command line that cannot be used: exit code 2, and what is said of it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import descriptor_faults
from tests.support.descriptor_faults import ACCEPT, BASE, CASES, golden
from tests.support.kit import run, snapshot, unwaited

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small dataset that can be used; it is the working folder."""
    descriptor_faults.write_dataset(tmp_path)
    (tmp_path / "datapackage.yaml").write_text(BASE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_descriptor_without_a_fault_can_be_used(dataset: Path) -> None:
    """Each fault below is one change to a descriptor that is right."""
    assert run("check") == (0, "2 records, 0 errors, 0 warnings\n", "")
    assert (dataset / "datapackage.yaml").read_text() == BASE


@pytest.mark.parametrize("name", CASES)
def test_a_descriptor_that_cannot_be_used_is_refused_word_for_word(
    name: str, dataset: Path
) -> None:
    """Exit code 2, every problem on stderr with its line and column, and nothing else."""
    code, out, err = descriptor_faults.check(name, dataset)
    assert (code, out) == (2, "")
    assert err.startswith("release: datapackage.yaml:")
    assert err == golden().get(name), f"read it, then: {ACCEPT}"


@pytest.mark.parametrize("name", CASES)
def test_a_descriptor_that_cannot_be_used_builds_nothing(name: str, dataset: Path) -> None:
    """No store is made where the descriptor is refused."""
    (dataset / "datapackage.yaml").write_text(descriptor_faults.changed(name), encoding="utf-8")
    before = snapshot(dataset)
    assert run("build", "--out", "store")[0] == 2
    assert snapshot(dataset) == before


def test_the_golden_file_has_no_faults_of_its_own() -> None:
    """What is accepted is what is tested, in the same order."""
    assert list(golden()) == list(CASES), f"run: {ACCEPT}"


@pytest.mark.parametrize("end", [";", " -- no more", ";\n-- no more\n"])
def test_a_query_may_end_as_sql_does(end: str, dataset: Path) -> None:
    """A semicolon or a comment at the end of a check's query is no fault."""
    query = json.dumps(f"SELECT 1 WHERE false{end}")
    (dataset / "datapackage.yaml").write_text(BASE.replace("SELECT 1 WHERE false", query))
    assert run("check") == (0, "2 records, 0 errors, 0 warnings\n", "")


# the file


def test_a_descriptor_that_is_not_there_is_refused(dataset: Path) -> None:
    """Exit code 2, and the path that was looked at."""
    (dataset / "datapackage.yaml").unlink()
    message = "cannot be read: No such file or directory; expected a descriptor"
    assert run("check") == (2, "", f"release: datapackage.yaml: {message}\n")
    assert run("check", "--descriptor", "else/where.yaml") == (
        2,
        "",
        f"release: else/where.yaml: {message}\n",
    )


def test_a_descriptor_that_is_a_folder_is_refused(dataset: Path) -> None:
    """Exit code 2, and what was expected."""
    message = "is no regular file, expected one"
    assert run("check", "--descriptor", "records") == (2, "", f"release: records: {message}\n")
    assert (dataset / "records").is_dir()


@pytest.mark.parametrize("command", ["check", "build", "bump"])
def test_a_descriptor_that_is_a_pipe_is_not_waited_for(dataset: Path, command: str) -> None:
    """Nobody may ever write to it, and what is written there would be gone when it was read."""
    (dataset / "datapackage.yaml").unlink()
    os.mkfifo(dataset / "datapackage.yaml")
    message = "is no regular file, expected one"
    with unwaited():
        assert run(command) == (2, "", f"release: datapackage.yaml: {message}\n")


def test_a_descriptor_that_is_not_utf_8_is_refused(dataset: Path) -> None:
    """Exit code 2, and what is wrong with it."""
    (dataset / "datapackage.yaml").write_bytes(BASE.encode("utf-16"))
    code, out, err = run("check")
    assert (code, out) == (2, "")
    assert err.startswith("release: datapackage.yaml")
    assert "UTF-8" in err


def test_a_descriptor_may_have_a_byte_order_mark_or_be_refused_for_it(dataset: Path) -> None:
    """A byte-order mark is no part of a name: the first property is not called unknown."""
    (dataset / "datapackage.yaml").write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    code, _out, err = run("check")
    assert code in (0, 2)
    assert "unknown property" not in err


@pytest.mark.parametrize("begins", [b"", b"\xef\xbb\xbf"])
def test_a_character_that_begins_nothing_is_named(dataset: Path, begins: bytes) -> None:
    """The one that stands there, also where a byte-order mark, which counts for none, stands before it."""
    text = "title: Grüße 🌧\nname: @notes\n"
    (dataset / "datapackage.yaml").write_bytes(begins + text.encode())
    message = (
        "not well-formed YAML: found a value that begins with '@'; put quotes around the value: "
        '"@notes"'
    )
    assert run("check") == (2, "", f"release: datapackage.yaml:2:7: {message}\n")


def test_a_descriptor_with_nul_bytes_is_refused(dataset: Path) -> None:
    """Exit code 2 and a place."""
    (dataset / "datapackage.yaml").write_bytes(BASE.encode().replace(b"layout", b"lay\0out"))
    code, out, err = run("check")
    assert (code, out) == (2, "")
    assert err.startswith("release: datapackage.yaml:9:19: ")


# the command line


CAPTURES = "expected the captures {language}, {note_id} in the pattern"
NOT_LOWERED = "as the release would break its own schema; change the record or the schema"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("records", "notes", " notes: expected KIND=PATTERN with a kind of notes"),
        (
            "records",
            "note=a/{note_id}.md",
            " note=a/{note_id}.md: expected KIND=PATTERN with a kind of notes",
        ),
        ("records", "notes=a/{note_id}.md", f" notes=a/{{note_id}}.md: {CAPTURES}"),
        (
            "records",
            "notes={language}/{note_id}/{n}.md",
            f" notes={{language}}/{{note_id}}/{{n}}.md: {CAPTURES}",
        ),
        ("records", "notes=", f" notes=: {CAPTURES}"),
        (
            "records",
            "notes=a/{language}{note_id}.md",
            (
                " notes=a/{language}{note_id}.md: expected something between two captures at character 13 "
                "of the pattern"
            ),
        ),
        (
            "records",
            "notes={language}/{note_id}/{.md",
            (
                " notes={language}/{note_id}/{.md: expected a {capture} of letters, digits and _ at "
                "character 22 of the pattern"
            ),
        ),
        ("severity", "unmapped-path", " unmapped-path: expected RULE=error or RULE=warning"),
        ("severity", "unmapped-path=info", ": unmapped-path is 'info', expected error or warning"),
        (
            "severity",
            "unmaped-path=error",
            ": unmaped-path is no rule, expected the name of one; did you mean 'unmapped-path'?",
        ),
        (
            "severity",
            "duplicate-key=warning",
            f": duplicate-key cannot be a warning, {NOT_LOWERED}",
        ),
        (
            "severity",
            "title-minLength=warning",
            f": title-minLength cannot be a warning, {NOT_LOWERED}",
        ),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(
    option: str, value: str, message: str, dataset: Path
) -> None:
    """Exit code 2, the option as it was given, and what was expected; nothing is built."""
    before = snapshot(dataset)
    refused = (2, "", f"release: --{option}{message}\n")
    assert run("check", f"--{option}", value) == refused
    assert run("build", "--out", "store", f"--{option}", value) == refused
    assert snapshot(dataset) == before


@pytest.mark.parametrize(
    "arguments", [[], ["chekc"], ["check", "--recods", "x"], ["check", "--format", "xml"]]
)
def test_a_command_line_that_cannot_be_read_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The parser ends the process with 2 and says on stderr how to learn more."""
    with pytest.raises(SystemExit) as ended, contextlib.redirect_stdout(None):
        run_bare(arguments)
    assert ended.value.code == 2
    assert " --help` " in capsys.readouterr().err


def run_bare(arguments: list[str]) -> None:
    """The command line itself, for what argparse prints."""
    from release import cli

    cli.main(arguments)


# no descriptor may end in a traceback

REPLACEMENTS: list[Any] = [
    None,
    7,
    -1.5,
    True,
    "",
    "text",
    "{x}",
    "$x",
    "a.b",
    [],
    ["x"],
    [None],
    {},
    {"x": "y"},
    [[]],
]
DELETED = object()


def nodes(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of every node of a descriptor but its root."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, item in items:
        yield (*place, key)
        yield from nodes(item, (*place, key))


def mutated(value: Any, place: tuple[str | int, ...], by: Any) -> Any:
    """A copy of a descriptor with the node at a place deleted or replaced."""
    result = copy.deepcopy(value)
    holder = result
    for key in place[:-1]:
        holder = holder[key]
    if by is DELETED:
        del holder[place[-1]]
    else:
        holder[place[-1]] = by
    return result


def ending(*arguments: str) -> str:
    """How a command ended: nothing where it may end like that, and else what is wrong with it."""
    try:
        code, _out, err = run(*arguments)
    except BaseException as error:  # noqa: BLE001 — any exception here is a bug
        return f"{type(error).__name__}: {error}"
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and not err.startswith("release: "):
        return f"no message: {err}"
    return ""


#: How many changes are tried; RELEASE_MUTATIONS asks for more.
MUTATIONS = int(os.environ.get("RELEASE_MUTATIONS", "200"))


def test_no_change_to_the_shipped_descriptor_ends_in_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any node of datapackage.yaml deleted or replaced: exit code 0, 1 or 2, and never an exception."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    shutil.copytree(ROOT / "codelists", tmp_path / "codelists")
    monkeypatch.chdir(tmp_path)
    shipped = yaml.safe_load((ROOT / "datapackage.yaml").read_text(encoding="utf-8"))
    choose = random.Random(20261122)
    places = list(nodes(shipped))
    wrong = []
    for _ in range(MUTATIONS):
        place = choose.choice(places)
        by = choose.choice([DELETED, *REPLACEMENTS])
        text = json.dumps(mutated(shipped, place, by), ensure_ascii=False, indent=1)
        (tmp_path / "datapackage.yaml").write_text(text, encoding="utf-8")
        if problem := ending("check"):
            wrong.append(f"{place} -> {'deleted' if by is DELETED else repr(by)}: {problem[:300]}")
    assert wrong == []


def everything() -> dict[str, Any]:
    """A small descriptor with every property there is, ours and the standard's."""
    descriptor: dict[str, Any] = yaml.safe_load(BASE)
    descriptor |= {
        "title": "Notes",
        "description": "What it is",
        "homepage": "https://example.org",
        "id": "notes",
        "keywords": ["rain"],
        "image": "notes.png",
        "licenses": [{"name": "CC0-1.0", "path": "https://example.org/licence", "title": "CC0"}],
        "sources": [
            {"title": "A book", "path": "https://example.org/book", "email": "a@example.org"}
        ],
        "contributors": [{"title": "Ann", "roles": ["author"], "path": "https://example.org/ann"}],
        "severity": {"unmapped-path": "warning"},
    }
    notes = descriptor["resources"][0]
    notes |= {
        "title": "Notes",
        "description": "One row per note",
        "homepage": "https://example.org",
        "sources": [{"title": "A book"}],
        "licenses": [{"name": "CC0-1.0"}],
        "checks": [
            {
                "name": "short",
                "field": "title",
                "severity": "warning",
                "message": "{title}",
                "query": "SELECT note_id, language, title FROM notes WHERE length(title) < 2",
            }
        ],
    }
    notes["schema"]["fields"][2] |= {
        "title": "Title",
        "description": "The title",
        "example": "Rain",
        "rdfType": "https://example.org/title",
        "constraints": {
            "required": True,
            "unique": False,
            "minLength": 1,
            "maxLength": 99,
            "pattern": ".*",
            "enum": ["Rain", "Snow"],
        },
        "categories": [{"value": "Rain", "label": "Rain"}, {"value": "Snow"}],
        "categoriesOrdered": True,
    }
    notes["schema"]["fields"][4]["constraints"] = {
        "minimum": 0,
        "maximum": 9,
        "exclusiveMinimum": -1,
        "exclusiveMaximum": 10,
    }
    return descriptor


def test_the_descriptor_with_everything_builds(dataset: Path) -> None:
    """What is changed below is right to begin with."""
    (dataset / "datapackage.yaml").write_text(json.dumps(everything()))
    code, out, err = run("build", "--out", "store")
    assert (code, err) == (0, ""), out


def test_no_change_to_a_descriptor_with_everything_ends_in_a_traceback(dataset: Path) -> None:
    """The same for a build: where the schema of the standard is broken the build refuses, in words."""
    shipped = everything()
    choose = random.Random(1122)
    places = list(nodes(shipped))
    wrong = []
    for number in range(MUTATIONS):
        place = choose.choice(places)
        by = choose.choice([DELETED, *REPLACEMENTS])
        (dataset / "datapackage.yaml").write_text(json.dumps(mutated(shipped, place, by)))
        if problem := ending("build", "--out", f"store-{number}"):
            wrong.append(f"{place} -> {'deleted' if by is DELETED else repr(by)}: {problem[:300]}")
        assert not list(dataset.glob("store-*/.building-*"))
        shutil.rmtree(dataset / f"store-{number}", ignore_errors=True)
    assert wrong == []
