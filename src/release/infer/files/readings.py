"""Read files that may hold records, with the reader of the build."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from release.descriptor.model import Container, IgnoredPath
from release.findings.finding import Finding
from release.infer.files.forms import find_delimiter, find_encoding, find_format, find_list
from release.records.files.contents import read_all
from release.records.files.file_reader import FileContent, parse_file
from release.records.files.sources import MAX_BYTES, MAX_BYTES_OF_SEVERAL, Source
from release.records.reader import Record
from release.syntax.formats.csv_dialect import Dialect
from release.syntax.formats.endings import LISTS, FileFormat
from release.syntax.paths import Capture
from release.system.processes.parallel import run_each

#: The capture for the position of a record in its file.
POSITION = "n"

#: The number of files that a process reads at once.
_BATCH = 500

#: Names of texts that are about a folder, and none of its records.
_ABOUT = re.compile(
    r"(read[-_]?me|licen[cs]es?|copying|notice|change[-_]?log|changes|contributing|contributors|authors|"
    r"code[-_]of[-_]conduct|security|history|source|todo|install|news|_index)([-_.].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a file: its values, and the position or key at which it stands in there, if any."""

    values: Any
    at: str | None
    has_body: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its records, none if it cannot be relied on; its faults that are errors.

    A file that `is_bare` is a text without front matter. `reason` is why one without faults holds no record.
    `delimiter` stands between cells if that is not what the format says. `above` is the key of the list that
    the records are items of, and `beside` are the other keys there. `encoding` is said if
    it is not UTF-8 alone.
    """

    path: str
    parts: tuple[Part, ...]
    format: FileFormat
    is_bare: bool
    faults: tuple[Finding, ...]
    reason: str = ""
    delimiter: str = ""
    above: str = ""
    beside: tuple[str, ...] = ()
    encoding: str = ""

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the records."""
        found: set[str] = set()
        for part in self.parts:
            found.update(part.values if isinstance(part.values, dict) else ())
        return frozenset(found)

    @property
    def has_several(self) -> bool:
        """True if the file may hold several records."""
        return any(part.at is not None for part in self.parts)


def read_files(
    folder: Path,
    paths: Iterable[str],
    progress: Callable[[str], object] = lambda _: None,
    workers: int = 1,
    loads: Sequence[str] = (),
) -> list[Reading]:
    """Read files below a folder, in their order, in so many processes, which import the modules `loads`."""
    readings: list[Reading] = []
    read = partial(_read_batch, str(folder))
    progress("reading files")
    for some in run_each(read, list(_cut_batches(paths)), workers, loads):
        readings += some
        progress(f"reading files: {len(readings):,}")
    return readings


def _cut_batches(paths: Iterable[str]) -> Iterator[list[str]]:
    """Cut paths into batches, each of files that may have the same size."""
    for _, some in groupby(paths, _most_bytes):
        while batch := list(islice(some, _BATCH)):
            yield batch


def _most_bytes(path: str) -> int:
    """Return how large a file may be, by its format."""
    return MAX_BYTES_OF_SEVERAL if find_format(path) in LISTS else MAX_BYTES


def _read_batch(root: str, paths: Sequence[str]) -> list[Reading]:
    """Read the files of a batch."""
    sources = [Source("", path, f"{root}/{path}", {}, None, root) for path in paths]
    found = read_all(sources, _most_bytes(paths[0]))
    return [
        _read(source, data, fault) for source, (data, fault) in zip(sources, found, strict=True)
    ]


def _read(source: Source, data: bytes | None, fault: Finding | None) -> Reading:
    """Read a file of which the bytes are there, or the reason why there are none."""
    form = find_format(source.path)
    container = _find_container(source, form)
    parse = partial(_parse, source, data, fault)
    read = parse(container)
    records = read.records
    faults = tuple(each for each in read.findings if each.severity == "error")
    above = ""
    beside: tuple[str, ...] = ()
    if form in ("json", "yaml") and len(records) == 1 and (above := find_list(records[0].values)):
        beside = tuple(key for key in records[0].values if key != above)
        ignored = tuple(IgnoredPath((key,), "") for key in beside)
        read = parse(Container(form, (above, Capture(POSITION)), beside=ignored))
        records = read.records
        faults += tuple(each for each in read.findings if each.severity == "error")
    if [each.rule for each in faults] == ["front-matter-mapping"]:
        several = parse(Container(form, (Capture(POSITION),)))
        if several.records and not any(each.severity == "error" for each in several.findings):
            records, faults = several.records, ()
    has_several = form in LISTS or len(records) > 1
    has_several = has_several or any(POSITION in each.source.captures for each in records)
    parts = tuple(_take_parts(records if not faults else (), has_several))
    if len({isinstance(part.values, dict) for part in parts}) > 1 or any(
        isinstance(part.values, list) for part in parts
    ):
        return Reading(source.path, (), form, False, faults, "holds records of several forms")
    is_bare = form == "markdown" and len(records) == 1 and _has_no_front(records[0])
    delimiter = container.dialect.delimiter if container.dialect is not None else ""
    encoding = container.encoding if container.encoding != "utf-8" else ""
    return Reading(
        source.path, parts, form, is_bare, faults, "", delimiter, above, beside, encoding
    )


def _parse(
    source: Source, data: bytes | None, fault: Finding | None, container: Container
) -> FileContent:
    """Parse the bytes of a file; without any it has the fault alone."""
    if data is None:
        return FileContent([], [fault] if fault else [])
    return parse_file(source, data, "", container)


def _take_parts(records: Iterable[Record], has_several: bool) -> Iterator[Part]:
    """Take what is needed of the records of a file, each with its position if there may be several."""
    for at, each in enumerate(records):
        position = each.source.captures.get(POSITION, str(at)) if has_several else None
        yield Part(each.values, position, bool(each.body.strip()))


def _find_container(source: Source, form: FileFormat) -> Container:
    """Find how a file is to be read: its format, and of rows the signs between cells and the encoding."""
    delimiter = find_delimiter(source.file, form)
    return Container(
        form,
        may_lack_front_matter=form == "markdown",
        dialect=Dialect(delimiter=delimiter) if delimiter else None,
        encoding=find_encoding(source.file, form) or "utf-8",
    )


def _has_no_front(record: Record) -> bool:
    """Return True if a text has no front matter, not even an empty one."""
    return record.front.line == 0 and not record.front.text


def is_about_folder(path: str) -> bool:
    """Return True if a text is called as those are that say something about a folder."""
    *folders, name = path.split("/")
    return bool(_ABOUT.fullmatch(name)) or bool(folders and folders[-1] in ("LICENSES", "licenses"))
