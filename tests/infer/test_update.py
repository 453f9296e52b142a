"""`release init --update` proposes what records have and the descriptor lacks, and takes nothing away."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import kit

NOTHING = "nothing to add: each value of the records has a place\n"

NOTES = {
    f"notes/{name}.md": f"---\ntitle: T{name}\nstatus: open\nsize: {at}\nlinks: [{{url: u{at}}}]\n---\n"
    for at, name in enumerate("abc")
}

#: As its user wrote it: other names, quotes, order, comments, indentation, and a line that does not end.
BY_HAND = """\
version: 0.1.0
"created": '2026-01-31T00:00:00Z'   # when I began
name: mine
resources:
- name: hyperlinks   # before the notes
  parent: pages
  rows: ".links.{at}"
  schema:
    fields:
    - {name: at, type: integer, from: "{at}"}
    -
      name: address
      from: $value.url

    # more to come
- name: pages
  rows: pages
  schema:
    primaryKey: page
    fields:
        - {name: page, from: "{page}"}
        - {name: 'headline', from: [title, "{page}"]}   # never empty
        - {name: state, from: status, codes: states}
        - {name: size, type: integer, from: size}
        # - {name: text, from: $body}
- {name: states, path: states.csv, codelist: {}, schema: {primaryKey: code, fields: [{name: code}]}}

# the end
records:
    pages:
        path: notes/{page}.md   # all of them
        ignore: [{path: secret, reason: mine}]"""

#: The same in one line for each property, as JSON has it.
IN_FLOW = """\
{name: mine, version: 0.1.0, created: "2026-01-31T00:00:00Z",
 records: {pages: {path: "notes/{page}.md"}},
 resources: [
  {name: states, path: states.csv, codelist: {}, schema: {primaryKey: code, fields: [{name: code}]}},
  {name: links, rows: "pages/links.{n}", schema: {primaryKey: [page, n], fields: [
    {name: page, from: "{page}"}, {name: n, type: integer, from: "{n}"}, {name: url, from: $value.url}]}},
  {name: pages, rows: pages, schema: {primaryKey: page, fields: [{name: page, from: "{page}"},
    {name: title, from: title}, {name: state, from: status, codes: states},
    {name: size, type: integer, from: size}]}}
]}
"""


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder, each line with the end that it has."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())


def begin(root: Path, descriptor: str = BY_HAND) -> Path:
    """Write a dataset of three notes with a descriptor of its user."""
    write(root, NOTES | {"datapackage.yaml": descriptor, "states.csv": "code\nopen\n"})
    return root


def update(root: Path) -> tuple[int, str]:
    """Propose an update; what it says, and nothing else, is written."""
    before = kit.tree(root)
    code, out, err = kit.run("init", str(root), "--update")
    assert (err, kit.tree(root)) == ("", before)
    return code, out


def apply(root: Path, diff: str) -> list[str]:
    """Apply a proposal, which removes nothing; return the lines that it adds to the descriptor."""
    done = subprocess.run(
        ["git", "apply", "-p1", "-"],
        input=diff,
        text=True,
        cwd=root,
        check=False,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    added = [each[1:].strip() for each in diff.splitlines() if re.match(r"\+(?!\+\+ )", each)]
    return [each for each in added if each]


def is_sound(root: Path) -> bool:
    """Return True if the dataset has no error."""
    return not kit.check(root).errors


@pytest.mark.parametrize("descriptor", [BY_HAND, IN_FLOW, BY_HAND.replace("\n", "\r\n")])
def test_nothing_new_is_nothing_to_add(descriptor: str, tmp_path: Path) -> None:
    """Whatever the descriptor's style and names, it says so, and the exit code is 0."""
    assert update(begin(tmp_path, descriptor)) == (0, NOTHING)


