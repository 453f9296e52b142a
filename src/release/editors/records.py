"""The JSON Schema of the records of a kind, in one language or in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from release.descriptor.checks import is_lowered
from release.descriptor.model import Field
from release.editors.code_texts import find_texts
from release.editors.places import Place, RecordLayout, Use
from release.editors.presence import (
    find_required,
    find_row_conditions,
    is_needed_by_record,
    is_needed_for_record,
)
from release.editors.text_patterns import escape
from release.editors.value_classes import describe_classes
from release.editors.values import (
    SCALARS,
    Schema,
    describe_value,
    join,
    missing_texts,
    or_missing,
    spell,
)
from release.records.codelists import Lookup


@dataclass(slots=True)
class RecordSchemas:
    """A maker of schemas for the records of a kind.

    Attributes:
        layout: The places of the records.
        lookups: The codelists, by the name of their table.
        language: The language of the records; empty for records in any.
        definitions: The schemas that others refer to, by name; made as they are needed.
    """

    layout: RecordLayout
    lookups: Mapping[str, Lookup]
    language: str = ""
    definitions: dict[str, Schema] = field(default_factory=dict)

    def describe_record(self) -> Schema:
        """Describe a record."""
        return self.describe(self.layout.place)

    def describe(self, place: Place) -> Schema:
        """Describe the value at a place; also one that is missing, unless each record needs it."""
        return {**_annotate(place), **self._describe_fields(place)}

    def _describe_fields(self, place: Place) -> Schema:
        read = [use for use in place.uses if use.is_read]
        divided = [use for use in read if use.field.when is not None]
        whole = [use for use in read if use.field.when is None]
        if divided:
            return join([*self._each(whole, place), self._describe_divided(divided, place)])
        plain = [use for use in whole if not use.field.values.facts.is_json]
        if plain:  # a field of another type reports a mapping or list
            return join(self._each(whole, place))
        inner = self._describe_inside(place, takes_whole=bool(whole))
        if whole:
            return join([*self._each(whole, place), inner])
        return inner

    def _each(self, uses: list[Use], place: Place) -> list[Schema]:
        """Describe the values that each of some fields takes, each schema once."""
        found: list[Schema] = []
        for use in uses:
            is_required = is_needed_for_record(use, place)
            schema = self.describe_field(use.field, is_required=is_required)
            if schema not in found:
                found.append(schema)
        return found

    def describe_field(self, item: Field, *, is_required: bool = False) -> Schema:
        """Describe the values that a field takes."""
        severities = self.layout.descriptor.severities
        if item.codes is not None and item.codes in self.lookups:
            return self._describe_codes(item, is_required=is_required)
        if is_lowered(f"{item.name}-type", severities):
            return {}
        return describe_value(item, is_required=is_required)

    def _describe_codes(self, item: Field, *, is_required: bool) -> Schema:
        """Describe the codes, labels and aliases that a field takes, as a list to choose from."""
        assert item.codes is not None
        lookup = self.lookups[item.codes]
        texts = find_texts(item, lookup, self.language)
        listed = [
            (value, each) for each in texts if not each.is_foreign for value in spell([each.text])
        ]
        own = self._define(
            item.codes,
            {
                "enum": [value for value, _ in listed],
                "enumDescriptions": [each.describe() for _, each in listed],
            },
        )
        severity = self.layout.descriptor.severities.get("label-language", "warning")
        foreign = spell(each.text for each in texts if each.is_foreign)
        if foreign and severity == "warning":  # taken, and not offered
            own = {"anyOf": [own, {"not": {"not": {"enum": foreign}}}]}
        if item.keeps_unknown:
            return {"anyOf": [own, {"type": [*SCALARS, "null"]}]}
        return own if is_required else or_missing(own, missing_texts(item.values))

    def _define(self, name: str, schema: Schema) -> Schema:
        """Return a reference to a schema among the definitions."""
        at = 1
        key = name
        while self.definitions.setdefault(key, schema) != schema:
            at += 1
            key = f"{name} {at}"
        pointer = key.replace("~", "~0").replace("/", "~1").replace("%", "%25").replace(" ", "%20")
        return {"$ref": f"#/definitions/{pointer}"}

    def _describe_divided(self, uses: list[Use], place: Place) -> Schema:
        """Describe a value that one of several fields takes, by its class."""
        branches = [
            join([describe_classes(use.field.when or frozenset()), self.describe_field(use.field)])
            for use in uses
        ]
        takes = {each for use in uses for each in use.field.when or ()}
        if not takes & {"mapping", "list"}:
            branches.append(self._describe_inside(place, takes_whole=False))
        return or_missing({"anyOf": branches}, [])

    def _describe_inside(self, place: Place, *, takes_whole: bool) -> Schema:
        """Describe a value by what stands in it: a mapping, a list, what counts as a list, or neither."""
        is_open = takes_whole or bool(place.reasons) or self.lets_unmapped
        named, other, item = place.keys(), place.any_key(), place.item()
        takes_scalars = bool(place.uses) or place.has_conditions
        found: Schema = {}
        types: list[str] = []
        if named or other:
            types.append("object")
            found |= self._describe_mapping(place, named, other, is_open=is_open)
        if item or place.positions():
            types.append("array")
            found |= self._describe_list(place, item, is_open=is_open)
        choices = list(self._describe_openings(place))
        if is_open:
            return found
        if takes_scalars:
            types += SCALARS
        if not types and not choices:
            return {"type": "null"}
        if not is_needed_by_record(place) or place.is_root:
            types.append("null")
        own = {**found, "type": types if types[1:] else types[0]}
        return {"anyOf": [own, *choices]} if choices else own

    @property
    def lets_unmapped(self) -> bool:
        """True if a value that nothing maps is no error."""
        return is_lowered("unmapped-path", self.layout.descriptor.severities)

    def _describe_mapping(
        self, place: Place, named: Mapping[str, Place], other: Place | None, *, is_open: bool
    ) -> Schema:
        """Describe the keys of a mapping."""
        required = find_required(place)
        properties = {key: self.describe(each) for key, each in named.items()}
        found: Schema = {}
        if other is not None:
            properties |= self._describe_known_keys(other, properties)
            found |= self._describe_keys(other, named)
        if properties:
            found["properties"] = properties
        if other is not None:
            found["additionalProperties"] = self.describe(other)
        elif not is_open:
            found["additionalProperties"] = False
        if required:
            found["required"] = sorted(required)
        if conditions := find_row_conditions(place):
            found["allOf"] = conditions
        return found

    def _describe_known_keys(self, other: Place, named: Mapping[str, Schema]) -> dict[str, Schema]:
        """Describe the codes that may be keys, so that an editor offers them."""
        found = {}
        for use in other.key_uses:
            if use.field.codes is None or use.field.codes not in self.lookups:
                continue
            for text in find_texts(use.field, self.lookups[use.field.codes], self.language):
                if text.is_code and text.text not in named:
                    note = {"title": text.describe()} if text.describe() else {}
                    found[text.text] = {**self.describe(other), **note}
        return found

    def _describe_keys(self, other: Place, named: Mapping[str, Place]) -> Schema:
        """Describe the keys of a mapping that fields take."""
        found = []
        for use in other.key_uses:
            schema = self.describe_field(use.field, is_required=True)
            if schema not in found:
                found.append(schema)
        if not found:
            return {}
        own = join(found)
        if named:
            own = {"anyOf": [own, {"enum": list(named)}]} if not _takes(other, named) else own
        return {"propertyNames": own}

    def _describe_list(self, place: Place, item: Place | None, *, is_open: bool) -> Schema:
        """Describe the entries of a list."""
        positions = place.positions()
        others: Any = self.describe(item) if item is not None else is_open
        if not positions:
            return {"items": others}
        items = [
            self.describe(positions[at]) if at in positions else others
            for at in range(max(positions) + 1)
        ]
        return {"items": items, "additionalItems": others}

    def _describe_openings(self, place: Place) -> Iterator[Schema]:
        """Describe the values that count as a list of one, and the texts that count as several entries."""
        for one_or_many, separator, entry in place.openings():
            inner = self.describe(entry)
            yield inner if one_or_many else {"allOf": [inner, {"type": [*SCALARS, "null"]}]}
            if separator:
                yield {"type": "string", "pattern": escape(separator)}


def _takes(other: Place, named: Mapping[str, Place]) -> bool:
    """Return whether the place of any key is one of the named keys, too."""
    ids = {id(node) for node in other.nodes}
    return all(ids & {id(node) for node in each.nodes} for each in named.values())


def _annotate(place: Place) -> Schema:
    """Return the title and the description of a place, from the first field that has one."""
    found: Schema = {}
    if place.reasons:
        return {"description": f"Left out of the release: {place.reasons[0]}"}
    for use in place.uses:
        if not use.is_read:
            continue
        title = use.field.public.get("title")
        if title and "title" not in found:
            found["title"] = title
        if use.field.description and "description" not in found:
            found["description"] = use.field.description
        example = use.field.public.get("example")
        if example is not None and "examples" not in found:
            found["examples"] = [example]
    return found
