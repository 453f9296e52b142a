"""Show what a change does to a file, as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator

from release.fix.changes import FileChange
from release.fix.file_text import FileText
from release.system.comparison import compare_lines


def show_difference(change: FileChange) -> Iterator[str]:
    """Yield the lines of a unified diff of a changed file, as `patch -p1` takes it.

    Line ends that become LF, and a byte-order mark, are counted in a line above it: they are not seen.
    """
    old, new = FileText(change.old), FileText(change.new)
    if crlf := change.old.count(b"\r\n") - change.new.count(b"\r\n"):
        yield f"{change.path}: {crlf:,} line {'end becomes' if crlf == 1 else 'ends become'} LF"
    if old.has_mark and not new.has_mark:
        yield f"{change.path}: the byte-order mark is removed"
    yield from compare_lines(change.path, old.text, new.text)
