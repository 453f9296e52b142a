"""The parser of the command line, which refuses empty arguments."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from release.syntax.escapes import escape_log


class Parser(argparse.ArgumentParser):
    """A parser that refuses empty texts and paths, such as `"$STORE"` if that variable is not set.

    An empty path would mean the working folder. The parsers of commands are of this class, too. Defaults are
    checked as well: None, not an empty text, stands for no value.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("type", None, _text)
        self.register("type", Path, _path)

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help or an error, in which an argument that a file gave its name to is not obeyed."""
        super()._print_message(escape_log(message), file)

    def add_subparsers(self, **options: Any) -> Any:
        """Add commands, whose own parsers check their arguments and can name them in messages."""
        commands = super().add_subparsers(**options)
        commands.type = str
        return commands


def _text(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty, expected a value")
    return text


def _path(text: str) -> Path:
    return Path(_text(text))
