"""The parser of the command line: it says in plain words what is wrong with arguments."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from release.findings.message import list_choices, printable, shown
from release.syntax.escapes import escape_log


class Parser(argparse.ArgumentParser):
    """A parser that refuses empty texts and paths, such as `"$STORE"` if that variable is not set.

    An empty path would mean the working folder. The parsers of commands are of this class, too. Defaults are
    checked as well: None, not an empty text, stands for no value.
    """

    _LISTED = "explains its arguments"

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

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the arguments, and where more is said; end with exit code 2."""
        message = message.removeprefix("argument ")
        self.exit(2, f"{self.prog}: {message}\n`{self.prog} --help` {self._LISTED}\n")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse arguments; refuse those that are unknown here, so that the command's own name is said."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(self._describe_unknown(rest))
        return found, rest

    def _describe_unknown(self, rest: Sequence[str]) -> str:
        """Say which argument is unknown, and which option was probably meant."""
        option = next((each for each in rest if each.startswith("-") and each != "--"), None)
        if option is None:
            return f"{shown(rest[0])} is one argument too many"
        name = option.partition("=")[0]
        known = [each for each in self._option_string_actions if each.startswith("--")]
        return f"{printable(name)} is no option{_suggest(name, known)}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is none of the choices, or a command that there is not."""
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        if action.nargs == argparse.PARSER:
            meant = _SYNONYMS.get(value, value)
            near = f"; did you mean {shown(meant)}?" if meant in known else _suggest(value, known)
            self.error(f"{shown(value)} is no command{near}")
        name = action.option_strings[-1] if action.option_strings else action.metavar
        self.error(
            f"{name} is {shown(value)}, expected {list_choices(known)}{_suggest(value, known)}"
        )


class CommandsParser(Parser):
    """The parser of all commands, whose help shows them in groups."""

    _LISTED = "lists the commands"

    def __init__(self, groups: Mapping[str, Collection[str]], **options: Any) -> None:
        super().__init__(**options)
        self._groups = groups

    def add_subparsers(self, **options: Any) -> Any:
        """Add commands. That there is none is said by `parse_known_args`, after what is wrong before it."""
        self._commands = super().add_subparsers(**options)
        return self._commands

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse a command and its arguments."""
        found, rest = super().parse_known_args(args, namespace)
        if not hasattr(found, "run"):
            self.error("expected a command")
        return found, rest

    def format_help(self) -> str:
        """Return the help, with the commands in groups."""
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        commands = {each.dest: each for each in self._commands._choices_actions}
        for title, names in self._groups.items():
            formatter.start_section(title)
            formatter.add_arguments([commands[name] for name in names if name in commands])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([each for each in self._actions if each.option_strings])
        formatter.end_section()
        formatter.add_text("`release COMMAND --help` explains the arguments of a command.")
        return formatter.format_help()


#: What other programs call the commands of this one.
_SYNONYMS = {
    "compare": "diff",
    "delete": "yank",
    "lint": "check",
    "ls": "list",
    "new": "init",
    "test": "check",
    "upload": "publish",
    "validate": "check",
}


def _suggest(text: str, known: Sequence[str]) -> str:
    """Return which of some texts was probably meant; empty if none is similar."""
    from release.descriptor.properties import suggest  # only a fault needs it

    return suggest(text, known)


def _text(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("is empty, expected a value")
    return text


def _path(text: str) -> Path:
    return Path(_text(text))
