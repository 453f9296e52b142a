"""Check a draft where it would stand, without writing into its folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from release.findings.errors import UsageError
from release.findings.finding import Finding
from release.infer.model import Draft
from release.infer.text import write_codelist, write_descriptor
from release.syntax.file_patterns import FilePattern

#: Checks the descriptor in a file, with its records elsewhere: by kind, the pattern of their files.
Check = Callable[[Path, Mapping[str, FilePattern]], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings about a draft that are errors; or why its descriptor cannot be used."""

    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    refusal: str = ""

    @property
    def is_sound(self) -> bool:
        """True if the draft gives a release."""
        return not self.errors and not self.refusal


def judge(draft: Draft, folder: Path, check: Check) -> Verdict:
    """Check a draft of the records in a folder; its files are written into a temporary one."""
    with tempfile.TemporaryDirectory(prefix="release-init-") as name:
        root = Path(name)
        here = root / "here"
        here.symlink_to(folder.resolve(), target_is_directory=True)
        stage = root / "stage"
        for path, data in files_of(draft).items():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(data)
        for each in draft.curated:
            (stage / each.path).parent.mkdir(parents=True, exist_ok=True)
            (stage / each.path).write_bytes((folder / each.path).read_bytes())
        elsewhere = {kind.name: FilePattern(f"{here}/{kind.pattern}") for kind in draft.kinds}
        try:
            found = list(check(stage / "datapackage.yaml", elsewhere))
        except UsageError as error:
            return Verdict((), (), str(error).replace(f"{stage}/", ""))
    return Verdict(
        tuple(each for each in found if each.severity == "error"),
        tuple(each for each in found if each.severity != "error"),
    )


def files_of(draft: Draft) -> dict[str, bytes]:
    """Return the files of a draft by path: its descriptor and codelists."""
    lists = {
        f"codelists/{each.name}.csv": write_codelist(each).encode() for each in draft.codelists
    }
    return {"datapackage.yaml": write_descriptor(draft).encode(), **lists}
