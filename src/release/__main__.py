"""`python -m release`."""

from release.cli import program

raise SystemExit(program())
