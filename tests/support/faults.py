"""The fault folders below tests/cases/, and what `release check` says of each.

    .venv/bin/python -m tests.support.faults            shows every finding and the text that it points at
    .venv/bin/python -m tests.support.faults --accept   writes the findings to expected.txt; look before

Names of folders after it mean these only.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.kit import run

RECORDS = Path(__file__).parents[1] / "cases"
EXPECTED = "expected.txt"
ACCEPT = ".venv/bin/python -m tests.support.faults --accept"

#: A finding as it is printed: `records/a.md:3:8: error: title-type: title is …`.
LINE = re.compile(
    r"(?P<file>.+?)(?::(?P<line>\d+):(?P<column>\d+))?: "
    r"(?P<severity>error|warning|note): (?P<rule>[A-Za-z0-9_-]+): (?P<message>.+)"
)


def folders() -> list[Path]:
    """Every fault folder, by name."""
    return sorted(path for path in RECORDS.iterdir() if path.is_dir())


def expected(folder: Path) -> str:
    """What the findings of a folder should be, a line each."""
    return (folder / EXPECTED).read_bytes().decode("utf-8")


def findings(output: str, last: str) -> str:
    """The findings that a command printed: all before the line that sums them up."""
    lines = output.splitlines(keepends=True)
    summary = next(at for at, line in enumerate(lines) if re.fullmatch(last, line.rstrip("\n")))
    return "".join(lines[:summary])


SUMMARY = r"\d+ records?, \d+ errors?, \d+ warnings?(?:, \d+ notes?)?"


def check(folder: Path) -> str:
    """The findings of a folder, as the command line prints them inside it."""
    with contextlib.chdir(folder):
        return findings(run("check")[1], SUMMARY)


def pointed_at(folder: Path, line: str) -> str:
    """The text of the file from the place that a finding names."""
    match = LINE.fullmatch(line)
    if match is None or match["line"] is None:
        return "(the whole file)"
    text = (folder / match["file"]).read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.replace("\r\n", "\n").split("\n")
    return ascii(lines[int(match["line"]) - 1][int(match["column"]) - 1 :][:60])


def main(arguments: Sequence[str]) -> None:
    """Show or accept the findings of the folders named."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    for folder in folders():
        if names and folder.name not in names:
            continue
        found = check(folder)
        if "--accept" in arguments:
            (folder / EXPECTED).write_bytes(found.encode())
            continue
        print(f"== {folder.name}")
        for line in found.splitlines():
            print(f"{line}\n      -> {pointed_at(folder, line)}")


if __name__ == "__main__":
    main(sys.argv[1:])
