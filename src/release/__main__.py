"""The console command, and `python -m release`."""

import sys

from release import __version__


def program() -> int:
    """Run the command line; the version is told without loading what commands need."""
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


if __name__ == "__main__":
    sys.exit(program())
