"""Tell the format of a file by the ending of its name."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Literal, get_args

#: The formats of files of records. A text of the format markdown is front matter and a body.
FileFormat = Literal["markdown", "yaml", "yaml-documents", "json", "toml", "jsonl", "csv", "tsv"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)

#: Formats by the ending of a file's name, in lower case and without the dot; all others are markdown.
ENDINGS: Mapping[str, FileFormat] = {
    "yaml": "yaml",
    "yml": "yaml",
    "json": "json",
    "toml": "toml",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "csv": "csv",
    "tsv": "tsv",
}

#: Formats of files that are a list of records by themselves, and the name of an entry of each.
LISTS: Mapping[str, str] = {
    "jsonl": "line",
    "csv": "row",
    "tsv": "row",
    "yaml-documents": "document",
}


def format_of(path: str) -> FileFormat:
    """Return the format that the ending of a file's name says."""
    return ENDINGS.get(posixpath.splitext(path)[1][1:].lower(), "markdown")
