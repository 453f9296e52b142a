"""Explanations of rules, read from the TOML beside this module: one file a theme, one table a rule.

The keys of a table:

- `why`: what would go wrong without the rule, and what mostly breaks it;
- `do`: what to do about a finding;
- `left`: what the tables of a release have where the rule is a warning;
- `fixed`: why the rule cannot be lowered, if it is not for the reason that most have.

Texts are Markdown, one paragraph each. `examples.toml` has a wrong and a right example of each rule of a
dataset.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from release.findings.rules import (
    ALWAYS_ERRORS,
    NAMED_AFTER,
    RELEASE_RULES,
    RULES,
    Severity,
    family,
)

#: The themes in their order: the name of the file of each, and its heading.
THEMES: Mapping[str, str] = MappingProxyType(
    {
        "files": "Files",
        "front-matter": "Front matter",
        "records": "Records",
        "fields": "Fields",
        "tables": "Tables",
        "release-files": "The files of a release",
        "release-claims": "What a release says of itself",
        "release-tables": "The tables of a release",
        "rebuild": "The rebuild and the signature",
        "store": "Stores",
    }
)

#: The file that an example is about, if it names none.
_FILE = "notes/rain.md"

_BROKEN_SCHEMA = "the release would break its own schema"
_NO_RELEASE = "The severity cannot be set: what the rule is about is not what it claims to be."


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an example, the wrong or the right one.

    Attributes:
        text: The text.
        file: The file that has the text.
        commands: Whether the text is commands of a shell instead.
        is_front_matter: Whether the text is some lines of front matter, and not a whole file.
    """

    text: str
    file: str = ""
    commands: bool = False
    is_front_matter: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """An explanation of a rule, in Markdown.

    Attributes:
        rule: The name of the rule, as RULES or RELEASE_RULES has it.
        theme: The name of its theme, of THEMES.
        severity: Its default severity.
        meaning: The rule in one sentence.
        why: What would go wrong without it, and what mostly breaks it.
        advice: What to do about a finding.
        lowering: How its severity is set, or why that is not possible.
        is_lowerable: Whether its severity may be set.
        wrong: An example that breaks the rule alone; None for a rule of releases.
        right: The same without the fault.
    """

    rule: str
    theme: str
    severity: Severity
    meaning: str
    why: str
    advice: str
    lowering: str
    is_lowerable: bool
    wrong: Side | None = None
    right: Side | None = None


def explain(rule: str) -> Explanation | None:
    """Return the explanation of a rule; None if there is none of this name.

    Args:
        rule: The name, which may be that of a field or table: `type` and `year-type` are the same rule.
    """
    return explanations().get(family(rule))


@cache
def explanations() -> Mapping[str, Explanation]:
    """Return the explanation of every rule by its name, in the order of the themes."""
    examples, found = _read("examples"), {}
    for theme in THEMES:
        for rule, entry in _read(theme).items():
            wrong, right = _sides(examples.get(rule))
            found[rule] = replace(_explanation(rule, theme, entry), wrong=wrong, right=right)
    return MappingProxyType(found)


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def _sides(entry: Mapping[str, Any] | None) -> tuple[Side, Side] | tuple[None, None]:
    """Return both sides of an example, if there is one: the wrong and the right one."""
    if entry is None:
        return None, None
    commands, file = bool(entry.get("commands")), str(entry.get("file", ""))
    is_front_matter = not (commands or file or entry.get("whole"))
    end, file = ("", "") if commands else ("\n", file or _FILE)
    texts = (entry[name].rstrip("\n") + end for name in ("wrong", "right"))
    wrong, right = (Side(text, file, commands, is_front_matter) for text in texts)
    return wrong, right


def _explanation(rule: str, theme: str, entry: Mapping[str, Any]) -> Explanation:
    severity, meaning = RULES[rule] if rule in RULES else RELEASE_RULES[rule]
    return Explanation(
        rule,
        theme,
        severity,
        meaning,
        _paragraph(entry["why"]),
        _paragraph(entry["do"]),
        _lowering(rule, severity, entry),
        rule in RULES and rule not in ALWAYS_ERRORS,
    )


def _paragraph(text: str) -> str:
    return " ".join(text.split())


def _lowering(rule: str, severity: Severity, entry: Mapping[str, Any]) -> str:
    """Say how the severity of a rule is set, and what a release then has; or why it cannot be."""
    if rule in RELEASE_RULES:
        return _NO_RELEASE
    if rule in ALWAYS_ERRORS:
        return f"It is always an error: otherwise {entry.get('fixed', _BROKEN_SCHEMA)}."
    example = f"`severity: {{{rule}: {'error' if severity != 'error' else 'warning'}}}`"
    named = f" (for one field, `<field>-{rule}`)" if rule in NAMED_AFTER else ""
    left = f" As a warning, the release has {entry['left']}." if "left" in entry else ""
    if severity == "note":
        return (
            f"It is a note, and stops no release. To make it an error: {example} in the descriptor."
        )
    if severity == "warning":
        return (
            f"It is a warning, and stops no release.{left} To make it an error: {example} in the "
            f"descriptor{named}."
        )
    return f"To make it a warning: {example} in the descriptor{named}.{left}"
