"""What could stand where the cursor is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from algovera_desktop.library.query.lexer import quoted, readable
from algovera_desktop.library.query.nodes import Extra, NameField, Ratio, State
from algovera_desktop.library.query.parser import KEYS
from algovera_desktop.library.query.values import DAY_NAMES
from algovera_desktop.library.query.vocabulary import Vocabulary
from algovera_desktop.library.unspaced import parted

_MOST = 20


@dataclass(frozen=True, slots=True)
class Completion:
    """``text`` in the place of what stands from ``start`` to ``end``."""

    text: str
    start: int
    end: int

    def applied_to(self, query: str) -> str:
        """The query with it."""
        return query[: self.start] + self.text + query[self.end :]


def complete(text: str, cursor: int, vocabulary: Vocabulary) -> list[Completion]:
    """What the term at the cursor could become, the best first; nothing for plain words, nor what
    stands there already.

    Names come in quotes, so that exactly the one that was chosen is found. What stands behind
    the cursor in the same term is replaced too. The text need not be readable as a query.
    """
    term = _term_at(readable(text), cursor)
    if term is None:
        return []
    key, colon, value = text[term.start : cursor].partition(":")
    if not colon:
        return [
            Completion(f"{each}:", term.start, term.end)
            for each in KEYS
            if key and each.startswith(key.casefold())
        ]
    start = term.start + len(key) + 1
    written = _unquoted(text[start : term.end])
    return [
        Completion(each, start, term.end)
        for each in _values(key.casefold(), value, vocabulary)
        if _unquoted(each) != written
    ]


@dataclass(frozen=True, slots=True)
class _Term:
    start: int
    end: int


def _term_at(text: str, cursor: int) -> _Term | None:
    """The term that the cursor is in or at the end of, as far as a half-typed one can be told;
    None between terms and inside of a phrase."""
    for term in _terms(text):
        if term.start < cursor <= term.end:
            return None if text[term.start] == '"' else term
    return None


def _terms(text: str) -> Iterator[_Term]:
    """Terms by blanks and parentheses outside of quotes; a quote may still be open."""
    start, in_quotes = 0, False
    for at, character in enumerate(text):
        if character == '"':
            in_quotes = not in_quotes
        elif not in_quotes and (character.isspace() or character in "()"):
            yield from _without_minus(text, start, at)
            start = at + 1
    yield from _without_minus(text, start, len(text))


def _without_minus(text: str, start: int, end: int) -> Iterator[_Term]:
    while start < end and text[start] == "-":
        start += 1
    if start < end:
        yield _Term(start, end)


def _values(key: str, typed: str, vocabulary: Vocabulary) -> Iterable[str]:
    choices: dict[str, Iterable[str]] = {
        "is": _words_of(State),
        "has": _words_of(Extra),
        "ratio": _words_of(Ratio),
        "date": DAY_NAMES,
    }
    if key in choices:
        return [each for each in choices[key] if each.startswith(typed.casefold())]
    if key in {each.value for each in NameField}:
        return _names(vocabulary.names(NameField(key)), typed)
    return []


def _names(names: Iterable[str], typed: str) -> list[str]:
    """Names that begin with what was typed, then those in which a later word does."""
    wanted = _unquoted(typed)
    later = f" {parted(wanted).lstrip()}"
    beginning: list[str] = []
    inside: list[str] = []
    for name in names:
        folded = name.casefold()
        if folded.startswith(wanted):
            beginning.append(name)
        elif later in parted(folded):
            inside.append(name)
    return [quoted(name) for name in (beginning + inside)[:_MOST]]


def _unquoted(value: str) -> str:
    """What a value says, whatever its case; its closing quote may still be missing."""
    return value.removeprefix('"').removesuffix('"').replace('""', '"').casefold()


def _words_of(choices: type[Enum]) -> list[str]:
    return [each.value for each in choices]
