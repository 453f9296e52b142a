"""`release completion`: the script with which a shell completes commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from release.cli.terminal import DONE, say

#: The shells in which the scripts are tested, of those that shtab knows.
_SHELLS = ("bash", "zsh", "fish")

#: What the help calls an argument that is a file, or a folder.
_FILES = {"FILE", "PATH", "RELEASE", "OLD", "NEW"}
_FOLDERS = {"FOLDER", "STORE", "TARGET"}


def add_completion(commands: Any) -> None:
    """Add `completion`."""
    parser = commands.add_parser(
        "completion",
        help="print what makes a shell complete commands and options",
        description="Print the script that makes a shell complete commands, options and files.",
    )
    parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help="bash, zsh or fish")
    parser.set_defaults(run=_completion)


def _completion(options: argparse.Namespace) -> int:
    import shtab

    from release.cli.command_list import make_parser
    from release.findings.rules import RELEASE_RULES, RULES

    parser = make_parser()
    for action in _actions(parser):
        if action.choices:
            continue
        name = action.metavar or action.dest.upper()
        if name == "RULE":
            action.choices = sorted({*RULES, *RELEASE_RULES})
        elif formats := getattr(action, "formats", None):
            action.choices = formats
        elif name in _FILES | _FOLDERS:
            action.complete = shtab.FILE if name in _FILES else shtab.DIRECTORY  # type: ignore[attr-defined]
    say(shtab.complete(parser, options.shell).rstrip())
    return DONE


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield each argument of a parser, and of its commands, which get short descriptions."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for shown in action._choices_actions:
                command = action.choices[shown.dest]
                command.description = shown.help
                yield from _actions(command)
        else:
            yield action
