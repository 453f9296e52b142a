"""Files that cannot be read as records: what is said of each, and of many that have one cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import kit

DESCRIPTOR = """\
name: notes
version: 0.1.0
created: '2026-01-01T00:00:00Z'
records:
  notes: {path: "notes/{note}.md"}
  lists: {path: "lists/{list}.csv", mayBeEmpty: true}
resources:
  - name: notes
    rows: notes
    schema: {primaryKey: [note], fields: [{name: note, from: "{note}"}]}
"""

BEGINS = (
    "expected front matter, which begins with the line '---' (YAML or JSON), '+++' (TOML), ';;;' or "
    "'{' (JSON), or a code block such as '```toml'; "
)

#: Texts without front matter, each with the clause that says what to do.
TEXTS = {
    "# Rain\n\nText.\n": "if a text may have none, give the kind `frontMatter: optional`",
    "<!DOCTYPE html>\n<title>Rain</title>\n": "this looks like HTML, which is not read",
    "<?xml version='1.0'?>\n<note/>\n": "this looks like XML, which is not read",
    "{\\rtf1 Rain}\n": "",
    "title: Rain\n": "this looks like YAML: put lines '---' around it, or give the kind `format: yaml`",
    "title = 'Rain'\n": "this looks like TOML: put lines '+++' around it, or give the kind `format: toml`",
    "[notes.rain]\na = 1\n": (
        "this looks like TOML: put lines '+++' around it, or give the kind `format: toml`"
    ),
    '[{"title": "Rain"}]\n': (
        'this looks like a list in JSON: give the kind `format: json` and `records: "{n}"`'
    ),
    "title,count,place\nRain,1,Hill\n": (
        "this looks like CSV: give the kind `format: csv`, or `tsv` if tabs are between cells"
    ),
    "# Rain\n\n```toml\na = 1\n```\n": "the block of TOML in line 3 would have to stand first",
    "```TOML\na = 1\n```\n": "write the first line '```toml'",
    "-----\ntitle: Rain\n-----\n": "did you mean '---'?",
    "\n---\ntitle: Rain\n---\n": "blanks stand before the '---': remove them",
}

#: Bytes that are no text in UTF-8, each with what they are.
BYTES = {
    b"\x1f\x8b\x08\x00": "gzip: unpack it",
    b"PK\x03\x04\x14\x00xl/workbook.xml\xff": "a spreadsheet: save each of its sheets as CSV",
    b"PK\x03\x04\x14\x00\x00": "a zip: unpack it",
    b"%PDF-1.7\n%\xe2\xe3\n": "a PDF: it cannot be read, so `exclude` it or give its text",
    "\ufeff---\ntitle: a\n".encode("utf-16-le"): "UTF-16: save it as UTF-8",
    "---\ntitle: a\n---\n".encode(
        "utf-16-be"
    ): "UTF-16 without a byte-order mark: save it as UTF-8",
    b"\x89PNG\r\n\x1a\n": "an image: `exclude` it",
    b"---\ntitle: caf\xe9\n---\n": "text in another encoding, or broken: save the file as UTF-8",
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The folder of the notes of a dataset."""
    (tmp_path / "datapackage.yaml").write_text(DESCRIPTOR)
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


def messages(notes: Path) -> dict[str, str]:
    """The message of each finding by the name of its file, without the numbers of files."""
    return {Path(each.path).stem: each.message for each in kit.check(notes.parent).findings}


def test_a_text_without_front_matter_is_told_what_it_looks_like(notes: Path) -> None:
    """The message names the formats that are read, what was found, and what to do."""
    for number, text in enumerate(TEXTS):
        (notes / f"{number}.md").write_text(text)
    found = messages(notes)
    for number, (text, clause) in enumerate(TEXTS.items()):
        if clause:
            assert found[str(number)].partition(", ")[2] == BEGINS + clause, text


def test_a_file_that_is_no_text_is_told_what_it_is(notes: Path) -> None:
    """The message says what the bytes are and what to do with such a file."""
    for number, data in enumerate(BYTES):
        (notes / f"{number}.md").write_bytes(data)
    (notes / "small.md").write_text("{}")
    found = messages(notes)
    assert "small" not in found
    for number, what in enumerate(BYTES.values()):
        assert found[str(number)].partition(", ")[2] == f"expected text in UTF-8; this is {what}"


def test_many_files_of_one_cause_are_one_finding(notes: Path) -> None:
    """It is the first, with the number of the others and the next three; another cause has its own."""
    for number in range(12):
        (notes / f"{number}.md").write_text(f"title: Rain {number}\n")
    (notes / "a.md").write_text("<html>\n")
    one, other = kit.check(notes.parent).findings
    assert one.path == "notes/0.md"
    assert one.message.endswith(
        "or give the kind `format: yaml`; and 11 more files, the next notes/1.md, notes/10.md, notes/11.md"
    )
    assert other.path == "notes/a.md"


def test_a_file_that_is_too_large_is_refused_by_its_size(notes: Path) -> None:
    """A file of many records may be larger than one of a record; the message says what to do."""
    (notes / "a.md").write_text("---\n---\n")
    (notes.parent / "lists").mkdir()
    with (notes.parent / "lists/a.csv").open("wb") as file:
        file.write(b"x")
        file.truncate(256 * 2**20 + 1)
    (found,) = kit.check(notes.parent).findings
    assert (found.rule, found.message) == (
        "file-too-large",
        (
            "has 268,435,457 bytes, expected at most 268,435,456: cut it into several files, whose names a "
            "capture in `path` takes"
        ),
    )
