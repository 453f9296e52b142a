"""Show what a change does to a file, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from release.fix.changes import FileChange
from release.fix.file_text import FileText


def show_difference(change: FileChange) -> Iterator[str]:
    """Yield the lines of a unified diff of a changed file, as `patch -p1` takes it.

    Line ends that become LF, and a byte-order mark, are counted in a line above it: they are not seen.
    """
    old, new = FileText(change.old), FileText(change.new)
    if crlf := change.old.count(b"\r\n") - change.new.count(b"\r\n"):
        yield f"{change.path}: {crlf:,} line {'end becomes' if crlf == 1 else 'ends become'} LF"
    if old.has_mark and not new.has_mark:
        yield f"{change.path}: the byte-order mark is removed"
    before, after = (each.text.split("\n") for each in (old, new))
    before, after = (_mark_end(lines) for lines in (before, after))
    for line in difflib.unified_diff(
        before, after, f"a/{change.path}", f"b/{change.path}", lineterm=""
    ):
        text, is_open = line.removesuffix(_OPEN), line.endswith(_OPEN)
        yield text
        if is_open:
            yield "\\ No newline at end of file"


#: Ends a line that has no line end; no line holds one.
_OPEN = "\n"


def _mark_end(lines: list[str]) -> list[str]:
    """Return lines without the empty one behind the last line end, or with a mark at the last one."""
    return lines[:-1] if not lines[-1] else [*lines[:-1], lines[-1] + _OPEN]
