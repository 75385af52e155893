"""Reads a query.

    query   = either
    either  = both { "or" both }
    both    = { ["-"] term }
    term    = word | "phrase" | key ":" value | "(" either ")"

A bare word finds every word that begins so, and a bare name every name that begins so: what is
found while a word is typed is still found when it is finished, a saved search means the same as
the one that was typed, and where the cursor stands changes nothing. Quotes say exactly this word,
these words in a row, this name. A ``*`` says the same as no quotes, and may follow quotes.

Signs that words are parted by, standing alone, say nothing. ``or`` at the very end is a word
that is being typed.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from algovera_desktop.library.query import values
from algovera_desktop.library.query.lexer import (
    Token,
    TokenKind,
    is_searchable,
    readable,
    tokens_of,
)
from algovera_desktop.library.query.nodes import (
    All,
    Any,
    Extra,
    Has,
    Interval,
    Is,
    MadeIn,
    Named,
    NameField,
    Node,
    Not,
    NumberField,
    NumberIn,
    Ratio,
    RatioIs,
    State,
    TextField,
    Words,
)
from algovera_desktop.library.query.problems import Problem, QuerySyntaxError
from algovera_desktop.library.query.values import Value

MAX_TERMS = 200
MAX_DEPTH = 20
"""Both well inside of what SQLite can nest and join."""

_TEXT_FIELDS = {each.value: each for each in TextField if each.value}
_NAME_FIELDS = {each.value: each for each in NameField}
_NUMBER_FIELDS = {each.value: each for each in NumberField}
_NUMBERS: dict[NumberField, Callable[[Value], Interval[float]]] = {
    NumberField.RATING: values.rating,
    NumberField.SEED: values.integers,
    NumberField.STEPS: values.steps,
    NumberField.GUIDANCE: values.guidance,
}
_STAR = "*"


def parse(text: str, today: date | None = None) -> Node:
    """The tree of a query; ``today`` in this machine's time zone. Raises QuerySyntaxError."""
    return _Parser(readable(text), today or date.today()).query()


@dataclass(frozen=True, slots=True)
class _Term:
    """The value of a term: quoted or not, with or without a star."""

    value: Value
    text: str
    is_quoted: bool
    is_prefix: bool


