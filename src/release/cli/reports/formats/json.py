"""Show the result of a command as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from release.cli.reports.result import CommandResult
from release.syntax.escapes import dump_json


def pieces(result: CommandResult, _options: argparse.Namespace) -> Iterator[str]:
    """Yield one JSON value."""
    yield dump_json(result.value()) + "\n"
