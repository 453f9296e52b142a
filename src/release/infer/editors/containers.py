"""The JSON Schema of a file in which records stand, and of the conditions that leave a record out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from release.descriptor.kinds.model import Condition
from release.descriptor.model import IgnoredPath
from release.infer.editors.values import Schema, join, spell
from release.syntax.paths import Capture, Path


def describe_container(
    path: Path,
    record: Schema,
    beside: Sequence[IgnoredPath],
    keys: Mapping[str, Schema],
    *,
    is_open: bool,
) -> Schema:
    """Describe the values on the way to the records of a file, and those that stand beside them.

    Args:
        path: The path to the records.
        record: The schema of one.
        beside: What is left out.
        keys: The schemas of the keys that a capture of the path stands for.
        is_open: True if other values may stand beside the records.
    """
    others: dict[str, list[IgnoredPath]] = {}
    for each in beside:
        if not each.path or isinstance(each.path[0], Capture):
            is_open = True  # it may leave out anything here
        else:
            rest = IgnoredPath(each.path[1:], each.reason)
            others.setdefault(each.path[0], []).append(rest)
    head = path[0] if path else None
    properties = {
        key: _describe_beside(rests, is_open=is_open)
        for key, rests in others.items()
        if key != head
    }
    if head is None:
        return record
    found: Schema
    if isinstance(head, Capture):
        inner = describe_container(path[1:], record, (), keys, is_open=True if others else is_open)
        found = {"type": ["object", "array"], "items": inner, "additionalProperties": inner}
        if properties:
            found["properties"] = properties
        elif head.name in keys:
            found["propertyNames"] = keys[head.name]
        return found
    below = others.get(head, ())
    inner = describe_container(path[1:], record, below, keys, is_open=is_open)
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
