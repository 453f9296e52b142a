"""A CSV file gives the same table and the same faults in however many pieces it is looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.descriptor.model import Field, Resource
from release.findings import Finding
from release.syntax.formats import csv_cells
from release.syntax.text import CONTROL
from release.syntax.types.registry import FieldType
from release.system.limits import LIMITS, Limits
from release.tables import csv
from release.tables.columns import arrow_schema

PATH = Path("t.csv")


def table_of(**kinds: FieldType) -> Resource:
    """A table with columns of these types."""
    fields = tuple(
        Field(name, kind, None, None, None, {}, (), "", {}) for name, kind in kinds.items()
    )
    return Resource("t", "t.csv", (), False, (), fields, ("a",), (), (), None, {})


TABLE = table_of(a="string", b="integer", c="string")

CELLS = st.sampled_from(
    [
        "",
        "x",
        "1",
        "-7",
        "007",
        "é",
        "中文",
        "\ufeff",
        '"',
        '""',
        '"x"',
        '"a,b"',
        '"a""b"',
        '"a\nb"',
        '"\r\n"',
    ]
)
#: Parts of cells that are mostly wrong: quotes that stand alone, control characters, bytes of no text.
ODD = st.sampled_from(
    [
        b'x"',
        b'"x',
        b'"x"y',
        b"\x00",
        b"\x1f",
        b"\xc2\x80",
        b"\xc2\x9f",
        b"\xc2\xa0",
        b"\x7f",
        b"\xff",
        b"\xc2",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
    ]
)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """The bytes of a file that is mostly a CSV file, of rows that mostly have three cells."""
    end = draw(ENDS)
    rows = [row if draw(st.booleans()) else ["x", "1", "y"] for row in draw(ROWS)]
    data = end.join(["a,b,c", *(",".join(row) for row in rows), ""]).encode()
    for odd in draw(st.lists(ODD, max_size=1)):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + odd + data[at:]
    return data


def parsed(
    data: bytes, limits: Limits = LIMITS
) -> tuple[list[dict[str, object]] | None, list[Finding]]:
    """The rows of a table, and what is wrong with it."""
    table, findings = csv.parse(data, TABLE, PATH, limits)
    if table is not None:
        assert table.schema == arrow_schema(TABLE.fields)
    return (table.to_pylist() if table is not None else None), findings


@settings(max_examples=500)
@given(files(), st.integers(1, 40))
@example(b'a,b,c\n"x\n' + b"y" * 90 + b'",1,z\n', 16)
@example(b'a,b,c\nx,007,"a""b"\nx,1,y\n-7,"\r\n",\n', 10)
@example("a,b,c\n\ufeff,1,y\n".encode(), 1)
@example(b"\n\na,b,c\nx,1,y\n", 1)
def test_a_file_is_the_same_in_pieces(data: bytes, piece: int) -> None:
    """Whether rows, quotes or characters stand across two pieces, and where a row is larger than one."""
    expected = parsed(data)
    assert parsed(data, Limits(csv_piece=piece)) == expected


def test_misfits_are_told_by_field_and_row_in_however_many_pieces() -> None:
    """As of a table that is read at once."""
    table = table_of(a="string", b="integer", c="year")
    data = b"a,b,c\nx,one,2020\ny,2,never\nz,three,soon\n"
    expected = csv.parse(data, table, PATH)[1]
    assert [(finding.field, finding.line) for finding in expected] == [
        ("b", 2),
        ("b", 4),
        ("c", 3),
        ("c", 4),
    ]
    assert csv.parse(data, table, PATH, Limits(csv_piece=1))[1] == expected


@settings(max_examples=500)
@given(files(), st.integers(1, 40))
@example("a,b,c\nx,1,\x9f\n".encode(), 40)
@example("\ufeffa,b,c\n".encode(), 40)
def test_a_fault_is_the_first_that_a_look_at_each_character_finds(data: bytes, piece: int) -> None:
    """Bytes of no text, then control characters, then quotes: each told at its first place."""
    _, findings = parsed(data, Limits(csv_piece=piece))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        rule = "byte-order-mark" if data.startswith(b"\xef\xbb\xbf") else "not-utf-8"
        assert [finding.rule for finding in findings] == [rule]
        return
    control, quote = CONTROL.search(text), stray(text)
    if text.startswith("\ufeff"):
        assert [finding.rule for finding in findings] == ["byte-order-mark"]
    elif control is not None:
        place = csv_cells.location_of(text, control.start())
        assert [(f.rule, (f.line, f.column)) for f in findings] == [("control-character", place)]
    elif quote is not None:
        assert [(f.line, f.column) for f in findings] == [csv_cells.location_of(text, quote)]
        assert "has a stray quote" in findings[0].message
    else:
        assert not any("has a stray quote" in finding.message for finding in findings)


def stray(text: str) -> int | None:
    """The first quote that neither opens a value, nor closes one, nor is doubled within one."""
    last = None
    for number, at in enumerate(at for at, letter in enumerate(text) if letter == '"'):
        beside = text[at - 1 : at] if number % 2 == 0 else text[at + 1 : at + 2]
        if beside not in ("", ",", "\r", "\n", '"'):
            return at
        last = at
    return last if text.count('"') % 2 else None


def test_a_file_of_several_pieces_is_read_beside_the_look_at_it() -> None:
    """A finding does not depend on which of the two comes first."""
    row = b'"' + b"x" * 90 + b'",1,y\n'
    right = b"a,b,c\n" + row * 30_000
    assert parsed(right)[1] == []
    wrong = right + b'x,1,"y\n'
    (finding,) = parsed(wrong)[1]
    assert finding == replace(finding, rule="t-fields", line=30_002, column=5)
    ragged = right + b"x,1\n"
    (finding,) = parsed(ragged)[1]
    assert finding == replace(finding, rule="t-fields", line=30_002, column=1)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_a_header_alone_is_a_table_without_rows(end: str) -> None:
    """Whether a line end follows it or not."""
    assert parsed(f"a,b,c{end}".encode()) == ([], [])
