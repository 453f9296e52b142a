"""Tables in memory, and the resources that describe them."""

from __future__ import annotations

from collections.abc import Mapping

from release.descriptor.model import Field, Resource
from release.syntax.types.value_type import ValueType


def resource_of(kinds: Mapping[str, ValueType]) -> Resource:
    """A table with columns of these types; the first one is its key."""
    fields = tuple(
        Field(name, kind.name, None, None, None, {}, (), "", {}, reading=kind)
        for name, kind in kinds.items()
    )
    key = (next(iter(kinds)),)
    return Resource("t", "t.csv", (), False, (), fields, key, (), (), None, {})
