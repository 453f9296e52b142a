"""The console command, and `python -m release`."""

import sys

from release import __version__


def program() -> int:
    """Run the command line; the version is told without loading what commands need."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"release {__version__}\n")
        return 0
    from release import cli

    return cli.program()


if __name__ == "__main__":
    sys.exit(program())
