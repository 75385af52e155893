"""In what a few pictures differ, down to the words of their prompts."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from PySide6.QtCore import QCoreApplication, QLocale

from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord

translate = QCoreApplication.translate

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_WORDS_IN_ORDER = 200
"""Comparing the order of longer texts could make the window wait; of these, only the words."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, or what stands between two. ``is_own`` if not all the texts have it."""

    text: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter with a value for each picture, as words; a prompt's are marked one by one."""

    name: str
    values: tuple[tuple[Word, ...], ...]


def differences(records: Sequence[ImageRecord]) -> tuple[list[Difference], list[str]]:
    """The parameters in which the pictures differ, and the names of those that they share."""
    differing: list[Difference] = []
    shared: list[str] = []
    for name, values, is_text in _parameters(records):
        if len(set(values)) == 1:
            shared.append(name)
        elif is_text:
            differing.append(Difference(name, mark_words(values)))
        else:
            differing.append(Difference(name, tuple((Word(value, True),) for value in values)))
    return differing, shared


def mark_words(texts: Sequence[str]) -> tuple[tuple[Word, ...], ...]:
    """Each text in words, marked where another text lacks them at that place."""
    split = [_WORD.findall(text) for text in texts]
    return tuple(_marked(split, at) for at in range(len(split)))


def _marked(split: Sequence[list[str]], at: int) -> tuple[Word, ...]:
    words = split[at]
    common = set(range(len(words)))
    for other, others in enumerate(split):
        if other != at:
            common &= _matching(words, others)
    return tuple(
        Word(word, place not in common and not word.isspace()) for place, word in enumerate(words)
    )


def _matching(words: list[str], others: list[str]) -> set[int]:
    """The places of ``words`` that ``others`` has too."""
    if max(len(words), len(others)) > _WORDS_IN_ORDER:
        return _matching_in_any_order(words, others)
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks()
    return {block.a + step for block in blocks for step in range(block.size)}


def _matching_in_any_order(words: list[str], others: list[str]) -> set[int]:
    left = Counter(others)
    found: set[int] = set()
    for place, word in enumerate(words):
        if left[word]:
            left[word] -= 1
            found.add(place)
    return found


def _parameters(records: Sequence[ImageRecord]) -> list[tuple[str, tuple[str, ...], bool]]:
    """Names, values, and whether the values are texts to compare word by word."""
    locale = QLocale()
    requests = [record.request for record in records]

    def settings(text_of: Callable[[GenerationRequest], str]) -> tuple[str, ...]:
        """Empty where they are not known."""
        return tuple("" if one.tool == UNKNOWN_TOOL else text_of(one.request) for one in records)

    return [
        (translate("Compare", "Prompt"), tuple(one.prompt for one in requests), True),
        (translate("Compare", "Without"), tuple(one.negative_prompt for one in requests), True),
        (
            translate("Compare", "Model"),
            tuple(one.model_title or one.request.model for one in records),
            False,
        ),
        (
            translate("Compare", "Size"),
            tuple(f"{one.width} × {one.height}" for one in records),
            False,
        ),
        (translate("Compare", "Steps"), settings(lambda one: locale.toString(one.steps)), False),
        (translate("Compare", "Guidance"), settings(lambda one: f"{one.guidance_scale:g}"), False),
        (translate("Compare", "Seed"), settings(lambda one: str(one.seed)), False),
        (translate("Compare", "Made on"), tuple(one.server_name for one in records), False),
    ]
