"""The JSON Schema of a file in which records stand, and of the conditions that leave a record out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from release.descriptor.kinds.model import Condition
from release.descriptor.model import IgnoredPath
from release.editors.values import Schema, join, spell
from release.syntax.paths import Capture, Path


@dataclass(frozen=True, slots=True)
class FileSchemas:
    """A maker of schemas for files that hold several records.

    `record` is the schema of one; `keys` has the schemas of the keys that captures of the path to the records
    stand for. Other values may stand beside the records if `is_open`.
    """

    record: Schema
    keys: Mapping[str, Schema]
    is_open: bool

    def describe(self, path: Path, beside: Sequence[IgnoredPath]) -> Schema:
        """Describe the values on the way to the records, and those beside them that are left out."""
        if not path:
            return self.record
        head, is_open = path[0], self.is_open
        others: dict[str, list[IgnoredPath]] = {}
        for each in beside:
            if not each.path or isinstance(each.path[0], Capture):
                is_open = True  # it may leave out anything here
            else:
                rest = IgnoredPath(each.path[1:], each.reason)
                others.setdefault(each.path[0], []).append(rest)
        properties = {
            key: _describe_beside(rests, is_open=is_open)
            for key, rests in others.items()
            if key != head
        }
        if isinstance(head, Capture):
            inner = replace(self, is_open=is_open or bool(others)).describe(path[1:], ())
            found: Schema = {"type": ["object", "array"], "items": inner}
            found["additionalProperties"] = inner
            if properties:
                return {**found, "properties": properties}
            names = {"propertyNames": self.keys[head.name]} if head.name in self.keys else {}
            return {**found, **names}
        inner = replace(self, is_open=is_open).describe(path[1:], others.get(head, ()))
        found = {"type": "object", "required": [head], "properties": {head: inner, **properties}}
        return found if is_open else {**found, "additionalProperties": False}


def _describe_beside(rests: Sequence[IgnoredPath], *, is_open: bool) -> Schema:
    """Describe values beside the records, of which these are left out."""
    if is_open or any(not each.path or isinstance(each.path[0], Capture) for each in rests):
        reason = next((each.reason for each in rests if not each.path), "")
        return {"description": f"Left out of the release: {reason}"} if reason else {}
    below: dict[str, list[IgnoredPath]] = {}
    for each in rests:
        below.setdefault(str(each.path[0]), []).append(IgnoredPath(each.path[1:], each.reason))
    properties = {key: _describe_beside(inner, is_open=is_open) for key, inner in below.items()}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def describe_condition(condition: Condition) -> Schema:
    """Describe the records that a condition leaves out."""
    texts = sorted(text for text in condition.values if text is not None)
    if "true" in texts:
        texts += ["True", "TRUE"]
    return _describe_at(condition.path, {"enum": spell(texts)}, None in condition.values)


def _describe_at(path: Path, value: Schema, may_be_missing: bool) -> Schema:
    """Describe a value in which one of the values at a path is as a schema says, or missing."""
    if not path:
        return {"anyOf": [value, {"enum": [None, ""]}]} if may_be_missing else value
    inner = _describe_at(path[1:], value, may_be_missing)
    head = path[0]
    if isinstance(head, Capture):
        of_mapping: Schema = {"type": "object", "not": {"additionalProperties": {"not": inner}}}
        return {"anyOf": [of_mapping, {"type": "array", "contains": inner}]}
    found: Schema = {"type": "object", "properties": {head: inner}}
    return found if may_be_missing else join([found, {"required": [head]}])
