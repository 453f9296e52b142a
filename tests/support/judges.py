"""Claims that hold for whatever bytes a reader is given; each raises AssertionError where one does not.

Tests of properties and the fuzzer judge by them.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.descriptor import load
from release.findings import FindingsError
from release.findings.errors import UsageError
from release.package import unzip
from release.package.manifest.model import Manifest
from release.records import reader
from release.records.files.sources import Source
from release.syntax.advice.comments import find_lost_text
from release.syntax.file_patterns import FilePattern, parse_pattern
from release.syntax.formats.front_matter import read_front_matter
from release.syntax.json import read_json
from release.syntax.paths import parse_path, show_path
from release.syntax.patterns import PatternError, check_pattern
from release.syntax.text import SyntaxFault
from release.syntax.yaml import read_yaml

ROOT = Path(__file__).parents[2]

#: What parsers trip over: of YAML, JSON, Unicode, numbers, fences, and of what this program makes of text.
TOKENS = [
    *b"--- ... --- \n ---\n \n--- ? : - , [ ] { } # & * ! | > % @ ` ' \" \\ ~ << = null".split(
        b" "
    ),
    *(
        b"&a",
        b"*a",
        b"!!python/object:os.system",
        b"!<tag:yaml.org,2002:str>",
        b"!!binary",
        b"? ? ?",
    ),
    *(b"%YAML 1.1", b"%TAG ! tag:x,2000:", b"|1-", b">9+", b"[" * 70, b"{a: " * 70, b"- " * 70),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x00"),
    *(
        b"\r",
        b"\r\n",
        b"\x85",
        b"\xe2\x80\xa8",
        b"\x1b[2J",
        b"\x7f",
        b"\t",
        b"\xc2\xa0",
        b"e\xcc\x81",
    ),
    *(
        b"\\ud83d",
        b"\\udc00\\ud800",
        b"\\u0000",
        b"\\x",
        b"\\U00110000",
        b"/*",
        b"//",
        b",}",
        b",,",
    ),
    *(b"NaN", b".inf", b"-0", b"1e999", b"0x1F", b"1_000", b"9" * 400, b"0." + b"1" * 400),
    *(b"2022-02-30", b"12:30:45", b"yes", b"NO", b"010", b"a" * 5000, b"k: v\n" * 50, b"a: b: c"),
]


def parsed(data: bytes) -> tuple[Any, list[Any]]:
    """What is read of the bytes of a record."""
    source = Source("notes", "notes/x.md", "notes/x.md", {})
    record, findings = reader.parse(source, data, hashlib.sha256(data).hexdigest())
    return record, findings


def is_plain(value: Any) -> bool:
    """Whether a value is made of nothing but texts, numbers, flags, lists and mappings."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(is_plain(each) for each in value)
    return value is None or isinstance(value, str | int | float | bool)


def judge_record(data: bytes) -> None:
    """A record or findings, each finding a line that a terminal shows as it stands, at a place in it."""
    record, findings = parsed(data)
    assert record is not None or findings
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for finding in findings:
        told = str(finding)
        assert told.isprintable(), told
        assert len(told) < 2000
        assert 0 <= finding.line <= lines + 1
        assert finding.column >= 0
    if record is not None:
        assert is_plain(record.values)
        json.dumps(record.values, allow_nan=False).encode()
        record.body.encode("utf-8")


def strictly(text: str) -> tuple[Any, str, list[SyntaxFault]]:
    """What the strict readers alone make of front matter."""
    if text.lstrip().startswith("{"):
        value, faults = read_json(text)
        if not any(fault.rule == "front-matter-syntax" for fault in faults):
            return value, "json", faults
    value, faults = read_yaml(text)
    if (
        value is None
        and not faults
        and all(line.strip(" ")[:1] in ("", "#") for line in text.split("\n"))
    ):
        value = {}  # nothing at all, or comments
    return value, "yaml", faults + ([] if value is None else list(find_lost_text(text)))


def exactly(value: Any) -> str:
    """A value with its types and the order of its keys, as text."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {exactly(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(exactly, value))}]"
    return f"{type(value).__name__} {value!r}"


def judge_front_matter(text: str) -> None:
    """Reading gives what the strict readers give: value, format, faults."""
    value, form, faults = read_front_matter(text)
    expected, expected_form, expected_faults = strictly(text)
    if any(fault.rule == "front-matter-syntax" for fault in expected_faults):
        assert any(fault.rule == "front-matter-syntax" for fault in faults), text
        return
    assert faults == expected_faults, text
    assert exactly(value) == exactly(expected), text
    assert form == expected_form, text


def judge_descriptor(data: bytes) -> None:
    """A descriptor, or one message for people."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "datapackage.yaml"
        path.write_bytes(data)
        try:
            load.load(path)
        except UsageError as error:
            message = str(error)
            assert message.replace("\n", "").isprintable(), message
            assert len(message) < 100_000


def judge_manifest(data: bytes) -> None:
    """A manifest or findings, each a line that a terminal shows as it stands."""
    manifest, findings = Manifest.parse(data)
    assert manifest is not None or findings
    for finding in findings:
        assert str(finding).isprintable(), str(finding)
        assert len(str(finding)) < 2000


