"""Read properties of a manifest one by one, and note the problem of each by its key path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from release.findings.message import shown
from release.syntax.paths import KeyPath, brief_path


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a property of a manifest, by its key path."""

    rule: str
    key_path: KeyPath
    message: str


class PropertyReader:
    """A reader of properties by key path, with the problems that it found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def note(self, key_path: KeyPath, message: str, rule: str = "manifest-property") -> None:
        """Note a problem of the property at a key path."""
        self.problems.append(Problem(rule, key_path, message))

    def text(self, mapping: Mapping[str, Any], key_path: KeyPath) -> str:
        """Return the text at the last key of a key path; an empty one, with a note, where there is none."""
        value = mapping.get(str(key_path[-1]))
        if isinstance(value, str) and value:
            return value
        self.note(key_path, f"{brief_path(key_path)} is {shown(value)}, expected text")
        return ""

    def optional(self, mapping: Mapping[str, Any], key_path: KeyPath) -> str:
        """Return the text at the last key of a key path; an empty one where the key is not given."""
        return self.text(mapping, key_path) if mapping.get(str(key_path[-1]), "") != "" else ""

    def texts(self, value: Any, key_path: KeyPath) -> tuple[str, ...]:
        """Return a list of texts; none, with a note, where the value is something else."""
        if isinstance(value, list) and are_texts(value):
            return tuple(value)
        self.note(key_path, f"{brief_path(key_path)} is {shown(value)}, expected a list of texts")
        return ()

    def entries(self, value: Any, key_path: KeyPath) -> Iterator[tuple[Mapping[str, Any], KeyPath]]:
        """Yield the mappings in a list, each with its key path; anything else there is noted."""
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            message = f"{brief_path(key_path)} is {shown(value)}, expected a list of mappings"
            self.note(key_path, message)
        for at, each in enumerate(value if isinstance(value, list) else []):
            if isinstance(each, dict):
                yield each, (*key_path, at)


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, a value as a list of it alone; the standard has both forms for keys."""
    return value if isinstance(value, list) else [] if value is None else [value]


def are_texts(values: Sequence[Any]) -> bool:
    """Return whether all values are texts."""
    return all(isinstance(each, str) for each in values)
