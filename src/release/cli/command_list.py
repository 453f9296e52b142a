"""The list of commands; only the one that is asked for is loaded."""

from __future__ import annotations

from importlib import import_module

from release import __version__
from release.cli.parser import CommandsParser, Parser

#: The commands in the order of the help, by who needs them; each with the module that has it.
_GROUPS = {
    "for those who write records": {
        "init": "init",
        "check": "build",
        "fix": "fix",
        "explain": "explain",
        "schema": "schema",
    },
    "for those who publish releases": {
        "build": "build",
        "diff": "diff",
        "bump": "bump",
        "sign": "verify",
        "publish": "store",
        "yank": "store",
        "reindex": "store",
    },
    "for those who use releases": {
        "list": "store",
        "verify": "verify",
        "query": "access.query",
        "export": "access.export",
    },
    "for everyone": {
        "cache": "cache",
        "completion": "completion",
    },
}

_COMMANDS = {name: module for group in _GROUPS.values() for name, module in group.items()}


def make_parser(command: str = "") -> Parser:
    """Make the parser of all commands; if one is named, of that alone, as the others take time to load."""
    description = "Turn a folder of records into a data release."
    parser = CommandsParser(_GROUPS, prog="release", description=description)
    parser.add_argument(
        "--version", action="version", version=f"release {__version__}", help="show the version"
    )
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for name in [command] if command in _COMMANDS else _COMMANDS:
        module = import_module(f"release.cli.commands.{_COMMANDS[name]}")
        getattr(module, f"add_{name}")(commands)
    return parser
