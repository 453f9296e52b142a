"""Name a field in messages as the records name it, beside the name of its column."""

from __future__ import annotations

import re

from release.descriptor.model import Field
from release.findings.message import named
from release.syntax.paths import single_origins


def name_as_in_records(message: str, field: Field) -> str:
    """Return a message that begins with a field's name, with the name that records have for it first.

    Whoever mends a record looks for `pubDate`, not for the column `published` that it becomes. A message that
    begins otherwise stays as it is, and so does one on a field of several origins, or of the same name.

    This is for errors. A warning is published beside the tables, whose readers know the columns.
    """
    name = _record_name(field)
    begin = f"{named(field.name)} "
    if not name or name == field.name or not message.startswith(begin):
        return message
    shown = named(name)
    if _plain(name) != _plain(field.name):
        shown = f"{shown} (column {named(field.name)})"
    return f"{shown} {message.removeprefix(begin)}"


def _plain(name: str) -> str:
    """Return a name without what only its style says: `reviewStatus` and `review_status` are one name."""
    return re.sub(r"[\W_]", "", name).casefold()


def _record_name(field: Field) -> str:
    """Return the key of the records that a field's values stand at; empty if there is no single one."""
    paths = {each for each in single_origins(field.origin) if isinstance(each, tuple)}
    if len(paths) != 1:
        return ""
    keys = [segment for segment in next(iter(paths)) if isinstance(segment, str)]
    if len(keys) > 1 and keys[-1].isdecimal():  # a position of a list
        return ".".join(keys[-2:])
    return keys[-1] if keys else ""
