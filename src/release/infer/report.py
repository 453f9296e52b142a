"""Say in one screen what `release init` found, and what it was unsure of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from release.findings.finding import Finding
from release.findings.message import printable
from release.findings.rules import family
from release.infer.model import Draft, Omission
from release.infer.stage import Verdict
from release.infer.text import inline
from release.infer.update.proposal import Proposal

#: So many lines of a sort are shown; the descriptor and `release check` have them all.
_MOST = 8


def describe(draft: Draft, verdict: Verdict) -> Iterator[str]:
    """Yield the lines of the report."""
    for kind in draft.kinds:
        count = _count(len(kind.entries), "record")
        yield f"{kind.name}: {count} in {printable(kind.pattern)}"
        for table in (each for each in draft.tables if each.kind == kind.name):
            names = ", ".join(each.name for each in table.fields if each.name not in table.key)
            yield f"  {table.name} ({', '.join(table.key)}): {_cut(names or 'only its key')}"
        for pattern in kind.companions:
            yield f"  beside its records: {printable(pattern)}"
        for path in kind.ignore:
            yield f"  left out: {printable(path.path)} {path.reason}"
    for each in draft.curated:
        yield f"{each.name}: the table {printable(each.path)} as it stands"
    if draft.codelists:
        yield "codelists, to be looked at:"
        yield from _limit(f"  {codes.name}: {codes.note}" for codes in draft.codelists)
    yield from _group(draft.mend, "left out until it is mended", "left out until they are mended")
    yield from _group(draft.strays, "that is no record", "that are no records")
    if draft.doubts:
        yield "unsure:"
        yield from _limit(f"  {doubt}" for doubt in draft.doubts)
    if verdict.refusal or verdict.errors:
        yield "what stands in the way of a release, and could not be settled:"
        yield from _limit(f"  {line}" for line in verdict.refusal.splitlines())
        yield from _limit(f"  {finding.text(finding.path)}" for finding in verdict.errors)


def describe_nothing(draft: Draft, folder: Path) -> str:
    """Return the message on a folder without a record."""
    where = printable(str(folder))
    if not draft.strays and not draft.mend:
        return (
            f"{where}: has no records: expected files in Markdown with front matter, YAML, JSON, "
            "TOML or CSV"
        )
    lines = [
        *_group(draft.mend, "that must be mended", "that must be mended"),
        *_group(draft.strays, "that is no record", "that are no records"),
    ]
    return "\n".join([f"{where}: has no records:", *lines])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:99]}…"


def _limit(lines: Iterable[str]) -> Iterator[str]:
    """Yield the first lines, and how many there are more."""
    every = list(lines)
    yield from every[:_MOST]
    if len(every) > _MOST:
        yield f"  and {len(every) - _MOST:,} more"


def _group(omissions: Iterable[Omission], one: str, several: str) -> Iterator[str]:
    """Yield a line for each file, below a heading that counts them and says what one is, or several are."""
    every = list(omissions)
    if every:
        yield f"{_count(len(every), 'file')} {one if len(every) == 1 else several}:"
        yield from _limit(f"  {printable(each.path)}: {each.reason}" for each in every)


def describe_remaining(proposal: Proposal, remaining: Sequence[Finding]) -> Iterator[str]:
    """Yield what an addition to a descriptor cannot mend: files that no kind takes, and errors."""
    if proposal.left:
        yield f"{_count(len(proposal.left), 'file')} beside records that no kind takes:"
        yield from _limit(f"  {printable(path)}" for path in proposal.left)
    if remaining:
        yield "errors that no addition mends:"
        yield from _limit(f"  {each}" for each in remaining)
    types = dict.fromkeys(
        (each.table, each.field) for each in remaining if family(each.rule) == "type"
    )
    for table, field in types:
        found = proposal.types.get((table, field))
        if found is not None:
            wanted = inline({"type": found.type, **found.properties})
            yield f"  {table}.{field}: {wanted[1:-1]} takes all its values"
