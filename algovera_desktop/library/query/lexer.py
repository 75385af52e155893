"""A query's text as tokens, each with its place."""

import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from algovera_desktop.library.query.problems import Problem, QuerySyntaxError

_STRUCTURE = '()"'


class TokenKind(Enum):
    CHUNK = auto()
    """Whatever stands between blanks, parentheses and quotes; ``value`` is its text."""
    QUOTED = auto()
    """``value`` is what stands between the quotes."""
    OPEN = auto()
    CLOSE = auto()
    MINUS = auto()
    """A ``-`` in front of a term."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token, at ``start`` up to ``end``; ``follows`` if no blank is before it."""

    kind: TokenKind
    value: str
    start: int
    end: int
    follows: bool


def tokens_of(text: str) -> list[Token]:
    """All tokens. Raises QuerySyntaxError for a quote that is not closed."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token_at(text, at, follows=bool(found) and found[-1].end == at)
        found.append(token)
        at = token.end
    return found


def readable(text: str) -> str:
    """The text without what no database takes, each place kept."""
    return "".join(" " if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in text)


def quoted(text: str) -> str:
    """The text as a query says exactly it; a quote in it is doubled."""
    return '"' + text.replace('"', '""') + '"'


def is_searchable(text: str) -> bool:
    """Whether the index of words holds anything of this: letters and digits of any script."""
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def _token_at(text: str, at: int, *, follows: bool) -> Token:
    if text[at] == '"':
        return _quoted_at(text, at, follows=follows)
    if text[at] in "()":
        kind = TokenKind.OPEN if text[at] == "(" else TokenKind.CLOSE
        return Token(kind, text[at], at, at + 1, follows)
    if text[at] == "-" and _begins_term(text[at + 1 : at + 2]):
        return Token(TokenKind.MINUS, "-", at, at + 1, follows)
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in _STRUCTURE:
        end += 1
    return Token(TokenKind.CHUNK, text[at:end], at, end, follows)


def _begins_term(character: str) -> bool:
    return bool(character) and not character.isspace() and character != ")"


def _quoted_at(text: str, at: int, *, follows: bool) -> Token:
    end = at + 1
    while (end := text.find('"', end)) >= 0:
        if text[end + 1 : end + 2] != '"':
            value = text[at + 1 : end].replace('""', '"')
            return Token(TokenKind.QUOTED, value, at, end + 1, follows)
        end += 2
    raise QuerySyntaxError(Problem.UNCLOSED_QUOTE, text, at, len(text))
