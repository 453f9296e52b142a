"""Read how records stand in the files of a kind: format, records within a file, optional front matter."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from release.descriptor.model import Container
from release.descriptor.properties import Properties, read_ignored, suggest
from release.syntax.file_patterns import FilePattern
from release.syntax.formats.endings import FORMATS, LISTS, format_of
from release.syntax.paths import Capture, Path, captures_of

if TYPE_CHECKING:
    from release.syntax.formats.csv_dialect import Dialect


def read(item: Properties, pattern: FilePattern | None) -> Container:
    """Read how records stand in the files of a kind."""
    form = item.value.get("format")
    if form is not None and form not in FORMATS:
        near = suggest(form, FORMATS) if isinstance(form, str) else ""
        item.note_unexpected("format", f"one of {', '.join(FORMATS)}{near}")
        form = None
    known = form
    if form is None and "format" not in item and pattern is not None:
        known = _known_format(pattern)
    records = item.read_path("records") if "records" in item else ()
    if records:
        _check_records(item, records, known, pattern)
    beside = tuple(read_ignored(item, "beside"))
    if beside and not records:
        why = "only a kind with `records` has values beside its records"
        item.note_unwanted("beside", why)
    may_lack = _read_front_matter(item, known)
    dialect, encoding = _read_layout(item, known)
    return Container(form, records or (), may_lack, beside, dialect, encoding)


def _read_layout(item: Properties, form: str | None) -> tuple[Dialect | None, str]:
    """Read the dialect and the encoding of files of CSV or TSV."""
    if not {"dialect", "encoding"} & item.value.keys():
        return None, "utf-8"
    from release.descriptor.schema import layouts  # few kinds need it

    if form not in ("csv", "tsv"):
        item.note_unwanted("dialect encoding", "only files of the format csv or tsv have one")
    encoding = layouts.read_encoding(item) if "encoding" in item else "utf-8"
    if "dialect" not in item:
        return None, encoding
    inner = item.read_mapping("dialect")
    dialect = layouts.read_dialect(inner)
    if dialect.header_rows == ():
        inner.note("is false, expected a header: its names are the keys of the records", "header")
    if form == "tsv" and "delimiter" not in inner:
        dialect = replace(dialect, delimiter="\t")
    return dialect, encoding


def _known_format(pattern: FilePattern) -> str | None:
    """Return the format that all files of a pattern have; None if it depends on the file."""
    ending = posixpath.splitext(pattern.template)[1]
    return None if not ending or "{" in ending else format_of(pattern.template)


def _check_records(
    item: Properties, records: Path, form: str | None, pattern: FilePattern | None
) -> None:
    """Note a path to records that files of a format cannot have, and captures that are bound already."""
    if form == "markdown":
        item.note_unexpected("records", "none, as a file of the format markdown is one record")
    if (entry := LISTS.get(form or "")) and not isinstance(records[0], Capture):
        what = f"a path that begins with a capture for the {entry}, such as {{n}}"
        item.note_unexpected("records", what)
    elif form in ("csv", "tsv") and len(records) > 1:
        item.note_unexpected("records", "one capture, as each row is a record")
    bound = list(pattern.captures) if pattern is not None else []
    for name in captures_of(records):
        if name in bound:
            item.note(f"binds {{{name}}}, which is bound already, expected another name", "records")
        bound.append(name)


def _read_front_matter(item: Properties, form: str | None) -> bool:
    """Read whether a text may lack front matter."""
    if "frontMatter" not in item:
        return False
    if form not in ("markdown", None):
        item.note_unwanted("frontMatter", f"a file of the format {form} has none")
    value = item.value["frontMatter"]
    if value not in ("optional", "required"):
        item.note_unexpected("frontMatter", "optional or required")
    return bool(value == "optional")
