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


@dataclass(frozen=True, slots=True)
class _Summary:
    """The sum of the values at one place."""

    classes: Counter[str]
    texts: Counter[str] | None
    length: int


@dataclass(slots=True)
class Scalars:
    """The values at one place that are neither mappings nor lists.

    `strings` counts the texts, of which one may be there often, so that each is looked at once; `others`
    counts the text of a number or boolean, with what it can be.
    """

    strings: dict[str, int] = field(default_factory=dict)
    others: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: int = 0
    _summary: _Summary | None = None

    @property
    def count(self) -> int:
        """The number of values that are not missing."""
        return self.classes.total()

    @property
    def classes(self) -> Counter[str]:
        """The number of values by what they can be (`classify`)."""
        return self._sum_up().classes

    @property
    def texts(self) -> Counter[str] | None:
        """The number of values by text; None if there are too many texts, or a long one."""
        return self._sum_up().texts

    @property
    def length(self) -> int:
        """The length of all texts together."""
        return self._sum_up().length

    def add(self, value: Any) -> None:
        """Count a value."""
        self._summary = None
        if isinstance(value, str):
            if value:
                self.strings[value] = self.strings.get(value, 0) + 1
            else:
                self.missing += 1
            return
        text = as_text(value)
        if not text:
            self.missing += 1
            return
        self.others[classify(value, text), text] += 1

    def merge(self, other: Scalars) -> None:
        """Count what another place has."""
        self._summary = None
        for text, count in other.strings.items():
            self.strings[text] = self.strings.get(text, 0) + count
        self.others += other.others
        self.missing += other.missing

    def _sum_up(self) -> _Summary:
        if self._summary is not None:
            return self._summary
        classes: Counter[str] = Counter()
        texts = Counter(self.strings)
        for text, count in self.strings.items():
            classes[classify(text, text)] += count
        for (found, text), count in self.others.items():
            classes[found] += count
            texts[text] += count
        longest = max(map(len, texts), default=0)
        length = sum(len(text) * count for text, count in texts.items())
        is_kept = longest <= LONGEST and len(texts) <= _MOST
        self._summary = _Summary(classes, texts if is_kept else None, length)
        return self._summary


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
