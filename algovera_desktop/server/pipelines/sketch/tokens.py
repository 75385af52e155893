"""A prompt's characters as plain tokens, whatever tool's notation it was written in."""

import re
import unicodedata

BOUNDARY = ","
"""The token between two things that do not belong together."""
EMOJI = "emoji:"
"""Starts the token of an emoji, followed by its key in the set."""

_EXTENSION = re.compile(r"<(?:lora|lyco|hypernet|embedding):[^>]*>")
_WEIGHT = re.compile(r"(?<=\w)\s*:\s*\d+(?:\.\d+)?(?=\s*[)\]}])")
_BRACKETS = re.compile(r"[()\[\]{}\"“”«»_*-]+")
_APOSTROPHE = re.compile(r"['’`](?:s\b)?")
_SYMBOL = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_TOKEN = re.compile(
    rf"(?P<emoji>{_SYMBOL}(?:[\U0001f3fb-\U0001f3ff]|\u200d{_SYMBOL})*)"
    r"|(?P<fraction>:+\s*\d+(?:\.\d+)?|\d+\.\d+)"
    r"|(?P<count>\d{1,3})(?=[a-z]{3})"
    r"|(?P<word>[^\W_]+)"
    r"|(?P<stop>[^\w\s])"
)
_SKIN_TONES = frozenset(range(0x1F3FB, 0x1F400))


def tokens_of(text: str) -> list[str]:
    """Lower-case words, ``BOUNDARY`` and emoji tokens in the text's order.

    Accents, possessives, hyphens and the weights of other tools (``(fox:1.3)``, ``((fox))``,
    ``fox::2``) do not show: ``Piñata's`` is ``pinata``, ``t-rex`` is ``t`` and ``rex``.
    """
    plain = _plain(text).replace("&", " and ")
    plain = _WEIGHT.sub(" ", _EXTENSION.sub(" ", plain))
    plain = _BRACKETS.sub(" ", _APOSTROPHE.sub("", plain))
    return [_token(match) for match in _TOKEN.finditer(plain)]


def phrase_of(text: str) -> str:
    """How a phrase of the vocabulary looks once it was read as tokens."""
    return " ".join(tokens_of(text))


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in apart if unicodedata.category(char) != "Mn")


def _token(match: re.Match[str]) -> str:
    if match["emoji"]:
        points = [point for point in map(ord, match["emoji"]) if point not in _SKIN_TONES]
        return EMOJI + "_".join(f"{point:x}" for point in points)
    return match["word"] or match["count"] or BOUNDARY