class _Parser:
    def __init__(self, text: str, today: date) -> None:
        self._text = text
        self._today = today
        self._tokens = tokens_of(text)
        self._at = 0
        self._terms = 0
        self._values: dict[str, Callable[[Value], Node]] = {
            "size": values.size,
            "ratio": lambda value: RatioIs(values.choice(value, Ratio)),
            "date": lambda value: MadeIn(values.days(value, today)),
            "is": lambda value: Is(values.choice(value, State)),
            "has": lambda value: Has(values.choice(value, Extra)),
        }

    def query(self) -> Node:
        found = self._either(0)
        if (token := self._peek()) is not None:
            raise self._error(Problem.UNOPENED_PARENTHESIS, token.start, token.end)
        return found

    def _either(self, depth: int) -> Node:
        sides = [self._both(depth)]
        dividers: list[Token] = []
        while (token := self._peek()) is not None and self._is_or(token):
            dividers.append(self._next())
            sides.append(self._both(depth))
        if All() in sides and dividers:
            divider = dividers[max(0, sides.index(All()) - 1)]
            raise self._error(Problem.OR_LACKS_A_SIDE, divider.start, divider.end)
        return sides[0] if len(sides) == 1 else Any(tuple(sides))

    def _both(self, depth: int) -> Node:
        parts: list[Node] = []
        while (token := self._peek()) is not None:
            if token.kind is TokenKind.CLOSE or self._is_or(token):
                break
            if (part := self._signed(depth)) is not None:
                parts.append(part)
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _signed(self, depth: int) -> Node | None:
        is_negated = False
        while (token := self._next()).kind is TokenKind.MINUS:
            is_negated = not is_negated
        part = self._term(token, depth)
        return Not(part) if part is not None and is_negated else part

    def _term(self, token: Token, depth: int) -> Node | None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._error(Problem.TOO_LONG, token.start, token.end)
        if token.kind is TokenKind.OPEN:
            return self._group(token, depth + 1)
        if token.kind is TokenKind.CHUNK:
            key, colon, _ = token.value.partition(":")
            if colon and key.isalpha():
                return self._keyed(key, token)
            return self._words(self._bare(token, 0), TextField.ANYWHERE)
        return self._words(self._exact(token), TextField.ANYWHERE)

    def _group(self, opened: Token, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(Problem.TOO_DEEP, opened.start, opened.end)
        found = self._either(depth)
        if self._peek() is None:
            raise self._error(Problem.UNCLOSED_PARENTHESIS, opened.start, opened.end)
        closed = self._next()
        if found == All():
            raise self._error(Problem.EMPTY_PARENTHESES, opened.start, closed.end)
        return found

    def _keyed(self, key: str, token: Token) -> Node | None:
        known = key.casefold()
        term = self._value(key, token)
        if known in _TEXT_FIELDS:
            return self._words(term, _TEXT_FIELDS[known])
        if not term.text and not term.is_prefix:
            raise self._error(Problem.MISSING_VALUE, token.start, term.value.end + 1)
        if known in _NAME_FIELDS:
            return Named(_NAME_FIELDS[known], term.text, term.is_prefix)
        if known in _NUMBER_FIELDS:
            field = _NUMBER_FIELDS[known]
            return NumberIn(field, _NUMBERS[field](term.value))
        if known in self._values:
            return self._values[known](term.value)
        raise self._unknown_key(key, token)

    def _value(self, key: str, token: Token) -> _Term:
        """What stands behind the colon, in the same token or in quotes right after it."""
        after = token.start + len(key) + 1
        if after < token.end:
            return self._bare(token, len(key) + 1)
        following = self._peek()
        if following is None or following.kind is not TokenKind.QUOTED or not following.follows:
            if key.casefold() in KEYS:
                raise self._error(Problem.MISSING_VALUE, token.start, token.end)
            raise self._unknown_key(key, token)
        return self._exact(self._next())

    def _bare(self, token: Token, skipped: int) -> _Term:
        text = token.value[skipped:].removesuffix(_STAR)
        value = Value(self._text, token.start + skipped, token.end)
        return _Term(value, text, is_quoted=False, is_prefix=True)

    def _exact(self, token: Token) -> _Term:
        star = self._peek()
        is_prefix = star is not None and star.follows and star.value == _STAR
        if is_prefix:
            self._next()
        value = Value(self._text, token.start + 1, token.end - 1)
        return _Term(value, token.value, is_quoted=True, is_prefix=is_prefix)

    def _words(self, term: _Term, field: TextField) -> Node | None:
        if is_searchable(term.text):
            return Words(term.text, term.is_prefix, field)
        if all(unicodedata.category(c)[0] in "PZ" or c.isascii() for c in term.text):
            return None
        raise term.value.error(Problem.NOTHING_SEARCHABLE)

    def _is_or(self, token: Token) -> bool:
        is_word = token.kind is TokenKind.CHUNK and token.value.casefold() == "or"
        return is_word and token.end < len(self._text)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _unknown_key(self, key: str, token: Token) -> QuerySyntaxError:
        end = token.start + len(key)
        return QuerySyntaxError(Problem.UNKNOWN_KEY, self._text, token.start, end, KEYS)

    def _error(self, problem: Problem, start: int, end: int) -> QuerySyntaxError:
        return QuerySyntaxError(problem, self._text, start, end)


KEYS = (*_NAME_FIELDS, *_NUMBER_FIELDS, "size", "ratio", "date", "is", "has", *_TEXT_FIELDS)
"""Every word that may stand in front of a colon."""
