"""The console command, and `python -m release`."""

import os
import sys

from release import __version__


def program() -> int:
    """Run the command line; the version is told without loading what commands need."""
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        _begin_with_utf_8()
    if sys.argv[1:] == ["--version"]:
        try:
            print(f"release {__version__}", flush=True)  # noqa: T201 — without loading `cli`
        except OSError:
            pass  # told below, as of every command
        else:
            return 0
    try:
        from release import cli

        return cli.program()
    except KeyboardInterrupt:
        # before the command has begun, or after it has ended
        print("release: interrupted", file=sys.stderr)  # noqa: T201 — `cli` may not be there
        return 130


def _begin_with_utf_8() -> None:
    """Begin anew where the locale is not UTF-8: in another one a file's name would be another text.

    What is printed stays in the locale's encoding.
    """
    if sys.stdout is not None:
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


if __name__ == "__main__":
    sys.exit(program())
