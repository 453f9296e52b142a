"""`release explain`: what a rule is for, and what to do about a finding of it."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from release.cli.options import add_descriptor
from release.cli.terminal import COLOUR_OF_SEVERITY, DONE, bold, coloured, say
from release.findings.errors import ReleaseError, UsageError
from release.findings.message import printable, shown

if TYPE_CHECKING:
    from release.descriptor.model import Check, Descriptor
    from release.findings.explanations.explanation import Explanation

#: A line of text has at most so many characters, also on a wider terminal.
_WIDEST = 100


def add_explain(commands: Any) -> None:
    """Add `explain`."""
    parser = commands.add_parser(
        "explain",
        help="explain a rule that a finding names, or list all rules",
        description="Explain a rule that a finding names: what it is, why, and what to do. "
        "Without a rule, list all of them.",
    )
    parser.add_argument(
        "rule",
        nargs="?",
        metavar="RULE",
        help="the rule, as a finding names it, such as year-type",
    )
    add_descriptor(parser, "the descriptor with the dataset's own checks")
    parser.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> int:
    from release.findings.explanations.explanation import explain

    rule = options.rule
    if rule is None:
        lines = _list_rules()
    elif (found := explain(rule)) is not None and found.rule == rule:
        lines = _show(found)
    else:
        descriptor = _read_descriptor(options.descriptor)
        check = _find_check(rule, descriptor)
        if check is not None:
            lines = _show_check(check, options.descriptor)
        elif found is not None:
            lines = _show_named(rule, found, descriptor)
        else:
            raise UsageError(_describe_unknown(rule, descriptor))
    for line in lines:
        say(line)
    return DONE


def _read_descriptor(file: Path) -> Descriptor | None:
    """Read the descriptor; None if there is none, or none that can be used: most rules need none."""
    from release.descriptor import load

    try:
        return load.load(file)
    except (ReleaseError, OSError):
        return None


def _find_check(rule: str, descriptor: Descriptor | None) -> Check | None:
    """Find the dataset's own check of a name."""
    checks = descriptor.checks if descriptor is not None else ()
    return next((each for each in checks if each.name == rule), None)


def _describe_unknown(rule: str, descriptor: Descriptor | None) -> str:
    """Say that there is no rule of a name, and which one was probably meant."""
    from release.descriptor import checks
    from release.descriptor.properties import suggest
    from release.findings.rules import RELEASE_RULES, RULES

    known = [*RULES, *RELEASE_RULES]
    if descriptor is not None:
        known += [
            *(each.name for each in descriptor.checks),
            *checks.rules_of(descriptor.resources),
        ]
    near = suggest(rule, known) or "; `release explain` lists all"
    return f"{shown(rule)} is no rule{near}"


def _list_rules() -> Iterator[str]:
    """Yield all rules by theme, each with its severity and meaning."""
    from release.findings.explanations.explanation import THEMES, explanations

    rules = explanations()
    width = max(map(len, rules))
    for theme, heading in THEMES.items():
        yield bold(heading)
        for each in rules.values():
            if each.theme == theme:
                colour = COLOUR_OF_SEVERITY[each.severity]
                severity = coloured(f"{each.severity:7}", colour)
                yield f"  {each.rule:{width}}  {severity}  {each.meaning}"
        yield ""
    yield "release explain RULE says more of one."


def _show_named(rule: str, found: Explanation, descriptor: Descriptor | None) -> Iterator[str]:
    """Explain a rule by a name that it has for a field or table."""
    from release.descriptor import checks
    from release.descriptor.properties import suggest

    owner = rule.removesuffix(f"-{found.rule}")
    known = [*checks.rules_of(descriptor.resources)] if descriptor is not None else [rule]
    if rule in known:
        yield from _wrap(f"{rule} is the rule `{found.rule}` about {shown(owner)}.")
    else:
        what = f"{rule} would be the rule `{found.rule}` about {shown(owner)}, which this dataset lacks"
        near = suggest(rule, known)
        yield from _wrap(f"{what}{near or '.'}")
    yield ""
    yield from _show(found)


def _show(found: Explanation) -> Iterator[str]:
    """Yield the explanation of a rule."""
    severity = coloured(found.severity, COLOUR_OF_SEVERITY[found.severity])
    yield f"{bold(found.rule)} ({severity}): {found.meaning}"
    for heading, side in (("Wrong", found.wrong), ("Right", found.right)):
        if side is not None and side.text != ":":
            yield ""
            yield bold(f"{heading}{f', in {side.file}' if side.file else ''}")
            yield from (f"  {line}" for line in side.text.splitlines())
    for heading, text in (
        ("Why", found.why),
        ("What to do", found.advice),
        ("Severity", found.lowering),
    ):
        yield ""
        yield bold(heading)
        yield from _wrap(text, "  ")


def _show_check(check: Check, file: Path) -> Iterator[str]:
    """Yield what the descriptor says of a check of its own."""
    severity = coloured(check.severity, COLOUR_OF_SEVERITY[check.severity])
    yield f"{bold(check.name)} ({severity}): a check of this dataset, from {printable(str(file))}"
    yield ""
    yield bold("Message")
    yield from _wrap(printable(check.message), "  ")
    yield ""
    yield bold("Query, which selects the rows that are wrong")
    yield from (f"  {printable(line)}" for line in check.query.strip().splitlines())


def _wrap(text: str, indentation: str = "") -> list[str]:
    """Return a paragraph as lines that fit the terminal."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.wrap(
        text,
        width,
        initial_indent=indentation,
        subsequent_indent=indentation,
        break_long_words=False,
        break_on_hyphens=False,
    )