def judge_zip(data: bytes) -> None:
    """A zip is refused, or unpacked into its folder and nowhere else."""
    limits = unzip.ZipLimits(members=1000, directory=1 << 16, bytes=1 << 20)
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "x.zip", Path(folder) / "target"
        path.write_bytes(data)
        target.mkdir()
        try:
            unzip.unpack(path, target, limits)
        except FindingsError as error:
            for finding in error.findings:
                assert str(finding).isprintable(), str(finding)
        assert sorted(each.name for each in Path(folder).iterdir()) == ["target", "x.zip"]
        files = [each for each in target.rglob("*") if not each.is_dir()]
        assert all(each.is_file() and not each.is_symlink() for each in files)
        assert sum(each.stat().st_size for each in files) <= limits.bytes


def judge_path(text: str) -> None:
    """A path or pattern is refused with ValueError, or reads back as it is written."""
    try:
        path = parse_path(text)
    except ValueError:
        pass
    else:
        assert parse_path(show_path(path)) == path
    try:
        pattern = parse_pattern(text)
    except ValueError:
        pass
    else:
        judge_file_pattern(pattern)


def judge_file_pattern(pattern: FilePattern) -> None:
    """A pattern matches the path that it filled in, and binds the same."""
    if not pattern.template.isprintable():
        return
    values = (chr(0xF0000 + at) for at in count())  # of which the pattern has none
    captures = dict(zip(pattern.names, values, strict=False))
    found = pattern.matcher()(pattern.fill(captures))
    assert found is not None, pattern
    assert dict(zip(pattern.names, found, strict=True)) == captures


def judge_expression(text: str) -> None:
    """A regular expression is refused by name, or two engines read it alike."""
    try:
        check_pattern(text)
    except PatternError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what Python will read otherwise one day
        expression = re.compile(text, re.ASCII)
    values = ["", "a", "A1", "ab12", "é", "٣", "\n", "a b", text[:40]]
    values = [value for value in values if value.isprintable()]
    found = pc.match_substring_regex(pa.array(values), f"^(?:{text})$").to_pylist()
    assert found == [bool(expression.fullmatch(value)) for value in values], text


#: The judges by the name of what they judge; each takes bytes.
JUDGES: dict[str, Callable[[bytes], None]] = {
    "record": judge_record,
    "front-matter": lambda data: judge_front_matter(data.decode("utf-8", "replace")),
    "descriptor": judge_descriptor,
    "manifest": judge_manifest,
    "zip": judge_zip,
    "path": lambda data: judge_path(data.decode("utf-8", "replace")),
    "expression": lambda data: judge_expression(data.decode("utf-8", "replace")),
}

#: A manifest with one of each kind of property.
MANIFEST = {
    "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
    "name": "notes",
    "version": "1.0.0",
    "created": "2026-01-01T00:00:00Z",
    "title": "Notes",
    "licenses": [{"name": "CC0-1.0", "path": "LICENSE"}],
    "contributors": [{"title": "A", "roles": ["author"]}],
    "sources": [{"title": "B", "path": "https://example.org"}],
    "resources": [
        {
            "name": "notes",
            "path": "notes.csv",
            "type": "table",
            "format": "csv",
            "bytes": 1,
            "hash": "sha256:" + "0" * 64,
            "schema": {
                "primaryKey": ["id"],
                "fields": [
                    {"name": "id", "type": "integer", "constraints": {"required": True}},
                    {"name": "of", "type": "string", "constraints": {"enum": ["a"]}},
                ],
                "foreignKeys": [
                    {"fields": ["of"], "reference": {"resource": "", "fields": ["id"]}}
                ],
            },
        }
    ],
}


def first_inputs(name: str) -> Iterator[bytes]:
    """Inputs to begin with: real ones."""
    cases = ROOT / "tests/cases"
    if name in ("record", "front-matter"):
        for path in sorted([*ROOT.glob("seeds/**/*.md"), *cases.glob("**/*.md")]):
            data = path.read_bytes()
            yield data if name == "record" else data.split(b"\n---\n")[0].removeprefix(b"---\n")
    elif name == "descriptor":
        for path in sorted([ROOT / "datapackage.yaml", *cases.glob("**/datapackage.yaml")]):
            yield path.read_bytes()
    elif name == "manifest":
        yield json.dumps(MANIFEST).encode()
        yield b'{"name": "x", "resources": []}'
    elif name == "zip":
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            held = io.BytesIO()
            with zipfile.ZipFile(held, "w", method) as archive:
                archive.writestr("a/b.csv", "id\n1\n")
                archive.writestr("SHA256SUMS", "0" * 64)
            yield held.getvalue()
    elif name == "path":
        yield from (b"analysis.{dimension}", b'a."b.c"', b"notes/{language}/{note_id}.md")
    else:
        yield from (rb"\d{4}-\d{2}", rb"[a-z]+(?:-[^A-Z]*)?", rb"(a|b)*\.(md|txt)")
