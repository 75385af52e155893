"""Takes out of a text what is nobody's business but the user's, before it is shown to be passed on.

The last line of defence: what is put into a report is chosen piece by piece (``problem_report``).
"""

import os
import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from algovera_desktop.services.logs import redact

LEFT_OUT = "[left out]"

_SHORTEST = 3
_HOMES = re.compile(r"(?:/home|/Users|\b[A-Za-z]:[/\\]Users)[/\\][^/\\\s\"':]+")
_TOKENS = re.compile(r"\b(?:sk|pk|hf|ghp)[-_][\w-]{8,}")
_USER_NAMES = ("USER", "LOGNAME", "USERNAME")


class PrivateWords:
    """What is known to be private here: ``known`` words, who is signed in, and on what machine."""

    def __init__(
        self, known: Iterable[str] = (), environment: Mapping[str, str] = os.environ
    ) -> None:
        self._home = str(Path.home())
        names = [environment.get(name, "") for name in _USER_NAMES]
        words = {word.strip() for word in (*known, *names, platform.node())}
        # A shorter one stands in other words, and tells nobody anything.
        longest_first = sorted((w for w in words if len(w) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(_alone, longest_first)) or "(?!)", re.IGNORECASE)

    def taken_out_of(self, text: str) -> str:
        """The text without them, and without keys and the names of home folders."""
        text = text.replace(self._home, "~") if len(self._home) > 1 else text
        text = _TOKENS.sub("[secret]", _HOMES.sub("~", redact(text)))
        return self._known.sub(LEFT_OUT, text)


def _alone(word: str) -> str:
    """A pattern for the word where it is no part of another."""
    return rf"(?<!\w){re.escape(word)}(?!\w)"
