"""A new version and time written into the text of a descriptor; nothing else of it changes."""

from __future__ import annotations

import stat
from pathlib import Path

from release.descriptor import load as descriptors
from release.descriptor.load import Descriptor
from release.errors import RefusedError
from release.syntax.yaml import read_yaml
from release.system import files


def rewrite(descriptor: Descriptor, version: str, created: str) -> str:
    """The descriptor's text with another version and time, its comments, order and quotes as they are.

    Raises:
        RefusedError: one of the two is written in a way that cannot be edited in key_path.
        UsageError: the result is no descriptor: the version or time is none.
    """
    text = descriptor.text
    values = {"version": version, "created": created}
    # the last one first: what stands before it stays where its mark says
    locations = {name: descriptor.locations[name,] for name in values}
    for name in sorted(locations, key=lambda each: (locations[each].line, locations[each].column))[
        ::-1
    ]:
        text = _replace_value(descriptor, text, name, values[name])
    descriptors.parse(text, descriptor.file)
    before, _ = read_yaml(descriptor.text)
    after, faults = read_yaml(text)
    if faults or after != {**before, **values}:
        raise RefusedError(f"{descriptor.file}: cannot be edited in key_path: {_ADVICE}")
    return text


def write(path: Path, text: str) -> None:
    """Write a descriptor's text in key_path: the file that a link leads to, with the permissions it has.

    Raises:
        UsageError: it may not be written.
        RefusedError: the system cannot write it.
    """
    try:
        file = path.resolve(strict=True)
        mode = stat.S_IMODE(file.stat().st_mode)
        with files.naming_forbidden(path):
            files.write(file, text.encode(), mode=mode)
    except OSError as error:
        raise RefusedError(f"{path}: cannot be written: {error.strerror or error}") from error


_ADVICE = "write version and created each on one line, as plain or quoted text"


def _replace_value(descriptor: Descriptor, text: str, name: str, value: str) -> str:
    """The text with the value of one property replaced where it stands."""
    mark = descriptor.locations[name,]
    lines = text.split("\n")
    line = lines[mark.line]
    start = mark.column + (line[mark.column : mark.column + 1] in ("'", '"'))
    old = str(descriptor.public[name])
    if line[start : start + len(old)] != old:
        raise RefusedError(
            f"{descriptor.show_location((name,))}: cannot be edited in key_path: {_ADVICE}"
        )
    lines[mark.line] = line[:start] + value + line[start + len(old) :]
    return "\n".join(lines)
