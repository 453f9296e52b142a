"""Check a dataset with changes in a folder of its own, so that nothing is written into the dataset."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from release.build import outcome as outcomes
from release.build.inputs import Options
from release.descriptor.model import Descriptor
from release.findings.finding import Finding
from release.findings.fingerprints import split_others
from release.fix.changes import FileChange
from release.records.files.discover import list_kept_files
from release.records.files.sources import Sources

#: Rule, path and severity of findings; and table, field and line of one of them.
_Rule = tuple[str, str, str]
_Place = tuple[str, str, int]


class Proof:
    """A copy of a dataset, to check it with changes."""

    def __init__(self, folder: Path, descriptor: Descriptor, options: Options) -> None:
        self._folder = folder
        self._descriptor = replace(descriptor, root=folder, file=folder / "datapackage.yaml")
        self._options = replace(options, elsewhere=None)
        self._before: _Tally | None = None

    def find_new(self, changes: Sequence[FileChange]) -> list[Finding]:
        """Return the findings that some changes would add.

        Raises:
            ReleaseError: The dataset cannot be checked.
        """
        if self._before is None:
            self._before = _Tally(self._check())
        for change in changes:
            _put(self._folder / change.path, change.new)
        found = _Tally(self._check())
        for change in changes:
            _put(self._folder / change.path, change.old)
        return found.list_new(self._before)

    def _check(self) -> Iterable[Finding]:
        return outcomes.check(self._descriptor, self._options).findings


@contextmanager
def proving(descriptor: Descriptor, sources: Sources, options: Options) -> Iterator[Proof]:
    """Give a proof of a dataset; its folder is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="release-fix-"))
    try:
        (folder / "datapackage.yaml").write_text(descriptor.text, "utf-8", newline="")
        kept = {path: str(file) for path, file in list_kept_files(descriptor).items()}
        del kept["datapackage.yaml"]
        beside = {each.path: each.file for each in sources.companions}
        _copy(kept | beside | sources.files(), folder)
        yield Proof(folder, descriptor, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(files: Mapping[str, str], folder: Path) -> None:
    """Copy files, by their paths in a folder; of one on the same disk only the name is new."""
    made: set[Path] = set()
    for path, file in files.items():
        target = folder / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        with suppress(OSError):  # what cannot be read is missing before and after
            try:
                os.link(os.path.realpath(file), target)
            except OSError:
                shutil.copyfile(file, target)


def _put(path: Path, data: bytes) -> None:
    """Write a file in the place of one that may have another name, too."""
    path.unlink()
    path.write_bytes(data)


class _Tally:
    """The findings of a check, counted so that those of two checks can be compared.

    Lines stay where they are when values are mended, columns and keys do not. Where one finding stands for
    others, only their number is compared: in its file, or in all files if the others are elsewhere.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._all: Counter[_Rule] = Counter()
        self._lines: dict[_Rule, Counter[_Place]] = {}
        self._grouped: set[_Rule] = set()
        self._everywhere: Counter[tuple[str, str]] = Counter()
        self._spread: set[tuple[str, str]] = set()
        self._first: dict[tuple[_Rule, _Place], Finding] = {}
        for each in findings:
            rule, place = (each.rule, each.path, each.severity), (each.table, each.field, each.line)
            self._lines.setdefault(rule, Counter())[place] += 1
            self._first.setdefault((rule, place), each)
            _, others, alike = split_others(each.message)
            self._all[rule] += 1 + others
            self._everywhere[each.rule, each.severity] += 1 + others
            if alike == "like it":
                self._grouped.add(rule)
            elif alike:
                self._spread.add((each.rule, each.severity))

    def list_new(self, before: _Tally) -> list[Finding]:
        """Return findings that an earlier check had not; of many that are grouped, the first one."""
        found = []
        for rule, places in self._lines.items():
            name = rule[0], rule[2]
            if name in self._spread | before._spread:
                is_more = self._everywhere[name] > before._everywhere[name]
                more = set(places) if is_more else set()
            elif rule in self._grouped | before._grouped:
                more = set(places) if self._all[rule] > before._all[rule] else set()
            else:
                more = set(places - before._lines.get(rule, Counter()))
            found += [self._first[rule, place] for place in sorted(more)]
        return found
