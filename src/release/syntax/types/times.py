"""Parse dates, times, months and durations (ISO 8601 as XML Schema has it, or a pattern of strptime)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from release.syntax.types.value_type import ValueType

#: A date or time as XML Schema writes it, without the year 0 and those of five digits, which Python lacks.
_DATE = r"(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.(?P<fraction>[0-9]+))?"
_ZONE = r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
_FORMS = {
    "date": re.compile(_DATE),
    "time": re.compile(_TIME + _ZONE),
    "datetime": re.compile(f"{_DATE}T{_TIME}{_ZONE}"),
}

#: What the format `any` also takes, as YAML 1.1, RFC 3339 and ISO 8601 write it: a blank or `t` in place of
#: T, no seconds, a blank before the zone, a zone of hours, digits without `-` and `:`.
_ANY_DATE = r"(?P<date>(?!0000)[0-9]{4}(?:-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}|/[0-9]{1,2}/[0-9]{1,2}))"
_ANY_TIME = (
    r"(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})"
    r"(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
)
_ANY_ZONE = r"(?: ?(?P<zone>[zZ]|[+-][0-9]{1,2}(?::?[0-9]{2})?))?"
_ANY = {
    "date": re.compile(_ANY_DATE),
    "time": re.compile(_ANY_TIME + _ANY_ZONE),
    "datetime": re.compile(f"{_ANY_DATE}[Tt ]{_ANY_TIME}{_ANY_ZONE}"),
}

#: The greatest offset of a zone, by XML Schema.
_MOST_OFFSET = timedelta(hours=14)

#: The directives of strptime that a pattern may have, and what each gives.
DIRECTIVES = {
    "Y": "year",
    "y": "year",
    "m": "month",
    "b": "month",
    "B": "month",
    "d": "day",
    "j": "day of the year",
    "H": "hour",
    "I": "hour of twelve",
    "p": "half of the day",
    "M": "minute",
    "S": "second",
    "f": "fraction",
    "z": "zone",
    "a": "weekday",
    "A": "weekday",
    "%": "",
}


def find_pattern_fault(pattern: str, name: str) -> str:
    """Return why a pattern of strptime cannot be the format of a type; empty if it can.

    Only directives that mean the same on every computer may stand there, and together they give a value.
    """
    found = re.findall(r"%(.?)", pattern, re.DOTALL)
    for letter in found:
        if letter not in DIRECTIVES:
            return f"%{letter} is not supported; these are: %{', %'.join(DIRECTIVES)}"
    parts = {DIRECTIVES[letter] for letter in found} - {""}
    has_day = {"year", "month", "day"} <= parts or {"year", "day of the year"} <= parts
    has_time = "hour" in parts or {"hour of twelve", "half of the day"} <= parts
    if name != "time" and not has_day:
        return "it does not give year, month and day"
    if name != "date" and not has_time:
        return "it does not give an hour"
    others = parts & ({"year", "month", "day"} if name == "time" else set())
    if name == "date":
        others = parts & {"hour", "hour of twelve", "minute", "second", "fraction", "zone"}
    return f"it gives more than a {name}: {', '.join(sorted(others))}" if others else ""


def parse_date(text: str, value_type: ValueType) -> date | None:
    """Return the date that a text writes; None if it writes none."""
    found = _read(text, value_type)
    return found.date() if found is not None else None


def parse_datetime(text: str, value_type: ValueType) -> datetime | None:
    """Return the instant that a text writes, in UTC, or the local time; None if it writes none."""
    found = _read(text, value_type)
    if found is None or (found.tzinfo is not None) != value_type.zone:
        return None
    try:
        return found.astimezone(UTC) if value_type.zone else found
    except OverflowError:  # before the year 1, or after 9999
        return None


def parse_time(text: str, value_type: ValueType) -> time | None:
    """Return the time of day that a text writes; in UTC, whatever the day, of a type with zones."""
    found = _read(text, value_type)
    if found is None or (found.tzinfo is not None) != value_type.zone:
        return None
    # a day in between, so that another zone is no other year
    return (found.astimezone(UTC) if value_type.zone else found).timetz().replace(tzinfo=None)


def _read(text: str, value_type: ValueType) -> datetime | None:
    """Read a date, time or both in a field's format; a time is on some day, a date at midnight."""
    form, name = value_type.notation.format, value_type.name
    if form not in ("default", "any"):
        return _read_pattern(text, form, name)
    match = (_FORMS if form == "default" else _ANY)[name].fullmatch(text)
    if match is None:
        return None
    parts = match.groupdict()
    if (fraction := parts.get("fraction") or "") and fraction[6:].strip("0"):
        return None  # finer than a microsecond
    try:
        if form == "any":
            text = _normalize(parts, name)
        elif fraction:
            text = text.replace(f".{fraction}", f".{fraction[:6]:0<6}", 1)
        return _from_iso(text, name)
    except ValueError:
        return None


