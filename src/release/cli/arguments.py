"""The parser of arguments, in which one that is empty names nothing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


class Parser(argparse.ArgumentParser):
    """A parser that refuses empty texts and paths, which a variable that is not set gives.

    An empty path would be the working folder, and an empty name nobody's. Parsers of its commands are of
    the same kind. A default is a value like any other, so none may be empty: None says that there is none.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("type", None, _text)
        self.register("type", Path, _path)

    def add_subparsers(self, **options: Any) -> Any:
        """Add commands; what comes after one is for its own parser to judge, which can name it."""
        commands = super().add_subparsers(**options)
        commands.type = str
        return commands


def _text(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty, expected a value")
    return text


def _path(text: str) -> Path:
    return Path(_text(text))
