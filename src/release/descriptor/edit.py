"""Write a new version and time into the text of a descriptor, and change nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

from release.descriptor import load as descriptors
from release.descriptor.model import Descriptor
from release.findings.errors import RefusedError, naming_forbidden
from release.syntax.yaml import read_yaml
from release.system import files


def rewrite(descriptor: Descriptor, version: str, created: str) -> str:
    """Return the descriptor's text with another version and time; comments, order and quotes are kept.

    Raises:
        RefusedError: The version or time is written in a way that cannot be edited in place.
        UsageError: The new version or time cannot be used.
    """
    text = descriptor.text
    values = {"version": version, "created": created}
    # the last one first, so that the location of the other stays right
    locations = {name: descriptor.locations[name,] for name in values}
    for name in sorted(locations, key=lambda each: (locations[each].line, locations[each].column))[
        ::-1
    ]:
        text = _replace_value(descriptor, text, name, values[name])
    descriptors.parse(text, descriptor.file)
    before, _ = read_yaml(descriptor.text)
    after, faults = read_yaml(text)
    if faults or after != {**before, **values}:
        raise RefusedError(f"{descriptor.file}: cannot be edited in place: {_ADVICE}")
    return text


def write(path: Path, text: str) -> None:
    """Write a descriptor's text to its file; links are followed, and permissions are kept.

    Raises:
        UsageError: The file may not be written.
        RefusedError: The file cannot be written for another reason.
    """
    try:
        file = path.resolve(strict=True)
        mode = stat.S_IMODE(file.stat().st_mode)
        with naming_forbidden(path):
            files.write(file, text.encode(), mode=mode)
    except OSError as error:
        raise RefusedError(f"{path}: cannot be written: {error.strerror or error}") from error


_ADVICE = "write version and created each on one line, as plain or quoted text"


def _replace_value(descriptor: Descriptor, text: str, name: str, value: str) -> str:
    """Return the text with the value of one property of the package replaced.

    Raises:
        RefusedError: The value is not written on one line as it is.
    """
    at = descriptor.locations[name,]
    lines = text.split("\n")
    line = lines[at.line]
    start = at.column + (line[at.column : at.column + 1] in ("'", '"'))
    old = str(descriptor.public[name])
    if line[start : start + len(old)] != old:
        raise RefusedError(
            f"{descriptor.show_location((name,))}: cannot be edited in place: {_ADVICE}"
        )
    lines[at.line] = line[:start] + value + line[start + len(old) :]
    return "\n".join(lines)
