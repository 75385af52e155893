"""What reading a prompt turned up, before it is weighed into one commission."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from algovera_desktop.server.pipelines.sketch.commission import (
    RGB,
    Mood,
    Placement,
    Season,
    Seat,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.vocabulary import Entry, Thing

_Value = TypeVar("_Value")

MOST_OF_A_KIND = 12
"""More would not be told apart."""

_LIVING = frozenset({"person", "figure", "animal", "bird"})
_HELD = frozenset({"object", "food"})


@dataclass(frozen=True, slots=True)
class Place:
    """A setting as the prompt names it; ``led_to`` by a preposition, as in "by the sea";
    ``said_of`` is how many subjects were named before it."""

    setting: Setting
    weak: bool
    led_to: bool
    said_of: int = 0


@dataclass(slots=True)
class Findings:
    """Everything named, in the prompt's order. A second one holds what is to be kept away."""

    subjects: list[tuple[Subject, Thing]] = field(default_factory=list[tuple[Subject, Thing]])
    places: list[Place] = field(default_factory=list[Place])
    times: list[TimeOfDay] = field(default_factory=list[TimeOfDay])
    hinted_times: list[TimeOfDay] = field(default_factory=list[TimeOfDay])
    weathers: list[Weather] = field(default_factory=list[Weather])
    seasons: list[Season] = field(default_factory=list[Season])
    hinted_seasons: list[Season] = field(default_factory=list[Season])
    moods: list[Mood] = field(default_factory=list[Mood])
    colours: list[RGB] = field(default_factory=list[RGB])
    kinds: set[str] = field(default_factory=set[str])
    monochrome: bool = False
    portrait: bool = False

    def add_atmosphere(self, entry: Entry) -> None:
        """All that the entry says of the picture as a whole."""
        _note(self.times, entry.time)
        _note(self.hinted_times, entry.hinted_time)
        _note(self.weathers, entry.weather)
        _note(self.seasons, entry.season)
        _note(self.hinted_seasons, entry.hinted_season)
        _note(self.moods, entry.mood)
        self.monochrome |= entry.monochrome

    def add_subject(self, subject: Subject, thing: Thing) -> None:
        """The same word again is the same thing, unless it looks different; another word for what
        looks the same (a parrot and a toucan) is one more of it."""
        for index, (known, _) in enumerate(self.subjects):
            if _looks(known) == _looks(subject):
                same = known.word == subject.word
                count = max(known.count, subject.count) if same else known.count + subject.count
                known = replace(known, count=min(count, MOST_OF_A_KIND))
                self.subjects[index] = (known, thing)
                return
        self.subjects.append((subject, thing))

    def seat_last(self, seat: Seat) -> None:
        """The last subject and its company ("a cat and a dog") are on the thing named next."""
        index = len(self.subjects)
        kinds = [thing.kind for _, thing in self.subjects[-2:]]
        if len(kinds) > 1 and kinds[0] in _LIVING and kinds[1] in _HELD:
            index -= 1  # a man with a newspaper in an armchair
        last = index - 1
        while index and self._joins(index - 1, last, seat):
            index -= 1
            subject, thing = self.subjects[index]
            self.subjects[index] = (replace(subject, seat=seat), thing)

    def _joins(self, index: int, last: int, seat: Seat) -> bool:
        subject, thing = self.subjects[index]
        if subject.seat is not None or subject.emoji == seat.emoji:
            return False
        far = subject.placement in (Placement.BACKDROP, Placement.CELESTIAL)
        return not far and thing.kind == self.subjects[last][1].kind


def _note(values: list[_Value], value: _Value | None) -> None:
    if value is not None:
        values.append(value)


def _looks(subject: Subject) -> tuple[str, RGB | None, float]:
    return subject.emoji, subject.colour, subject.height * subject.scale
