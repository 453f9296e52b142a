"""The fault folders below tests/cases/, and what `release check` says of each.

    .venv/bin/python -m tests.support.faults            shows every finding and the text that it points at
    .venv/bin/python -m tests.support.faults --accept   writes the findings to expected.txt; look before

Names of folders after it mean these only.
"""

from __future__ import annotations

import contextlib
import io
import re
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from release import cli

RECORDS = Path(__file__).parents[1] / "cases"
EXPECTED = "expected.txt"
ACCEPT = ".venv/bin/python -m tests.support.faults --accept"

#: A finding as it is printed: `records/a.md:3:8: error: title-type: title is …`.
LINE = re.compile(
    r"(?P<file>.+?)(?::(?P<line>\d+):(?P<column>\d+))?: "
    r"(?P<severity>error|warning): (?P<rule>[A-Za-z0-9_-]+): (?P<message>.+)"
)


def folders() -> list[Path]:
    """Every fault folder, by name."""
    return sorted(path for path in RECORDS.iterdir() if path.is_dir())


def expected(folder: Path) -> str:
    """What the findings of a folder should be, a line each."""
    return (folder / EXPECTED).read_bytes().decode("utf-8")


def run(*arguments: str) -> tuple[int, str, str]:
    """The exit code of a command, what it printed and what it said besides.

    Nothing is kept between runs, unless the command says where.
    """
    if arguments[0] in ("check", "build") and "--cache" not in arguments:
        arguments = (*arguments, "--no-cache")
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        code = cli.main(arguments)
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def unwaited(seconds: int = 20) -> Iterator[None]:
    """What waits for a file that nobody writes fails, and does not hold up all tests."""

    def fail(*_: object) -> None:
        raise AssertionError("it was waited for")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def findings(output: str, last: str) -> str:
    """The findings that a command printed: all before the line that sums them up."""
    lines = output.splitlines(keepends=True)
    summary = next(at for at, line in enumerate(lines) if re.fullmatch(last, line.rstrip("\n")))
    return "".join(lines[:summary])


SUMMARY = r"\d+ records?, \d+ errors?, \d+ warnings?"


def check(folder: Path) -> str:
    """The findings of a folder, as the command line prints them inside it."""
    with contextlib.chdir(folder):
        return findings(run("check")[1], SUMMARY)


def snapshot(folder: Path) -> Mapping[str, bytes | None]:
    """Everything below a folder: the bytes of each file, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


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
