"""What can be wrong with a query, told so that the interface can word it."""

from enum import Enum, auto

from algovera_desktop.domain.errors import AlgoveraError


class Problem(Enum):
    """Why a query cannot be read. Each is about the stretch of text that the error points at."""

    UNCLOSED_QUOTE = auto()
    UNCLOSED_PARENTHESIS = auto()
    UNOPENED_PARENTHESIS = auto()
    EMPTY_PARENTHESES = auto()
    OR_LACKS_A_SIDE = auto()
    NOTHING_SEARCHABLE = auto()
    """Only signs that the index does not hold, such as an emoji."""
    UNKNOWN_KEY = auto()
    MISSING_VALUE = auto()
    UNKNOWN_VALUE = auto()
    BAD_NUMBER = auto()
    BAD_SIZE = auto()
    BAD_DATE = auto()
    IMPOSSIBLE_NUMBER = auto()
    """No picture can have such a one."""
    EMPTY_RANGE = auto()
    """It ends before it begins."""
    TOO_LONG = auto()
    TOO_DEEP = auto()


class QuerySyntaxError(AlgoveraError):
    """A query that cannot be read, and where.

    ``start`` and ``end`` are places in the text, ``found`` what stands between them.
    ``expected`` holds the values that could stand there, where they are few.
    """

    def __init__(
        self, problem: Problem, text: str, start: int, end: int, expected: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{problem.name.lower()} at {start}:{end}: {text[start:end]!r}")
        self.problem = problem
        self.start = start
        self.end = end
        self.found = text[start:end]
        self.expected = expected
