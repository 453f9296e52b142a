"""The fields of a form: one for each place of a record, with the widget that fits its type.

https://decapcms.org/docs/widgets/ has the widgets; Sveltia CMS takes the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from release.descriptor.model import Field
from release.editors.code_texts import find_texts
from release.editors.places import Place, Use
from release.editors.presence import is_needed_by_record
from release.editors.text_patterns import find_pattern, match_whole
from release.editors.values import spell
from release.records.codelists import Lookup
from release.syntax.paths import show_path

#: A field of a form, with the properties that the CMS knows.
Widget = dict[str, Any]


@dataclass(slots=True)
class FormFields:
    """A maker of the fields of a form.

    Attributes:
        lookups: The codelists, by the name of their table.
        languages: The languages of the form; empty without.
        notes: What the form cannot express, in the order in which it was found.
    """

    lookups: Mapping[str, Lookup]
    languages: tuple[str, ...]
    notes: list[str] = field(default_factory=list)

    def make(self, place: Place) -> list[Widget]:
        """Make the fields for the keys of a mapping; what has none is noted."""
        found = []
        for key, each in place.keys().items():
            if (widget := self._make_field(key, each)) is not None:
                found.append(widget)
        return found

    def _make_field(self, key: str, place: Place) -> Widget | None:
        name = show_path(place.nodes[0].pattern)
        if place.reasons:
            self.notes.append(
                f"{name} is left out of the form, as of the release: {place.reasons[0]}"
            )
            return None
        head = {"name": key, "label": _label(key, place)}
        inner = self._make_inner(place, name)
        if inner is None:
            return None
        widget = {**head, **inner, "required": is_needed_by_record(place)}
        if hint := next((use.field.description for use in place.uses if use.field.description), ""):
            widget["hint"] = hint
        return widget | ({"i18n": True} if self.languages else {})

    def _make_inner(self, place: Place, name: str) -> Widget | None:
        """Make the widget for the value at a place, and what is specific to it."""
        read = [use for use in place.uses if use.is_read]
        if len({use.field.when for use in read}) > 1 or any(use.field.when for use in read):
            self.notes.append(f"{name} has values of several types, for which there is no widget")
            return None
        if read and not any(use.field.values.facts.is_json for use in read):
            return self._make_scalar(read[0].field, name)
        if read:
            return self._make_structure(read[0], name)
        if place.openings():
            self.notes.append(f"{name} may be a list or one value: the form writes a list")
        if (item := place.item()) is not None and not _is_mapping(item):
            return self._make_list(item, name)
        if (other := place.any_key()) is not None:
            return self._make_mapping(place, other, name)
        fields = self.make(place)
        return {"widget": "object", "collapsed": True, "fields": fields} if fields else None

    def _make_list(self, item: Place, name: str) -> Widget | None:
        if item.keys():
            return {"widget": "list", "fields": self.make(item)}
        inner = self._make_inner(item, name)
        if inner is None:
            return None
        return {"widget": "list", "field": {"name": "item", "label": _label(name, item), **inner}}

    def _make_mapping(self, place: Place, other: Place, name: str) -> Widget | None:
        """Make the widget of a mapping whose keys are captured: a field for each code that may be one."""
        fields = self.make(place)
        coded = [use for use in other.key_uses if use.field.codes in self.lookups]
        for use in coded[:1]:
            for text in find_texts(use.field, self.lookups[use.field.codes or ""], self._language):
                inner = self._make_inner(other, name) if text.is_code else None
                if inner is not None:
                    head = {"name": text.text, "label": text.label or text.text}
                    fields.append({**head, **inner, "required": False, **self._i18n()})
        if coded:
            self.notes.append(
                f"{name} has fields for codes only, not for keys that are labels or aliases"
            )
            return {"widget": "object", "collapsed": True, "fields": fields}
        if not other.keys() and not fields:
            self.notes.append(
                f"{name} has keys of any name: its widget is one of Sveltia CMS alone"
            )
            return {"widget": "keyvalue"}
        self.notes.append(f"{name} has keys of any name, for which there is no widget")
        return {"widget": "object", "collapsed": True, "fields": fields} if fields else None

    @property
    def _language(self) -> str:
        return self.languages[0] if self.languages else ""

    def _i18n(self) -> Widget:
        return {"i18n": True} if self.languages else {}

    def _make_structure(self, use: Use, name: str) -> Widget | None:
        kind = use.field.values
        if kind.name == "list":
            item = {"integer": "number", "number": "number", "boolean": "boolean"}
            inner: Widget = {
                "name": "item",
                "label": "Item",
                "widget": item.get(kind.item, "string"),
            }
            if kind.item in ("integer", "number"):
                inner["value_type"] = "int" if kind.item == "integer" else "float"
            return {"widget": "list", "field": inner}
        self.notes.append(f"{name} has the type {kind.name}, for which there is no widget")
        return None

    def _make_scalar(self, item: Field, name: str) -> Widget:
        kind, limits = item.values, item.constraints
        if options := list(self._find_options(item)):
            return {"widget": "select", "options": options}
        if kind.name in ("integer", "year") or (kind.name == "number" and kind.decimals is None):
            widget: Widget = {"widget": "number"}
            widget["value_type"] = "float" if kind.name == "number" else "int"
            for key, limit in (("min", "minimum"), ("max", "maximum")):
                if type(limits.get(limit)) in (int, float):
                    widget[key] = limits[limit]
            return widget
        if kind.name == "boolean":
            return {"widget": "boolean"}
        if kind.name in ("date", "datetime") and kind.notation.format == "default":
            return _make_date(kind.name, has_zone=kind.zone)
        own = limits.get("pattern")
        pattern = find_pattern(kind) if own is None else str(own)
        if "unique" in limits:
            self.notes.append(f"{name} is unique, which a form does not know")
        if pattern is not None:
            return {"widget": "string", "pattern": [match_whole(pattern), f"expected {kind.words}"]}
        shortest, longest = limits.get("minLength"), limits.get("maxLength")
        if shortest is not None or longest is not None:
            most = "" if longest is None else longest
            expected = f"expected {shortest or 0} to {most or 'any number of'} characters"
            length = [f"^[\\s\\S]{{{shortest or 0},{most}}}$", expected]
            return {"widget": "text", "pattern": length}
        return {"widget": "text"}

    def _find_options(self, item: Field) -> Iterator[Any]:
        """Find the values to choose from: texts of a codelist, categories, or those that are listed."""
        if item.codes in self.lookups:
            for text in find_texts(item, self.lookups[item.codes or ""], ""):
                label = f"{text.label} ({text.code})" if text.is_code and text.label else text.text
                yield {"label": label, "value": text.text}
            return
        listed = item.public.get("categories") or item.constraints.get("enum") or ()
        for each in listed:
            value: Any = each["value"] if isinstance(each, dict) else each
            label = each.get("label", value) if isinstance(each, dict) else value
            yield {"label": str(label), "value": spell([value])[-1]}


def _make_date(name: str, *, has_zone: bool) -> Widget:
    if name == "date":
        form = {"format": "YYYY-MM-DD", "date_format": "YYYY-MM-DD", "time_format": False}
        return {"widget": "datetime", **form}
    form = {"format": f"YYYY-MM-DDTHH:mm:ss{'[Z]' if has_zone else ''}", "picker_utc": has_zone}
    return {"widget": "datetime", **form}


def _is_mapping(item: Place) -> bool:
    """Return whether the values of a capture stand in a mapping: a field takes its keys as texts."""
    types = {use.field.values.name for use in item.key_uses}
    return bool(types) and types != {"integer"}


def _label(key: str, place: Place) -> str:
    """Return the title of the field that reads a value, else its key in words."""
    titles = [use.field.public.get("title") for use in place.uses if use.is_read]
    return next((str(each) for each in titles if each), key)
