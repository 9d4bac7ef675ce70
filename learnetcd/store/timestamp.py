"""A timestamp: how etcd writes a moment.

    1_795_341_945_599_271_630 nanoseconds since 1970      2026-11-22T10:05:45.59927163Z

That is RFC 3339 in UTC, with as many digits of the second as it needs. Between the number and the
text lies the calendar: every fourth year is a leap year, of every hundredth only each fourth.

The standard library has all this in `datetime`, which also has a clock. The pure packages import
nothing that has one, so that no glance at it can slip in; and a calendar is half a page.

Source: RFC 3339 §5.6; Go's time.RFC3339Nano.

Next page: `wording`.
"""

from __future__ import annotations

import re

from learnetcd.store.node import SECOND_NS

DAY = 86_400
NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time: the deadline of what stays."""

_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def written(at_ns: int) -> str:
    """Write a moment, given in nanoseconds since 1970."""
    seconds, fraction_ns = divmod(at_ns, SECOND_NS)
    days, second = divmod(seconds, DAY)
    year, month, day = _date(days + _days_before(1970))
    fraction = f".{fraction_ns:09}".rstrip("0") if fraction_ns else ""
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{year:04}-{month:02}-{day:02}T{clock}{fraction}Z"


def read(text: str) -> int:
    """Read a moment back, whatever zone it was written in; a `ValueError` for what is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, zone_hours, zone_minutes = match.groups()[6:]
    if not (year and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)) or hour > 23:
        raise ValueError(f"{text!r} is no day of the calendar, or no hour of a day")
    days = _days_before(year) - _days_before(1970) + day - 1
    days += sum(_days_in(year, earlier) for earlier in range(1, month))
    seconds = days * DAY + hour * 3600 + minute * 60 + second
    if sign:
        east = int(zone_hours) * 3600 + int(zone_minutes) * 60
        seconds += -east if sign == "+" else east
    return seconds * SECOND_NS + int((fraction or "0").ljust(9, "0"))


# -- the calendar -----------------------------------------------------------------------------


def _date(days: int) -> tuple[int, int, int]:
    """The year, month and day that lies so many days after the first day of the year 1."""
    year = 1 + days * 400 // _days_before(401)  # at most one off
    year += (_days_before(year + 1) <= days) - (_days_before(year) > days)
    days -= _days_before(year)
    month = 1
    while days >= _days_in(year, month):
        days -= _days_in(year, month)
        month += 1
    return year, month, days + 1


def _days_before(year: int) -> int:
    """How many days lie between the first day of the year 1 and that of another."""
    past = year - 1
    return 365 * past + past // 4 - past // 100 + past // 400


def _days_in(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTHS[month - 1] + (is_leap and month == 2)