def _from_iso(text: str, name: str) -> datetime | None:
    if name == "date":
        return datetime.fromisoformat(text)
    if text[text.find(":") - 2 :].startswith("24"):
        return None  # the end of a day, which is the begin of the next one
    found = datetime.fromisoformat(f"2000-01-02T{text}" if name == "time" else text)
    offset = found.utcoffset()
    return None if offset is not None and abs(offset) > _MOST_OFFSET else found


def _normalize(parts: dict[str, str], name: str) -> str:
    """Return what was found in a text of the format `any`, as XML Schema writes it."""
    day = ""
    if name != "time":
        year, rest = parts["date"][:4], parts["date"][4:]
        month, number = (rest[1:].split(rest[0])) if rest[0] in "-/" else (rest[:2], rest[2:])
        day = f"{year}-{month:0>2}-{number:0>2}"
    if name == "date":
        return day
    clock = f"{parts['hour']:0>2}:{parts['minute']}:{parts['second'] or '00'}"
    if parts["fraction"]:
        clock += f".{parts['fraction'][:6]:0<6}"
    zone = (parts["zone"] or "").upper()
    if zone not in ("", "Z"):
        sign, digits = zone[0], zone[1:].replace(":", "")
        hours, minutes = (digits, "00") if len(digits) < 3 else (digits[:-2], digits[-2:])
        zone = f"{sign}{hours:0>2}:{minutes}"
    return f"{day}T{clock}{zone}" if day else f"{clock}{zone}"


def _read_pattern(text: str, pattern: str, name: str) -> datetime | None:
    try:
        found = datetime.strptime(text, pattern)
        if name == "time":
            found = found.replace(year=2000, month=1, day=2)
        offset = found.utcoffset()
        if offset is not None and (abs(offset) > _MOST_OFFSET or offset.seconds % 60):
            return None
    except (ValueError, OverflowError):
        return None
    return found


_YEARMONTH = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])")


def parse_yearmonth(text: str, _: ValueType) -> str | None:
    """Return the month that a text writes, as it is written; None if it writes none."""
    return text if _YEARMONTH.fullmatch(text) else None


#: A duration as ISO 8601 writes it; weeks stand alone, as they do there.
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>[0-9]+)W|(?=[0-9T])(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?"
    r"(?:(?P<days>[0-9]+)D)?(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+)(?:\.(?P<fraction>[0-9]+))?S)?)?)"
)
#: The most digits of a part of a duration, and the most days, which Python's durations have.
_MOST_DIGITS, _MOST_DAYS = 12, 999_999_999


def parse_duration(text: str, _: ValueType) -> str | None:
    """Return the duration that a text writes, as XML Schema writes it: equal ones alike; None if it is none.

    A day has 24 hours and a year 12 months; a month has no days that are always the same. Source:
    https://www.w3.org/TR/xmlschema11-2/#duration
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    parts = {name: value or "" for name, value in match.groupdict().items()}
    fraction = parts.pop("fraction").rstrip("0")
    if any(len(value) > _MOST_DIGITS for value in parts.values()) or len(fraction) > _MOST_DIGITS:
        return None
    sign = parts.pop("sign")
    counts = {name: int(value or "0") for name, value in parts.items()}
    months = counts["years"] * 12 + counts["months"]
    days = counts["weeks"] * 7 + counts["days"]
    seconds = ((days * 24 + counts["hours"]) * 60 + counts["minutes"]) * 60 + counts["seconds"]
    if seconds >= _MOST_DAYS * 86_400:
        return None
    return _write_duration(sign, months, seconds, fraction)


def _write_duration(sign: str, months: int, seconds: int, fraction: str) -> str:
    if not (months or seconds or fraction):
        return "PT0S"
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    years, month = divmod(months, 12)
    day = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (month, "M"), (days, "D")) if n)
    clock = "".join(f"{n}{unit}" for n, unit in ((hour, "H"), (minute, "M")) if n)
    if second or fraction:
        clock += f"{second}.{fraction}S" if fraction else f"{second}S"
    return f"{sign}P{day}{f'T{clock}' if clock else ''}"
