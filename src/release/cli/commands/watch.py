"""`release check --watch`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from release.cli.options import make_options, read_input
from release.findings.errors import UsageError

if TYPE_CHECKING:
    from release.build.inputs import Options
    from release.build.outcome import Outcome
    from release.descriptor.model import Descriptor


def watch(options: argparse.Namespace, summarize: Callable[[Outcome], str]) -> NoReturn:
    """Show the state of a dataset, and again after each change, until it is interrupted.

    Raises:
        UsageError: An argument cannot be used with `--watch`, or the library that watches is missing.
        KeyboardInterrupt: It was interrupted.
    """
    from release.build.watch import events, session
    from release.cli.reports.screen import show_state

    _refuse_others(options)
    events.require()

    def load() -> tuple[Descriptor, Options]:
        descriptor, elsewhere = read_input(options)
        return descriptor, make_options(options, elsewhere, lambda *_: None)

    with session.Session(options.descriptor, load) as watched:
        for state in session.watch(watched):
            summary = summarize(state.outcome) if state.outcome is not None else ""
            show_state(state, summary, each=options.all)
    raise AssertionError("watching ends by an interruption")


def _refuse_others(options: argparse.Namespace) -> None:
    """Refuse arguments that have no place on a screen.

    Raises:
        UsageError: There is one.
    """
    others = {
        "--format": any(str(each) != "text" for each in options.formats or ()),
        "--coverage": options.coverage,
        "--propose-codes": options.propose_codes,
        "--changed-since": options.changed_since,
        "--baseline": options.baseline,
        "--write-baseline": options.write_baseline,
        "--scheduler": options.scheduler,
    }
    for name, is_given in others.items():
        if is_given:
            raise UsageError(f"--watch shows findings as they are now: leave out {name}")
