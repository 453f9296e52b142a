"""Propose the lines that codelists lack, for `release check --propose-codes`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from release.build import inputs
from release.build.inputs import Options
from release.build.reports.coverage_report import read_kind
from release.descriptor.model import Descriptor, Resource
from release.records import codelists, normalize
from release.records.codelists import Lookup
from release.records.reader import Record
from release.records.rows import RowFinder
from release.syntax.types.values import as_text

_DEFAULTS = Options()

#: What may stand in a code that is made of a text.
_NO_CODE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class CodeProposal:
    """Lines for a codelist, as its CSV has them: one for each text, or for texts that stand for each other.

    `path` is that of its file; `header` has the names of the columns. `counts` has for each line how often
    its texts stand in the records.
    """

    codelist: str
    path: str
    header: tuple[str, ...]
    lines: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(slots=True)
class _Unknown:
    """The texts that a codelist lacks: by the place where they stand, the text in each language.

    Editions of one record share a place; without a language the key is empty.
    """

    texts: dict[tuple[Any, ...], dict[str, str]] = field(default_factory=dict)


def propose_codes(
    descriptor: Descriptor | Path | str, options: Options = _DEFAULTS
) -> list[CodeProposal]:
    """Propose lines for each codelist that lacks texts of records, in the order of the descriptor.

    Where editions in several languages have a text at one place, they are one line with a label in each. The
    code is made of the text in Latin letters; where there is none it is left empty, for a person to choose.
    All records of a kind are in memory at once; there is no cache. Records that cannot be read do not count.

    Raises:
        UsageError: the descriptor cannot be used, or records behind a URL cannot be listed.
        ReleaseError: a record behind a URL cannot be reached.
    """
    descriptor = inputs.load_descriptor(descriptor, options)
    given = inputs.read(descriptor, replace(options, cache=None))
    tables, _ = codelists.parse_tables(descriptor, given.curated)
    lookups, _ = codelists.build_lookups(descriptor, tables, given.curated)
    found: dict[str, _Unknown] = {name: _Unknown() for name in lookups}
    plan = normalize.make_plan(descriptor, lookups)
    for kind in descriptor.kinds:
        records, _, _ = read_kind(kind, given)
        for finders in plan.finders.values():
            for finder in finders:
                if finder.rows.kind == kind.name:
                    _collect(finder, records, lookups, found)
    proposals = (_propose(descriptor.resource(name), lookups[name], found[name]) for name in found)
    return [each for each in proposals if each.lines]


def _collect(
    finder: RowFinder,
    records: Sequence[Record],
    lookups: Mapping[str, Lookup],
    found: Mapping[str, _Unknown],
) -> None:
    """Collect the texts of one finder's rows that are no code, label or alias."""
    coded = [c for c in finder.columns if c.field.codes is not None and c.field.codes in lookups]
    if not coded:
        return
    entries, by_row = finder.find(records)
    for column in coded:
        lookup = lookups[str(column.field.codes)]
        is_per_row = column.per == "row"
        values = by_row[column.field.name] if is_per_row else column.of_records(records)
        for at, value in enumerate(values):
            text = as_text(value)
            if not text or text in lookup.codes:
                continue
            source = records[int(entries.records[at]) if is_per_row else at].source
            language = source.captures.get(lookup.capture, "")
            shared = source.shared((lookup.capture,)) if lookup.capture else (source.path,)
            within = entries.captures_at(at) if is_per_row else ()
            place = (*shared, finder.resource.name, column.field.name, *within)
            found[lookup.resource].texts.setdefault(place, {})[language] = text


def _propose(resource: Resource, lookup: Lookup, unknown: _Unknown) -> CodeProposal:
    """Make the lines for a codelist, those of frequent texts first."""
    counts: dict[tuple[tuple[str, str], ...], int] = {}
    for texts in unknown.texts.values():
        pair = tuple(sorted(texts.items()))
        counts[pair] = counts.get(pair, 0) + 1
    lines, numbers, taken = [], [], {*lookup.codes}
    met: set[tuple[str, str]] = set()
    # the most complete ones first, so that a text alone that stands in a pair, too, makes no second line
    for pair, count in sorted(counts.items(), key=lambda each: (-len(each[0]), -each[1], each[0])):
        if met.issuperset(pair):
            continue
        met.update(pair)
        lines.append(_write_line(resource, dict(pair), taken))
        numbers.append(count)
    return CodeProposal(
        resource.name, resource.path, resource.field_names, tuple(lines), tuple(numbers)
    )


def _write_line(resource: Resource, texts: Mapping[str, str], taken: set[str]) -> str:
    """Write a line of a codelist; the code is added to those that are taken."""
    assert resource.codelist is not None
    labels = resource.codelist.labels
    cells = dict.fromkeys(resource.field_names, "")
    columns = {
        language: labels.fill({labels.captures[0]: language}) if labels else ""
        for language in texts
    }
    for language, text in texts.items():
        if columns[language] in cells:
            cells[columns[language]] = text
    code = resource.primary_key[0]
    if any(columns[language] in cells for language in texts):
        cells[code] = _make_code(texts.values(), taken)
    else:
        cells[code] = next(iter(texts.values()))
    taken.add(cells[code])
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells.values())
    return out.getvalue()


def _make_code(texts: Iterable[str], taken: set[str]) -> str:
    """Make a code of the first text in Latin letters that is not taken; empty if there is none."""
    for text in texts:
        code = _NO_CODE.sub("-", text.lower()).strip("-") if text.isascii() else ""
        if code and code not in taken:
            return code
    return ""


def show_proposals(proposals: Sequence[CodeProposal]) -> Iterator[str]:
    """Show proposals as lines for people: below the path of each file, the lines to paste into it."""
    for each in proposals:
        number = len(each.lines)
        yield f"{each.path} lacks {number} line{'' if number == 1 else 's'} ({', '.join(each.header)}):"
        yield from each.lines
