"""Sum up the shapes of many records in one tree: keys, kinds of values, texts; linear in their size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from release.infer.tables.types import classify
from release.syntax.types.values import as_text

#: Texts longer than this are counted, but not kept.
LONGEST = 120

#: The most different texts that are kept at one place.
_MOST = 200_000


@dataclass(slots=True)
class Scalars:
    """The values at one place that are neither mappings nor lists.

    `classes` counts them by what they can be (`classify`). `texts` counts the short ones by text, and is None
    if there are too many or a longer one. `length` is that of all texts together.
    """

    classes: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] | None = field(default_factory=Counter)
    missing: int = 0
    length: int = 0
    longest: int = 0

    @property
    def count(self) -> int:
        """The number of values that are not missing."""
        return self.classes.total()

    def add(self, value: Any) -> None:
        """Count a value."""
        text = value if isinstance(value, str) else as_text(value)
        if not text:
            self.missing += 1
            return
        self.classes[classify(value, text)] += 1
        self.length += len(text)
        self.longest = max(self.longest, len(text))
        if self.texts is not None:
            self.texts[text] += 1
            if len(text) > LONGEST or len(self.texts) > _MOST:
                self.texts = None

    def merge(self, other: Scalars) -> None:
        """Count what another place has."""
        self.classes += other.classes
        self.missing += other.missing
        self.length += other.length
        self.longest = max(self.longest, other.longest)
        if self.texts is None or other.texts is None:
            self.texts = None
        else:
            self.texts = self.texts + other.texts


@dataclass(slots=True)
class Shape:
    """All values at one place: how many are mappings, lists or scalars, and what is in them.

    `keys` are the shapes below the mappings, in the order in which the keys were first seen; `item` is that
    of all entries of the lists; `shortest` and `longest` are the lengths of lists that hold something.
    """

    scalars: Scalars = field(default_factory=Scalars)
    mappings: int = 0
    lists: int = 0
    empty_mappings: int = 0
    empty_lists: int = 0
    shortest: int = 0
    longest: int = 0
    keys: dict[str, Shape] = field(default_factory=dict)
    item: Shape | None = None

    @property
    def count(self) -> int:
        """The number of values, without those that are missing or empty."""
        return self.scalars.count + self.mappings + self.lists

    @property
    def total(self) -> int:
        """The number of values, with those that are missing or empty."""
        return self.count + self.scalars.missing + self.empty

    @property
    def holds_something(self) -> bool:
        """True if there is a value here or below that is not missing."""
        return (
            self.scalars.count > 0
            or any(shape.holds_something for shape in self.keys.values())
            or (self.item is not None and self.item.holds_something)
        )

    @property
    def empty(self) -> int:
        """The number of mappings and lists that hold nothing."""
        return self.empty_mappings + self.empty_lists

    @property
    def forms(self) -> frozenset[str]:
        """The forms that values have here: `scalar`, `mapping`, `list`; none if all are missing."""
        found = {"scalar": self.scalars.count, "mapping": self.mappings, "list": self.lists}
        full = {form for form, count in found.items() if count}
        if full:  # an empty list is a list only where others hold something
            full |= {"list"} if self.empty_lists else set()
            full |= {"mapping"} if self.empty_mappings else set()
        return frozenset(full)

    def add(self, value: Any) -> None:
        """Count a value and all that is below it."""
        if isinstance(value, dict):
            if not value:
                self.empty_mappings += 1
                return
            self.mappings += 1
            for key, below in value.items():
                if (shape := self.keys.get(key)) is None:
                    shape = self.keys[key] = Shape()
                shape.add(below)
        elif isinstance(value, list):
            if not value:
                self.empty_lists += 1
                return
            self.lists += 1
            self._measure(len(value), len(value))
            if self.item is None:
                self.item = Shape()
            for below in value:
                self.item.add(below)
        else:
            self.scalars.add(value)

    def _measure(self, shortest: int, longest: int) -> None:
        """Take the lengths of more lists into account."""
        self.shortest = min(self.shortest or shortest, shortest)
        self.longest = max(self.longest, longest)

    def merge(self, other: Shape) -> None:
        """Count what another place has."""
        self.scalars.merge(other.scalars)
        self.mappings += other.mappings
        self.lists += other.lists
        self.empty_mappings += other.empty_mappings
        self.empty_lists += other.empty_lists
        if other.lists:
            self._measure(other.shortest, other.longest)
        for key, shape in other.keys.items():
            self.keys.setdefault(key, Shape()).merge(shape)
        if other.item is not None:
            if self.item is None:
                self.item = Shape()
            self.item.merge(other.item)


def merged(shapes: Mapping[str, Shape]) -> Shape:
    """Return the shape of what is at several places."""
    whole = Shape()
    for shape in shapes.values():
        whole.merge(shape)
    return whole
