"""What may stand behind ``rating:``, ``size:``, ``date:`` and their like."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import TypeVar

from algovera_desktop.domain.images import MAX_RATING
from algovera_desktop.library.query.nodes import Interval, SizeIs
from algovera_desktop.library.query.problems import Problem, QuerySyntaxError

T = TypeVar("T", float, datetime)
Choice = TypeVar("Choice", bound=Enum)

_COMPARISON = re.compile(r"[<>]=?|=")
_RANGE = ".."
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_SIZE = re.compile(r"([0-9]{1,9})[xX×]([0-9]{1,9})")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
_YEARS = range(1971, 9999)
"""Those whose first and last moment every operating system can tell."""

DAY_NAMES = {"today": (0, 1), "yesterday": (1, 1), "week": (6, 7)}
"""How many days ago it begins, and how many it lasts: the week ends with today."""


@dataclass(frozen=True, slots=True)
class Value:
    """A stretch of a query: ``text`` is the whole query."""

    whole: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.whole[self.start : self.end]

    def split_at(self, first: int, second: int) -> tuple["Value", "Value"]:
        """What is before ``first`` and what is from ``second`` on."""
        return (
            replace(self, end=self.start + first),
            replace(self, start=self.start + second),
        )

    def error(self, problem: Problem, expected: tuple[str, ...] = ()) -> QuerySyntaxError:
        return QuerySyntaxError(problem, self.whole, self.start, self.end, expected)


def integers(value: Value) -> Interval[float]:
    """``4``, ``>=4``, ``<4``, ``2..4``, ``2..``: whole numbers."""
    return _interval(value, lambda part: _number(part, _INTEGER, int))


def rating(value: Value) -> Interval[float]:
    """The same, refusing what no rating is: ``9``, ``>5``."""
    found = integers(value)
    if not any(possible in found for possible in range(MAX_RATING + 1)):
        raise value.error(Problem.IMPOSSIBLE_NUMBER, (f"0..{MAX_RATING}",))
    return found


def steps(value: Value) -> Interval[float]:
    """The same, refusing what is below 0."""
    return _from_zero(value, integers(value))


def guidance(value: Value) -> Interval[float]:
    """The same with decimals, ``7.5``, ``7..9.5``, refusing what is below 0."""
    return _from_zero(value, _interval(value, lambda part: _number(part, _DECIMAL, float)))


def days(value: Value, today: date) -> Interval[datetime]:
    """``2026``, ``2026-11``, ``2026-11-03``, ``today``, ``yesterday``, ``week``, also compared
    and as ranges; days of this machine's time zone."""
    return _interval(value, lambda part: _period(part, today))


def size(value: Value) -> SizeIs:
    """``768x512``."""
    found = _SIZE.fullmatch(value.text)
    if found is None or 0 in (sides := (int(found[1]), int(found[2]))):
        raise value.error(Problem.BAD_SIZE)
    return SizeIs(*sides)


def choice(value: Value, choices: type[Choice]) -> Choice:
    """One of few words."""
    for each in choices:
        if each.value == value.text.casefold():
            return each
    raise value.error(Problem.UNKNOWN_VALUE, tuple(each.value for each in choices))


def _from_zero(value: Value, found: Interval[float]) -> Interval[float]:
    if found.high is not None and (found.high < 0 or (found.high == 0 and found.without_high)):
        raise value.error(Problem.IMPOSSIBLE_NUMBER, ("0..",))
    return found


def _interval(value: Value, unit: Callable[[Value], Interval[T]]) -> Interval[T]:
    """``unit`` gives what a single value stands for: a number, or all of a day."""
    if (place := value.text.find(_RANGE)) >= 0:
        return _range(value, place, unit)
    compared = _COMPARISON.match(value.text)
    if compared is None:
        return unit(value)
    _, rest = value.split_at(0, compared.end())
    if not rest.text:
        raise value.error(Problem.MISSING_VALUE)
    found = unit(rest)
    match compared[0]:
        case ">":
            return Interval(low=found.high, without_low=not found.without_high)
        case ">=":
            return Interval(low=found.low)
        case "<":
            return Interval(high=found.low, without_high=True)
        case "<=":
            return Interval(high=found.high, without_high=found.without_high)
        case _:
            return found


def _range(value: Value, place: int, unit: Callable[[Value], Interval[T]]) -> Interval[T]:
    first, last = value.split_at(place, place + len(_RANGE))
    if not first.text and not last.text:
        raise value.error(Problem.MISSING_VALUE)
    open_end: Interval[T] = Interval()
    beginning = unit(first) if first.text else open_end
    end = unit(last) if last.text else open_end
    found = Interval(beginning.low, end.high, without_high=end.without_high)
    if found.low is not None and found.high is not None and found.low > found.high:
        raise value.error(Problem.EMPTY_RANGE)
    return found


def _number(value: Value, form: re.Pattern[str], kind: Callable[[str], float]) -> Interval[float]:
    if form.fullmatch(value.text) is None:
        raise value.error(Problem.BAD_NUMBER)
    number = kind(value.text)
    return Interval(number, number)


def _period(value: Value, today: date) -> Interval[datetime]:
    named = DAY_NAMES.get(value.text.casefold())
    if named is not None:
        days_ago, length = named
        first = today - timedelta(days=days_ago)
        after = first + timedelta(days=length)
    else:
        first, after = _calendar_period(value)
    return Interval(_midnight(first), _midnight(after), without_high=True)


def _calendar_period(value: Value) -> tuple[date, date]:
    """The first day of a year, month or day, and the first that is after it."""
    found = _DATE.fullmatch(value.text)
    if found is None or int(found[1]) not in _YEARS:
        raise value.error(Problem.BAD_DATE, (*DAY_NAMES, "2026", "2026-11", "2026-11-03"))
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1) if month != 0 and day != 0 else None
    except ValueError:
        first = None
    if first is None:
        raise value.error(Problem.BAD_DATE)
    if day is not None:
        return first, first + timedelta(days=1)
    if month is not None:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min).astimezone()
