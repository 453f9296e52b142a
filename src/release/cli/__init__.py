"""Arguments, terminal, exit codes. Nothing else prints or exits."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from release import __version__
from release.cli.cache import add_cache
from release.cli.diff import add_bump, add_diff
from release.cli.records import add_build, add_check
from release.cli.store import add_list, add_publish, add_reindex, add_yank
from release.cli.terminal import FOUND, INTERRUPTED, UNUSABLE
from release.cli.verify import add_sign, add_verify
from release.errors import RefusedError, ReleaseError, UsageError


def program() -> int:
    """The console command: `main` in a process of its own."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        from release.columns import leave_pandas

        leave_pandas()
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal cannot show is escaped
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        _diagnose(error)
        return UNUSABLE
    except RefusedError as error:
        _diagnose(error)
        return FOUND
    except ReleaseError as error:
        _diagnose(error)
        return FOUND
    except KeyboardInterrupt:
        _diagnose("interrupted; nothing was published")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has gone; what is left to flush has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FOUND
    except OSError as error:
        _diagnose(
            f"{error.filename or 'the system'}: {error.strerror or error}; nothing was published"
        )
        return FOUND


def _diagnose(message: object) -> None:
    print(f"release: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "release", description="Turn a folder of records into a data release."
    )
    parser.add_argument("--version", action="version", version=f"release {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_check(commands)
    add_build(commands)
    add_diff(commands)
    add_bump(commands)
    add_verify(commands)
    add_sign(commands)
    add_list(commands)
    add_yank(commands)
    add_reindex(commands)
    add_publish(commands)
    add_cache(commands)
    return parser
