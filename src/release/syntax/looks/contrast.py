"""Show two texts in a message so that a reader can tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from release.findings.message import printable, shown
from release.syntax.looks.appearance import appearance, shape, spell_difference


def tell_apart(one: object, other: object) -> tuple[str, str]:
    """Return two values as messages show them, with the code points that differ where both print alike.

    For example `'môle' (U+00F4)` and `'môle' (U+006F U+0302)`.
    """
    return _with_points(one, other, shown(one), shown(other))


def point_out(one: str | None, other: str | None) -> tuple[str, str]:
    """Return the code points in which two texts differ, in brackets; empty if they do not print alike."""
    if one is None or other is None:
        return "", ""
    first, second = spell_difference(printable(one), printable(other))
    return (f" ({first})" if first else ""), (f" ({second})" if second else "")


def point_at(meant: str, found: str) -> str:
    """Return a text that is suggested for another one, with its code points where both print alike."""
    points, others = spell_difference(printable(meant), printable(found))
    if not (points or others):
        return shown(meant)
    return f"{shown(meant)} ({points or 'nothing'} where {others or 'nothing'} was found)"


def _with_points(one: object, other: object, first: str, second: str) -> tuple[str, str]:
    if not (isinstance(one, str) and isinstance(other, str)):
        return first, second
    points = point_out(one, other)
    return first + points[0], second + points[1]


def find_twin(text: str, known: Iterable[str]) -> str | None:
    """Return the first of some texts that looks the same as a text, or else has the same shapes."""
    texts = list(known)
    folds: tuple[Callable[[str], str], ...] = (appearance, shape)
    for fold in folds:
        wanted = fold(text)
        for each in texts:
            if fold(each) == wanted:
                return each
    return None


def find_similar(text: str, known: Iterable[str], ratio: float) -> str | None:
    """Return the text that was probably meant: one that looks the same, else the most similar one.

    Of similar ones, one of the same letters comes first: letters often change places. `ratio` is the least
    similarity, as difflib measures it. None if there is no such text.
    """
    texts = list(known)
    if (twin := find_twin(text, texts)) is not None:
        return twin
    from difflib import get_close_matches  # a check without a fault need not load it

    near = get_close_matches(text, texts, 3, ratio)
    return next((each for each in near if sorted(each) == sorted(text)), near[0] if near else None)
