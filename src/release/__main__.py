"""The console command, and `python -m release`."""

import os
import sys

from release import __version__


def program() -> int:
    """Run the command line; `--version` is answered without loading any command."""
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        _restart_in_utf_8()
    if sys.argv[1:] == ["--version"]:
        try:
            print(f"release {__version__}", flush=True)  # noqa: T201 — without loading `cli`
        except OSError:
            pass  # reported below, as for every command
        else:
            return 0
    try:
        from release import cli

        return cli.program()
    except KeyboardInterrupt:
        # before the command has begun, or after it has ended
        print("release: interrupted", file=sys.stderr)  # noqa: T201 — `cli` may not be there
        return 130


def _restart_in_utf_8() -> None:
    """Restart this process in Python's UTF-8 mode: in another encoding file names would be other texts.

    Output stays in the encoding of the locale.
    """
    if sys.stdout is not None:
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


if __name__ == "__main__":
    sys.exit(program())
