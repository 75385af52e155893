"""How long something takes, in words no more exact than the estimate that they tell."""

from PySide6.QtCore import QCoreApplication, QLocale

translate = QCoreApplication.translate


def duration_words(seconds: float) -> str:
    """About how long: "about 40 s", "about 4 min", "about 3 h 20 min"."""
    if seconds < 10:
        return _seconds_words(max(round(seconds), 1))
    if seconds < 57:
        return _seconds_words(round(seconds / 5) * 5)
    if seconds < 95:
        return _seconds_words(round(seconds / 10) * 10)
    minutes = round(seconds / 60)
    if minutes < 60:
        return translate("Duration", "about {0} min").format(_number(minutes))
    hours, minutes = divmod(round(minutes / 10) * 10, 60)
    if hours >= 10 or not minutes:
        return translate("Duration", "about {0} h").format(_number(round(seconds / 3600)))
    both = translate("Duration", "about {0} h {1} min")
    return both.format(_number(hours), _number(minutes))


def _seconds_words(seconds: int) -> str:
    return translate("Duration", "about {0} s").format(_number(seconds))


def _number(number: int) -> str:
    return QLocale().toString(number)
