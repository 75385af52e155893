"""A query as a tree. Nothing in it knows of SQL, nor of where in a text it stood."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T", float, datetime)


class TextField(Enum):
    """Where words are looked for."""

    ANYWHERE = ""
    PROMPT = "prompt"
    NEGATIVE = "negative"
    NOTE = "note"


class NameField(Enum):
    """What has a name of its own."""

    MODEL = "model"
    SERVER = "server"
    TAG = "tag"
    ALBUM = "album"


class NumberField(Enum):
    """What is a number."""

    RATING = "rating"
    SEED = "seed"
    STEPS = "steps"
    GUIDANCE = "guidance"


class Ratio(Enum):
    """How a picture's sides stand to each other."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    SQUARE = "square"


class State(Enum):
    """What a picture can be. FAILED is a job, so no picture ever is."""

    FAVOURITE = "favourite"
    FAILED = "failed"
    IMPORTED = "imported"
    TRASHED = "trashed"
    MISSING = "missing"


class Extra(Enum):
    """What a picture can have."""

    NOTE = "note"
    TAG = "tag"
    ALBUM = "album"


@dataclass(frozen=True, slots=True)
class Interval(Generic[T]):
    """From ``low`` to ``high``; None where it has no end on that side."""

    low: T | None = None
    high: T | None = None
    without_low: bool = False
    without_high: bool = False

    def __contains__(self, value: T) -> bool:
        above = self.low is None or (value > self.low if self.without_low else value >= self.low)
        below = self.high is None or (
            value < self.high if self.without_high else value <= self.high
        )
        return above and below


@dataclass(frozen=True, slots=True)
class Words:
    """These words one after the other; ``is_prefix`` if the last may go on."""

    text: str
    is_prefix: bool = False
    field: TextField = TextField.ANYWHERE


@dataclass(frozen=True, slots=True)
class Named:
    """Has this name, or one that begins so. Case does not count."""

    field: NameField
    text: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class NumberIn:
    field: NumberField
    interval: Interval[float]


@dataclass(frozen=True, slots=True)
class SizeIs:
    """In pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RatioIs:
    ratio: Ratio


@dataclass(frozen=True, slots=True)
class MadeIn:
    """Made at that time; aware times, the end not included."""

    interval: Interval[datetime]


@dataclass(frozen=True, slots=True)
class Is:
    state: State


@dataclass(frozen=True, slots=True)
class Has:
    extra: Extra


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts hold; every picture where there are none."""

    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """One of the parts holds."""

    parts: tuple["Node", ...]


Node = Words | Named | NumberIn | SizeIs | RatioIs | MadeIn | Is | Has | Not | All | Any


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts that must all hold."""
    return node.parts if isinstance(node, All) else (node,)


def asks_for_trash(node: Node) -> bool:
    """Whether the trash is searched, and nothing else: ``is:trashed`` beside other terms.

    Inside of ``or`` it finds nothing, because the trash is never shown among the rest.
    """
    return Is(State.TRASHED) in conjuncts(node)


def asks_for_failed_jobs(node: Node) -> bool:
    """Whether jobs that failed are to be shown: ``is:failed``, alone or as one side of ``or``."""
    if isinstance(node, All | Any):
        return any(asks_for_failed_jobs(part) for part in node.parts)
    return node == Is(State.FAILED)
