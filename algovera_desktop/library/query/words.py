"""The part of a query that the index of words answers, as an FTS5 expression.

Grammar: sqlite.org/fts5.html, "Full-text Query Syntax". Whatever a person typed stands in double
quotes, where FTS5 sees no syntax, only words.
"""

import re
from collections.abc import Iterable, Sequence

from algovera_desktop.library.migrations import LONGEST_PREFIX
from algovera_desktop.library.query.lexer import is_searchable, quoted
from algovera_desktop.library.query.nodes import (
    All,
    Any,
    Named,
    NameField,
    Node,
    Not,
    TextField,
    Words,
)
from algovera_desktop.library.unspaced import parted

_LAST_OF_PREFIX = re.compile(r'(\w+)\W*"\*')
_COLUMNS = {
    TextField.ANYWHERE: "",
    TextField.PROMPT: "prompt : ",
    TextField.NEGATIVE: "negative_prompt : ",
    TextField.NOTE: "notes : ",
}


def expression(node: Node) -> str | None:
    """What finds exactly the pictures that ``node`` means; None if words alone cannot tell."""
    match node:
        case Words(text, is_prefix, field):
            return _COLUMNS[field] + phrase(text, is_prefix=is_prefix)
        case Named(NameField.MODEL, text, is_prefix=True) if is_searchable(text):
            return model(node)
        case Any(parts):
            found = [expression(part) for part in parts]
            known = [each for each in found if each is not None]
            return any_of(known) if len(known) == len(found) else None
        case All(parts):
            found, others = split(parts)
            return found if not others else None
        case _:
            return None


def has_any(node: Node) -> bool:
    """Whether the index of words is asked for anything in ``node``."""
    match node:
        case Not(part):
            return has_any(part)
        case All(parts) | Any(parts):
            return any(map(has_any, parts))
        case Named(NameField.MODEL, text):
            return is_searchable(text)
        case _:
            return expression(node) is not None


def split(parts: Sequence[Node]) -> tuple[str | None, list[Node]]:
    """One expression for as many of the parts as words can tell, and the other parts.

    FTS5 can leave out only from something: parts that are all negative are no expression.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    others: list[Node] = []
    for part in parts:
        found = expression(part.part if isinstance(part, Not) else part)
        if found is None:
            others.append(part)
        elif isinstance(part, Not):
            unwanted.append(found)
        else:
            wanted.append(found)
    if not wanted:
        return None, list(parts)
    if not unwanted:
        return all_of(wanted), others
    return f"({all_of(wanted)} NOT {any_of(unwanted)})", others


def gathers_words(expression: str) -> bool:
    """Whether a beginning in it is too long to be in the index, so that each look gathers what
    all words have that begin so: slow for one picture after the other."""
    return any(len(found) > LONGEST_PREFIX for found in _LAST_OF_PREFIX.findall(expression))


def phrase(text: str, *, is_prefix: bool = False) -> str:
    """These words in a row, as the index has them."""
    return quoted(parted(text)) + ("*" if is_prefix else "")


def all_of(expressions: Iterable[str]) -> str:
    return "(" + " AND ".join(expressions) + ")"


def any_of(expressions: Iterable[str]) -> str:
    return "(" + " OR ".join(expressions) + ")"


def among_names(field: NameField, names: Iterable[str]) -> str:
    """What finds at least all pictures with one of these tags, or in one of these albums."""
    column = {NameField.TAG: "tags", NameField.ALBUM: "albums"}[field]
    return any_of(f"{column} : {phrase(name)}" for name in names)


def model(named: Named) -> str:
    """What finds a model by words in a row of its name or its title."""
    return "{model model_title} : " + phrase(named.text, is_prefix=named.is_prefix)
