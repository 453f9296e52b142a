"""Read where the values of a field come from: paths, captures, special values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from release.descriptor.model import RowOrigin
from release.descriptor.properties import Properties, suggest
from release.descriptor.record_kinds import RecordKinds
from release.descriptor.vocabulary import SPECIALS
from release.syntax.paths import Capture, Path, captures_of
from release.syntax.values import FieldType

#: The special values that are always text; `$bytes` may be a number or text.
_TEXT_SPECIALS = ("$body", "$path", "$sha256", "$format")


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """The origin of a table: records, the findings of the build, or (without both) a file.

    `rows` is None if the descriptor gives origins of rows that cannot be used.
    """

    rows: tuple[RowOrigin, ...] | None
    is_findings: bool
    kinds: RecordKinds

    @property
    def is_from_records(self) -> bool:
        """True if the table's rows come from records."""
        return self.rows is None or bool(self.rows)


def read_origin(
    item: Properties, table: TableOrigin, field_type: FieldType | None
) -> tuple[Path | Capture | str | None, Path | None]:
    """Read the origin of a field's values: `from`, and `locate`; None for what is not given."""
    if not table.is_from_records:
        is_curated = not table.is_findings
        why = "the table is read from its file" if is_curated else "the build writes the findings"
        item.note_unwanted("from locate", why)
        return None, None
    if "locate" in item:
        locate = item.read_path("locate")
        item.note_unwanted("from", "the field's values come from `locate`")
        if field_type not in ("integer", None):
            message = "gives an integer, the offset of a text, expected a field of the type integer"
            item.note(f"{message}, not {field_type}", "locate", at_key=True)
        if locate is not None:
            _check_captures(item, "locate", captures_of(locate), table)
        return None, locate
    if "from" not in item:
        item.note("is missing, expected the path of the field's values", "from")
        return None, None
    text = item.value["from"]
    if isinstance(text, str) and text.startswith("$"):
        return _read_special(item, text, table, field_type), None
    path = item.read_path("from")
    if path is None:
        return None, None
    _check_captures(item, "from", captures_of(path), table)
    return (path[0] if len(path) == 1 and isinstance(path[0], Capture) else path), None


def _read_special(
    item: Properties, text: str, table: TableOrigin, field_type: FieldType | None
) -> str:
    if text not in SPECIALS:
        expected = f"a path, a capture or one of {', '.join(SPECIALS)}"
        item.note_unexpected("from", expected + suggest(text, SPECIALS))
    elif text == "$value" and any(_is_mapping(rows, table) for rows in table.rows or ()):
        item.note_unexpected("from", "a path, as each row of the table is a whole record")
    elif text in _TEXT_SPECIALS and field_type not in ("string", None):
        message = f"is {text}, which is text, expected a field of the type string, not {field_type}"
        item.note(message, "from")
    return text


def _is_mapping(rows: RowOrigin, table: TableOrigin) -> bool:
    """Return whether each row is a whole record that is no text, as it is a file or a row of one."""
    kind = table.kinds[rows.kind]
    assert kind is not None
    from release.syntax.formats.endings import format_of  # few tables ask

    form = kind.container.format or format_of(kind.pattern.template)
    return not rows.path and not kind.container.records and form != "jsonl"


def _check_captures(item: Properties, key: str, names: Iterable[str], table: TableOrigin) -> None:
    """Note the captures of a path that an origin of the table's rows does not bind."""
    for origin in table.rows or ():
        kind = table.kinds[origin.kind]
        assert kind is not None
        captures = (*kind.captures, *captures_of(origin.path), *origin.constants)
        bound = ", ".join(f"{{{name}}}" for name in sorted(set(captures))) or "none"
        for name in names:
            if name not in captures:
                expected = f"a capture that the table's `rows` bind: {bound}"
                item.note(f"uses {{{name}}}, expected {expected}", key)
