"""Say why a text is no day, and how the day is written that was probably meant."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_MONTHS = (
    "January February March April May June July August September October November December".split()
)

#: A year, month and day in this order, and a day, month and year with dots, as in much of Europe.
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年 ]([0-9]{1,2})[-/.月 ]([0-9]{1,2})日?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.[ ]?([0-9]{1,2})\.[ ]?([0-9]{4})")
#: Either order, with slashes.
_UNCLEAR = re.compile(r"([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})")
_YEAR_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIMED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:.*")


def explain_day(text: str) -> str:
    """Return the end of a message on a text that is no day: `there is no month 13`; empty if not known."""
    text = text.strip()
    if (timed := _TIMED.fullmatch(text)) is not None:
        return f"write {timed[1]} without the time"
    if (first := _YEAR_FIRST.fullmatch(text) or _DIGITS.fullmatch(text)) is not None:
        return _explain(*map(int, first.groups()))
    if (last := _DAY_FIRST.fullmatch(text)) is not None:
        day, month, year = map(int, last.groups())
        return _explain(year, month, day)
    if (unclear := _UNCLEAR.fullmatch(text)) is not None:
        one, other, year = map(int, unclear.groups())
        days = [each for each in ((year, other, one), (year, one, other)) if _is_day(*each)]
        return (
            f"write {' or '.join(dict.fromkeys(date(*each).isoformat() for each in days))}"
            if days
            else ""
        )
    if _YEAR_MONTH.fullmatch(text):
        return "the day is missing"
    return ""


def _explain(year: int, month: int, day: int) -> str:
    """Explain why there is no such day; if there is one, how it is written."""
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if not year:
        return "there is no year 0"
    most = monthrange(year, month)[1]
    if not 1 <= day <= most:
        return f"{_MONTHS[month - 1]} {year} has {most} days"
    return f"write {date(year, month, day).isoformat()}"


def _is_day(year: int, month: int, day: int) -> bool:
    """Return whether there is such a day."""
    return 1 <= month <= 12 and year > 0 and 1 <= day <= monthrange(year, month)[1]
