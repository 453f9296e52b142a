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

BEGINS = "expected front matter, which begins with the line '---'"

#: What follows where nothing tells which format is meant.
WAYS = " (YAML or JSON), '+++' (TOML), ';;;' or '{' (JSON), or a code block such as '```toml'"

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
    b"---\ntitle: caf\xe9\n---\n": "this looks like windows-1252: save the file as UTF-8",
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
            ways = WAYS if "frontMatter" in clause else ""
            assert found[str(number)].partition(", ")[2] == f"{BEGINS}{ways}; {clause}", text


def test_a_file_that_is_no_text_is_told_what_it_is(notes: Path) -> None:
    """The message says what the bytes are and what to do with such a file."""
    for number, data in enumerate(BYTES):
        (notes / f"{number}.md").write_bytes(data)
    (notes / "small.md").write_text("{}")
    found = messages(notes)
    assert "small" not in found
    for number, (data, what) in enumerate(BYTES.items()):
        name, _, advice = what.partition(": ")
        at = "a byte" if name.startswith("this") else name
        message = found[str(number)].replace("the byte 0xE9", "a byte")
        told = what if at == "a byte" else advice
        assert message == f"found {at}, expected text in UTF-8; {told}", data


#: A text as spreadsheets save it in each encoding, with what the message says and what to write.
ENCODINGS = {
    "windows-1252": ("Café René’s", "found the byte 0xE9", "this looks like windows-1252"),
    "mac-roman": ("Über die Größe", "found the byte 0x86", "this looks like mac-roman"),
    "cp850": ("Ærø på 5 °", "found the byte 0x92", "this looks like cp850"),
    "gb18030": ("北京市碳捕集", "found the byte 0xB1", "this looks like gb18030"),
    "shift_jis": ("とうきょう", "found the byte 0x82", "this looks like shift_jis"),
    "windows-1251": ("Москва", "found the byte 0xCC", "this looks like windows-1251"),
    "koi8-r": ("Москва", "found the byte 0xED", "this looks like koi8-r"),
    "utf-16": ("Café", "found UTF-16", ""),
    "utf-16-le": ("a long text", "found UTF-16 without a byte-order mark", ""),
    "utf-16-be": ("a long text", "found UTF-16 without a byte-order mark", ""),
    "utf-32": ("Café", "found UTF-32", ""),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_table_in_another_encoding_is_told_what_to_write(tmp_path: Path, encoding: str) -> None:
    """In the kind of its rows, or at a curated table; written there it is read."""
    text, found, looks = ENCODINGS[encoding]
    for name in ("rows", "own"):
        (tmp_path / f"{name}.csv").write_bytes(f"title\n{text}\n".encode(encoding))
    field = "fields: [{name: title, from: title}]"
    descriptor = (
        "name: notes\nversion: 0.1.0\ncreated: '2026-01-01T00:00:00Z'\n"
        "records:\n  notes: {path: rows.csv}\nresources:\n"
        f"  - {{name: notes, rows: notes, schema: {{primaryKey: [title], {field}}}}}\n"
        "  - {name: own, path: own.csv, schema: {primaryKey: [title], fields: [{name: title}]}}\n"
    )
    (tmp_path / "datapackage.yaml").write_text(descriptor)
    said = {each.path: (each.line, each.message) for each in kit.check(tmp_path).findings}
    for path, owner in (("rows.csv", "the kind"), ("own.csv", "the table")):
        write = f"give {owner} `encoding: {encoding}`"
        told = (
            f"{looks}: save the file as UTF-8, or {write}"
            if looks
            else f"{write}, or save it as UTF-8"
        )
        assert said[path] == (2 if looks else 1, f"{found}, expected text in UTF-8; {told}")
    written = descriptor.replace("rows.csv", f"rows.csv, encoding: {encoding}")
    written = written.replace("path: own.csv", f"path: own.csv, encoding: {encoding}")
    (tmp_path / "datapackage.yaml").write_text(written)
    checked = kit.check(tmp_path)
    assert not list(checked.findings)
    assert [each["title"].to_pylist() for each in checked.content.tables.values()] == [
        [text],
        [text],
    ]


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
