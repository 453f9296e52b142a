"""The formats of results, and where each is written: the argument `--format FORMAT[=FILE]`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from release.findings.message import list_choices

#: The formats of a command whose result is no list of findings.
FORMATS = ("text", "json")

#: The formats of findings, in the order of the help.
OF_FINDINGS = (*FORMATS, "github", "sarif", "junit", "markdown", "csv")

#: Names of stdout, which is no file to replace.
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")

#: Other names of formats.
_ALIASES = {"md": "markdown"}


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """A format, and the file that it is written to; None stands for stdout."""

    format: str
    file: Path | None = None


#: What a command prints that is not told otherwise.
TEXT = ReportTarget("text")


def add_format(
    parser: argparse.ArgumentParser,
    formats: Sequence[str] = FORMATS,
    refusals: Mapping[str, str] | None = None,
) -> None:
    """Add the argument for the formats of the results.

    `refusals` has formats that other commands have, each with the reason why this one has not.
    """
    parser.add_argument(
        "--format",
        action=FormatAction,
        dest="formats",
        default=(),
        metavar="FORMAT[=FILE]",
        formats=formats,
        refusals=refusals or {},
        help=f"print the results as {list_choices(formats)} (default: text), or write "
        "them to FILE; may be repeated",
    )


def targets_of(options: argparse.Namespace) -> Sequence[ReportTarget]:
    """Return the formats that a command was asked for: text on stdout, if nothing else goes there."""
    found: Sequence[ReportTarget] = getattr(options, "formats", ())
    return found if any(each.file is None for each in found) else (TEXT, *found)


class FormatAction(argparse.Action):
    """The action of `--format`, which refuses a second format for one place."""

    def __init__(self, *, formats: Sequence[str], refusals: Mapping[str, str], **more: Any) -> None:
        super().__init__(**more)
        self.formats = formats
        self._refusals = refusals

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - the signature is argparse's
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Add a format to those before it.

        Raises:
            ArgumentError: It is no format of the command, or cannot be written where it is asked for.
        """
        before: Sequence[ReportTarget] = getattr(namespace, self.dest)
        target = self._parse(str(values))
        for other in before:
            if other.file == target.file:
                where = "to stdout" if target.file is None else f"to {target.file}"
                way = f"give one of them a file, such as {target.format}=FILE"
                raise self._error(f"{other.format} and {target.format} both go {where}: {way}")
        setattr(namespace, self.dest, (*before, target))

    def _parse(self, text: str) -> ReportTarget:
        name, equals, file = text.partition("=")
        name = _ALIASES.get(name, name)
        if name not in self.formats:
            expected = f"expected {list_choices(self.formats)}"
            if name in self._refusals:
                raise self._error(
                    f"{name} is not supported here: {self._refusals[name]}; {expected}"
                )
            raise self._error(f"{text!r} is no format of this command, {expected}")
        if not equals or file in _STDOUT:
            return ReportTarget(name)
        path = Path(file)
        if not file or path.is_dir():
            raise self._error(f"{text!r} names no file to write, expected {name}=FILE")
        if not path.parent.is_dir():
            raise self._error(f"{text!r}: there is no folder {path.parent}")
        return ReportTarget(name, path)

    def _error(self, message: str) -> argparse.ArgumentError:
        return argparse.ArgumentError(self, message)
