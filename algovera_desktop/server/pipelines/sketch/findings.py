"""What reading a prompt turned up, before it is weighed into one commission."""

from dataclasses import dataclass, field

from algovera_desktop.server.pipelines.sketch.commission import (
    RGB,
    Mood,
    Season,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.vocabulary import Entry, Thing


@dataclass(frozen=True, slots=True)
class Place:
    """A setting as the prompt names it; ``led_to`` by a preposition, as in "by the sea"."""

    setting: Setting
    weak: bool
    led_to: bool


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

    def add_atmosphere(self, entry: Entry) -> None:
        """All that the entry says of the picture as a whole."""
        for value, values in (
            (entry.time, self.times),
            (entry.hinted_time, self.hinted_times),
            (entry.weather, self.weathers),
            (entry.season, self.seasons),
            (entry.hinted_season, self.hinted_seasons),
            (entry.mood, self.moods),
        ):
            if value is not None:
                values.append(value)  # pyright: ignore[reportArgumentType]
        self.monochrome |= entry.monochrome

    def add_subject(self, subject: Subject, thing: Thing) -> None:
        """Once more the same thing is the same thing, unless it looks different."""
        for index, (known, _) in enumerate(self.subjects):
            if _looks(known) == _looks(subject):
                if subject.count > known.count:
                    self.subjects[index] = (subject, thing)
                return
        self.subjects.append((subject, thing))


def _looks(subject: Subject) -> tuple[str, RGB | None, float]:
    return subject.emoji, subject.colour, subject.height * subject.scale