#: By name: files that come to the notes, and lines that an update adds to the descriptor by hand.
NEW = {
    "field": (
        {"notes/d.md": "---\ntitle: D\nauthor: {name: Ada}\nlinks: [{url: u, rel: me}]\n---\n"},
        ["- {name: rel, from: $value.rel}", "- {name: author_name, from: author.name}"],
    ),
    "list": (
        {"notes/d.md": "---\ntitle: D\ntags: [{name: x, at: 1}]\n---\n"},
        [
            "- name: tags",
            "parent: pages",
            "rows: .tags.{position}",
            "schema:",
            "fields:",
            "- {name: position, type: integer, from: '{position}'}",
            "- {name: name, from: $value.name}",
            "- {name: at, type: integer, from: $value.at}",
        ],
    ),
    "empty": (
        {"notes/d.md": "---\ntitle: D\nextra: []\n---\n"},
        ["{path: extra, reason: is empty in the only record that has it}, "],
    ),
    "kind": (
        {f"people/{name}.yaml": f"name: {name}\nborn: 1815\n" for name in ("ada", "alan")},
        [
            "- name: people",
            "rows: people",
            "schema:",
            "primaryKey: [name]",
            "fields:",
            "- {name: name, from: name}",
            "- {name: born, type: integer, from: born}",
            "people:",
            "path: people/{name}.yaml",
        ],
    ),
    "code": ({"notes/d.md": "---\ntitle: D\nstatus: closed\n---\n"}, ["closed"]),
    "ignored": ({"notes/d.md": "---\ntitle: D\nsecret: {x: 1}\n---\n"}, None),
}


@pytest.mark.parametrize("name", NEW)
def test_what_is_new_is_added_to_a_descriptor_by_hand(name: str, tmp_path: Path) -> None:
    """Applied, the proposal gives each value a place; nothing of the user's goes, and nothing is left."""
    files, lines = NEW[name]
    write(begin(tmp_path), files)
    code, out = update(tmp_path)
    if lines is None:
        assert (code, out) == (0, NOTHING)
        return
    added = apply(tmp_path, out)
    assert code == 0
    if name == "empty":
        (line,) = added
        assert lines[0] in line
    else:
        last = BY_HAND.rsplit("\n", maxsplit=1)[-1].strip()  # has an end now
        assert [line for line in added if line != last] == lines
        text = (tmp_path / "datapackage.yaml").read_bytes().decode()
        kept = iter(text.split("\n"))
        assert all(line in kept for line in BY_HAND.split("\n"))
    assert is_sound(tmp_path)
    assert update(tmp_path) == (0, NOTHING)


@pytest.mark.parametrize("name", ["field", "list", "empty", "kind"])
def test_what_is_new_is_added_between_brackets(name: str, tmp_path: Path) -> None:
    """In a descriptor written as JSON is, an item stands before the last one of its list."""
    write(begin(tmp_path, IN_FLOW), NEW[name][0])
    code, out = update(tmp_path)
    apply(tmp_path, out)
    assert code == 0
    assert is_sound(tmp_path)
    assert update(tmp_path) == (0, NOTHING)
    signs = iter((tmp_path / "datapackage.yaml").read_text())
    assert all(sign in signs for sign in IN_FLOW)


def test_lines_end_as_they_did(tmp_path: Path) -> None:
    """A descriptor and a codelist from Windows get lines from Windows."""
    write(begin(tmp_path, BY_HAND.replace("\n", "\r\n")), NEW["list"][0] | NEW["code"][0])
    write(tmp_path, {"states.csv": "code\r\nopen"})
    added = [each for each in update(tmp_path)[1].split("\n") if each.startswith("+")]
    assert added[-1].startswith("+closed")
    assert [line for line in added if line[-1:] != "\r" and line[:3] != "+++"] == []


def test_errors_that_no_addition_mends_are_named(tmp_path: Path) -> None:
    """A number that is no integer, with the type that would take it, and a record that cannot be read."""
    wrong = {"notes/d.md": "---\nsize: 1.5\n---\n", "notes/e.md": "---\nsize: 1\nsize: 2\n---\n"}
    write(begin(tmp_path), wrong)
    code, out = update(tmp_path)
    assert code == 1
    assert [re.sub(r"^  .*/notes/", "  ", line) for line in out.splitlines()] == [
        NOTHING.strip(),
        "errors that no addition mends:",
        "  d.md:2:7: error: size-type: size is 1.5, expected an integer",
        (
            "  e.md:3:1: error: duplicate-key: 'size' stands twice: here it is 2, 1 line above it is 1; "
            "delete the wrong one"
        ),
        "  pages.size: type: number takes all its values",
    ]


def test_files_that_no_kind_takes_are_named(tmp_path: Path) -> None:
    """A note in a folder of its own, which the pattern does not reach, is told beside what is added."""
    write(begin(tmp_path), {"notes/more/d.md": "---\ntitle: D\nsize: 1\n---\n"})
    assert update(tmp_path) == (
        0,
        f"{NOTHING}1 file beside records that no kind takes:\n  notes/more/d.md\n",
    )
