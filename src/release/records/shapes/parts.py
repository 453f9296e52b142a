"""The values of a choice or of a template, made of those of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from release.syntax.paths import Choice, Template
from release.syntax.types.values import as_text


def combine(origin: Choice | Template, missing: frozenset[str], values: Sequence[Any]) -> Any:
    """Return the value of a choice or template; the texts `missing` mean that a part has none."""
    if missing:
        values = [drop_missing(value, missing) for value in values]
    return choose(values) if isinstance(origin, Choice) else fill(origin, values)


def drop_missing(value: Any, missing: frozenset[str]) -> Any:
    """Return a value, or None if its text is one of those that mean a missing value."""
    return None if as_text(value) in missing else value


def choose(values: Sequence[Any]) -> Any:
    """Return the first value that is not missing."""
    return next((value for value in values if value is not None and value != ""), None)


def fill(template: Template, values: Sequence[Any]) -> str | None:
    """Return the text of a template; None if a part is missing, or no text, number or boolean."""
    texts = [as_text(value) for value in values]
    if not all(texts):
        return None
    filled = [f"{text}{constant}" for text, constant in zip(texts, template.texts[1:], strict=True)]
    return template.texts[0] + "".join(filled)
