"""Drop findings that follow from another one, so that one mistake is one finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from release.findings.finding import NAMES
from release.findings.rules import UNREAD, family

#: The columns that identify a value in a file.
_VALUE_KEY = ["path", "line", "column", "field"]

#: Rules of findings that may follow from another one.
_CONSEQUENCES = frozenset(
    "edition-only label-language foreignKeys primaryKey uniqueKeys look-alike near-alike".split()
)

#: Rules of errors that others follow from.
_CAUSES = UNREAD | frozenset(
    "duplicate-key capture-disagrees path-capture type code primaryKey".split()
)

#: The place of the other row, in a message on a key that is repeated.
_PLACE = re.compile(r" stands in (.+):([0-9]+):([0-9]+) too")

#: The file of the other value, in a message on two that look alike.
_OTHER = re.compile(r" in ([^ ]+):[0-9]+:[0-9]+(?:;| only)")

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def drop_echoes(table: pa.Table) -> pa.Table:
    """Drop findings whose cause is that of another one.

    Such are: a value is missing, where an error says that it does not fit; the captures of two files look
    alike, where an error says that some systems take the files for one; and what follows from one record that
    cannot be read, or has a wrong key: its editions seem to lack each other's rows, others refer to nothing.
    """
    rules = table["rule"].combine_chunks().dictionary_encode()
    families = pa.array(map(family, rules.dictionary.to_pylist()), pa.string()).take(rules.indices)
    alike = pc.is_in(families, pa.array(["look-alike", "near-alike"]))
    if pc.any(alike).as_py():
        captured = pc.and_(alike, pc.equal(table["line"], 1))  # no value is in the first line
        one_file = table.filter(pc.equal(families, "path-capture"))["path"].combine_chunks()
        kept = pc.invert(pc.and_(captured, pc.is_in(table["path"], one_file)))
        table, families = table.filter(kept), families.filter(kept.combine_chunks())
    echoes = pc.is_in(families, pa.array(["required", "primaryKey"]))
    causes = pc.and_(
        pc.is_in(families, pa.array(["type", "code"])), pc.equal(table["severity"], "error")
    )
    if pc.any(echoes).as_py() and pc.any(causes).as_py():
        kept = table.filter(echoes).join(
            table.filter(causes).select(_VALUE_KEY), _VALUE_KEY, join_type="left anti"
        )
        table = pa.concat_tables([table.filter(pc.invert(echoes)), kept.select(NAMES)])
    return _drop_consequences(table)


@dataclass(slots=True)
class _Causes:
    """The errors from which other findings follow.

    Attributes:
        keys: Records with a wrong key: the shape of the path of each, which its editions share, and the table
            of which a row has the key; empty for all tables.
        captures: Paths of records a part of whose path is no code.
        disagreeing: Path, line and column of values that disagree with the path of their record.
        names: Names of records, by their paths, that have another key or cannot be read.
        twins: Paths that some systems take for another one.
    """

    keys: set[tuple[str, str]] = field(default_factory=set)
    captures: set[str] = field(default_factory=set)
    disagreeing: set[tuple[str, int, int]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    twins: set[str] = field(default_factory=set)

    def add(self, finding: Mapping[str, Any]) -> None:
        """Add a finding, if others may follow from it."""
        if finding["severity"] != "error":
            return
        rule, path, table = family(finding["rule"]), finding["path"], finding["table"]
        if rule in UNREAD or rule == "duplicate-key":
            self.names.update(_names(path))
        elif rule == "path-capture":
            self.twins.add(path)
        elif rule == "capture-disagrees":
            self.disagreeing.add((path, finding["line"], finding["column"]))
            self.names.update(_names(path))
            self._add_keys(path, "")
        elif rule == "primaryKey" and " is missing" in finding["message"]:
            self.names.update(_names(path))
            self._add_keys(path, "")
        elif rule in ("type", "code") and (finding["line"], finding["column"]) == (1, 1):
            self.captures.add(path)
            self._add_keys(path, "")
        elif rule in ("type", "code") and "None" in finding["key"].split(", "):
            self._add_keys(path, table)

    def explain(self, finding: Mapping[str, Any]) -> bool:
        """Return whether a finding follows from one of the errors."""
        rule, path = family(finding["rule"]), finding["path"]
        if rule == "edition-only":
            return any(
                (shape, table) in self.keys
                for shape in _shapes(path)
                for table in ("", finding["table"])
            )
        if rule == "label-language":
            return path in self.captures
        if rule in ("primaryKey", "uniqueKeys"):
            other = _PLACE.search(finding["message"])
            places = [(path, finding["line"], finding["column"])]
            places += [(other[1], int(other[2]), int(other[3]))] if other is not None else []
            return any(place in self.disagreeing for place in places)
        if rule in ("look-alike", "near-alike"):
            other = _OTHER.search(finding["message"])
            return path in self.twins or (other is not None and other[1] in self.twins)
        value = _QUOTED.search(finding["message"])
        refers = " refers to nothing" in finding["message"]
        return bool(refers and value is not None and value[1] in self.names)

    def _add_keys(self, path: str, table: str) -> None:
        self.keys.update((shape, table) for shape in _shapes(path))


def _drop_consequences(table: pa.Table) -> pa.Table:
    """Drop the findings that follow from an error, and the repeats of one key that is missing."""
    rules = table["rule"].combine_chunks().dictionary_encode()
    families = [family(rule) for rule in rules.dictionary.to_pylist()]
    if not (_CONSEQUENCES.intersection(families) and _CAUSES.intersection(families)):
        return table
    of_rows = pa.array(families, pa.string()).take(rules.indices)
    causes = _Causes()
    for each in table.filter(pc.is_in(of_rows, pa.array(sorted(_CAUSES)))).to_pylist():
        causes.add(each)
    seen: set[tuple[Any, ...]] = set()
    kept = [True] * table.num_rows
    may_follow = pc.is_in(of_rows, pa.array(sorted(_CONSEQUENCES)))
    positions = pc.indices_nonzero(may_follow).to_pylist()
    found = list(zip(positions, table.filter(may_follow).to_pylist(), strict=True))
    # a primary key that is missing is told before a foreign key for which it is missing
    for at, each in sorted(found, key=lambda pair: family(pair[1]["rule"]) == "foreignKeys"):
        kept[at] = not causes.explain(each)
        if kept[at] and " is missing" in each["message"]:
            key = tuple(each[name] for name in _VALUE_KEY)
            kept[at] = key not in seen
            seen.add(key)
    return table if all(kept) else table.filter(pa.array(kept))


def _shapes(path: str) -> Iterator[str]:
    """Yield a path with each of its parts left out: paths of the editions of a record have one of these.

    Of the name of the file, which is that of the record, only a part between dots may tell them apart.
    """
    *folders, name = path.split("/")
    for at in range(len(folders)):
        yield "/".join([*folders[:at], "*", *folders[at + 1 :], name])
    parts = name.split(".")
    for at in range(1, len(parts) - 1):
        yield "/".join([*folders, ".".join([*parts[:at], "*", *parts[at + 1 :]])])


def _names(path: str) -> Iterator[str]:
    """Yield the parts of a path that may be the key of the record there."""
    file = PurePosixPath(path)
    yield from file.parts[:-1]
    yield file.name
    yield file.name.partition(".")[0]
