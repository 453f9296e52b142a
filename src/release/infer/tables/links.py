"""Find out if the bodies of records link to other records: then their links are a table."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path as FilePath

from release.infer.model import FieldDraft, KindDraft, RecordRead, TableDraft
from release.syntax.paths import BodyPart, Capture

#: The address of a link, or what a link of a note collection names.
_LINK = re.compile(r"\]\(<?([^()<>\s]+)|\[\[([^\[\]|#]+)")

#: So many records are looked at, of which one in so many has a link to another record, and two at least.
_SOME, _OFTEN, _LEAST = 200, 3, 2


def are_linked(folder: FilePath, kind: KindDraft) -> bool:
    """Return True if the bodies of many records of a kind have links to other records of it."""
    if kind.languages or kind.records:
        return False
    paths = {entry.path for entry in kind.entries}
    names = {_stem(path) for path in paths}
    some = list(islice((entry for entry in kind.entries if entry.has_body), _SOME))
    found = sum(
        any(link in paths or link in names for link in _find_links(folder, entry)) for entry in some
    )
    return found >= max(_LEAST, len(some) / _OFTEN)


def draw_links(kind: KindDraft, key: Sequence[FieldDraft], name: str) -> TableDraft:
    """Draw the table of the links in bodies: one row for each, by its position in the body."""
    position = "position" if "position" not in kind.captures else "link_position"
    table = TableDraft(name, kind.name, (BodyPart("$links"), Capture(position)))
    table.fields = [FieldDraft(each.name, each.type, each.origin) for each in key]
    table.fields += [
        FieldDraft(position, "integer", Capture(position)),
        FieldDraft("url", "string", "$value.url"),
        FieldDraft("text", "string", "$value.text"),
        FieldDraft("kind", "string", "$value.kind"),
    ]
    table.key = [*(each.name for each in key), position]
    table.note = "the links in texts, many of which lead to other records"
    return table


def _find_links(folder: FilePath, entry: RecordRead) -> Iterator[str]:
    """Yield what a record links to: the paths of files in the folder, and names in double brackets."""
    here = posixpath.dirname(entry.path)
    text = (folder / entry.path).read_text("utf-8", errors="replace")
    for url, name in _LINK.findall(text):
        if name:
            yield _stem(name.strip())
        elif ":" not in url:
            yield posixpath.normpath(posixpath.join(here, url.partition("#")[0]))


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]
