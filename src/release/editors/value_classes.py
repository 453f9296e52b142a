"""The JSON Schema of the classes of values that `when` tells apart."""

from __future__ import annotations

from collections.abc import Set

from release.editors.text_patterns import find_pattern, match_whole
from release.editors.values import Schema, spell
from release.syntax.types.registry import PLAIN_TEXTS
from release.syntax.types.value_type import of

#: The classes of texts other than `text`, the narrowest first.
_NARROW = ("integer", "number", "boolean", "date")


def describe_classes(classes: Set[str]) -> Schema:
    """Describe the values of some classes; a text after `=` is one of its own."""
    choices: list[Schema] = []
    if texts := spell(sorted(each[1:] for each in classes if each.startswith("="))):
        choices.append({"enum": texts})
    types = {"boolean": "boolean", "integer": "integer", "mapping": "object", "list": "array"}
    for name in sorted(classes):
        if name in types:
            choices.append({"type": types[name]})
        if name == "number":
            choices.append({"type": "number", "not": {"type": "integer"}})
        if name in _NARROW:
            at = _NARROW.index(name)
            own: Schema = {"type": "string", "pattern": _pattern(name)}
            if wider := [{"pattern": _pattern(each)} for each in _NARROW[:at]]:
                own["not"] = {"anyOf": wider}
            choices.append(own)
        elif name == "text":
            others = [{"pattern": _pattern(each)} for each in _NARROW]
            choices.append({"type": "string", "not": {"anyOf": others}})
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _pattern(name: str) -> str:
    if name == "date":
        return match_whole(find_pattern(of("date")) or "")
    return PLAIN_TEXTS[name]
