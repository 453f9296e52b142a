"""Parse arguments, print results, return exit codes. Nothing else prints or exits."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from release.cli.command_list import make_parser
from release.cli.process import Interruptions, exit_code, output
from release.cli.terminal import FOUND, INTERRUPTED, NOTHING_PUBLISHED, UNUSABLE, warn
from release.findings.errors import NO_ROOM, ReleaseError, UsageError
from release.findings.message import printable
from release.system.limits import LIMITS, Limits
from release.system.processes import arrow_setup

_NO_MEMORY = "there is no memory left; with fewer --workers less is needed"

_NO_THREADS = (
    "the system starts no more threads or processes, as where a limit on them is reached; with fewer "
    "--workers fewer are needed"
)

#: Messages for a lack of threads or memory that libraries report in words of their own.
_LACKING = {
    "can't start new thread": _NO_THREADS,
    "Failed to launch worker thread": _NO_THREADS,
    os.strerror(errno.EAGAIN): _NO_THREADS,
    "failed to map segment from shared object": _NO_MEMORY,
}


def program(limits: Limits = LIMITS) -> int:
    """Run the console command: `main` in a process of its own."""
    with output() as out, Interruptions() as interruptions:
        try:
            if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
                arrow_setup.apply()
            code = main(limits=limits, isolated=True, interruptions=interruptions)
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else UNUSABLE
        except KeyboardInterrupt as error:
            code = _interrupted(error)
        except Exception:  # noqa: BLE001 - the last place that can show it
            code = _failed()
    return exit_code(code, out.failure)


def main(
    arguments: Sequence[str] | None = None,
    limits: Limits = LIMITS,
    *,
    isolated: bool = False,
    interruptions: Interruptions | None = None,
) -> int:
    """Run one command and return its exit code.

    What others made is looked at in a process of its own if `isolated`, or if `--limits` is given. The first
    forks this process, which must have no other thread. An error after one of `interruptions` counts as it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for what a terminal cannot show
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["help"]:
        given = [*given[1:], "--help"]
    known = argparse.Namespace(limits=limits, isolated=isolated, command=given[0] if given else "")
    options = make_parser(known.command).parse_args(given, known)
    try:
        return int(options.run(options))
    except KeyboardInterrupt as error:
        return _interrupted(error)
    except Exception as error:
        # the loss of a process that was interrupted too may be noticed before the interruption
        if interruptions is not None and interruptions.asked:
            return _interrupted(error)
        if (told := _explain(error)) is None:
            raise
        message, code = told
        _diagnose(message, error, options)
        return code


def _explain(error: Exception) -> tuple[str, int] | None:
    """Return the message for people of an error that ends a command, and the exit code; None of a bug."""
    match error:
        case UsageError():
            return str(error), UNUSABLE
        case ReleaseError():
            return str(error), FOUND
        case MemoryError():
            return _NO_MEMORY, FOUND
        case UnicodeEncodeError():  # a file name that is no text, which Arrow and DuckDB need
            path = printable(error.object)
            return f"{path}: is not UTF-8, expected a path that is", UNUSABLE
        case BlockingIOError():  # a process that cannot be forked
            return _NO_THREADS, FOUND
        case OSError():
            return f"{_refused_path(error)}: {error.strerror or error}", FOUND
    message = next((_LACKING[text] for text in _LACKING if text in str(error)), None)
    return None if message is None else (message, FOUND)


def _refused_path(error: OSError) -> str:
    """Return the path of an error of the system; the target, if there was no room for a copy."""
    if error.errno in NO_ROOM and error.filename2:
        return str(error.filename2)
    return str(error.filename or ("the system" if _is_somewhere() else "the working folder"))


def _is_somewhere() -> bool:
    """Return True if the working folder exists."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _failed() -> int:
    """Show the traceback of an error of the program itself; return the exit code."""
    import traceback

    warn(traceback.format_exc().rstrip())
    return FOUND


def _interrupted(error: BaseException) -> int:
    """Say that the command was interrupted; return the exit code."""
    _diagnose("interrupted", error)
    return INTERRUPTED


def _diagnose(
    message: object, error: BaseException, options: argparse.Namespace | None = None
) -> None:
    """Print on stderr why a command ended, and that nothing was published, if that is known.

    With `options` the formats that were asked for say it, too.
    """
    if options is not None:
        from release.cli.reports import output

        try:
            output.show_failure(options, str(message), error)
        except OSError as other:
            text = f"{_refused_path(other)}: {other.strerror or other}"
            if text != str(message):
                warn(f"release: {text}")
    # an error of the program's own says what was done itself
    known = NOTHING_PUBLISHED in getattr(error, "__notes__", ())
    known = known and not isinstance(error, ReleaseError)
    warn(f"release: {message}{f'; {NOTHING_PUBLISHED}' if known else ''}")
