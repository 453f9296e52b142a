"""Show the rows of a query to people: a table whose columns have the width of their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from release.findings.message import printable

if TYPE_CHECKING:
    from release.access.query.result import QueryResult

#: The most characters of a value.
_WIDEST = 60


def pieces(result: QueryResult) -> Iterator[str]:
    """Yield a result as a table for people; long values are cut, and each row is a line."""
    from rich.cells import cell_len

    from release.access import cells

    rows = [list(map(printable, result.names))]
    for batch in result.batches:
        texts = [cells.write(column).to_pylist() for column in batch.columns]
        rows += ([_shown(each) for each in row] for row in zip(*texts, strict=True))
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for at, row in enumerate(rows):
        padded = [
            " " * (width - cell_len(text)) + text
            if form == "number"
            else text + " " * (width - cell_len(text))
            for text, width, form in zip(row, widths, result.forms, strict=True)
        ]
        yield "  ".join(padded).rstrip() + "\n"
        if at == 0:
            yield "  ".join("─" * width for width in widths) + "\n"


def _shown(text: str | None) -> str:
    """Return a value as a table shows it; a missing one is empty, an empty text two quotes."""
    if text is None:
        return ""
    line = printable(text[: _WIDEST + 1])
    return f"{line[:_WIDEST]}…" if len(line) > _WIDEST else line or "''"
