"""What every word means to the painter, read from the two tables in ``resources/sketch``.

``things.tsv`` names what can be drawn; ``words.json`` holds what colours, places, times, weather,
sizes, counts and moods are called and which words join or negate. Both are written by hand.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from algovera_desktop.server.pipelines.sketch.commission import (
    RGB,
    Hold,
    Mood,
    Placement,
    Season,
    Seat,
    Setting,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.tokens import BOUNDARY, phrase_of

LONGEST_PHRASE = 7
LISTS = (
    "plots",
    "enclosing",
    "enclosures",
    "fixtures",
    "negation_goes_on",
    "copulas",
    "body",
    "clothes",
    "worn_after",
    "verbs",
    "pronouns",
    "modifiers",
    "tone_words",
    "keep_collective",
    "same_plural",
    "named_after",
    "pairs",
    "only_seats",
    "carried_by",
    "carried_in",
    "filled_by",
    "portrait_words",
)
"""The plain word lists of ``words.json`` that a reader looks into."""

_Choice = TypeVar("_Choice", bound=Enum)


class Role(Enum):
    """What a word does for its neighbours when it means nothing itself."""

    BOUNDARY = "boundary"
    NEGATOR = "negators"
    PREPOSITION = "prepositions"
    LINK = "links"
    DETERMINER = "determiners"
    COMPOUND = "eyed"
    MATERIAL = "materials_after"


@dataclass(frozen=True, slots=True)
class Thing:
    """A row of ``things.tsv``. ``home`` is the setting it suggests when none is named."""

    emoji: str
    name: str
    kind: str
    placement: Placement
    height: float
    home: Setting | None


@dataclass(slots=True)
class Entry:
    """Everything that one word or phrase can mean; filled while the tables load."""

    text: str
    thing: Thing | None = None
    thing_scale: float = 1.0
    """How much larger than its picture's kind it is: 0.65 for a kitten among cats."""
    thing_colour: RGB | None = None
    setting: Setting | None = None
    weak: bool = False
    """Whether its setting gives way to the home of a thing."""
    time: TimeOfDay | None = None
    hinted_time: TimeOfDay | None = None
    weather: Weather | None = None
    season: Season | None = None
    hinted_season: Season | None = None
    mood: Mood | None = None
    monochrome: bool = False
    colour: RGB | None = None
    shade: float | None = None
    size: float | None = None
    count: int | None = None
    collective: int | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """An entry as it stands in a prompt, in tokens ``start`` up to ``end``. ``entry`` is None for
    an unknown word."""

    text: str
    start: int
    end: int
    entry: Entry | None
    plural: bool = False


class Vocabulary:
    """``lists`` are those of ``LISTS``; ``kinds`` the kinds of thing that a word keeps away when
    it is negated ("no people"). By picture: ``seats`` on which others can be, ``stand_ins`` for
    what carries badly (a sail hides its crew), ``in_season`` for trees that change their leaves,
    ``busts`` for portraits of what stands, ``better_as_bust`` what is shown so when it is alone
    and nowhere."""

    def __init__(self, things: Iterable[str], words: dict[str, Any]) -> None:
        self.entries: dict[str, Entry] = {}
        self.things: dict[str, Thing] = {}
        self.lists: dict[str, frozenset[str]] = {
            name: frozenset(map(_phrase, words[name])) for name in LISTS
        }
        self.plural_count: int = words["plural_count"]
        self.emoji_words: dict[str, str] = words["emoji_words"]
        self.lost_places: dict[Setting, tuple[str, int]] = {
            Setting(name): (word, count) for name, (word, count) in words["lost_places"].items()
        }
        self.kinds = _kinds(words["kind_words"])
        self.seats = {
            emoji: Seat(emoji, hold, *measures)
            for hold in Hold
            for emoji, measures in words[hold.value].items()
        }
        self.stand_ins: dict[str, str] = words["stand_ins"]
        self.in_season: dict[Season, dict[str, str]] = {
            Season(name): pictures for name, pictures in words["in_season"].items()
        }
        self.busts: dict[str, str] = words["busts"]
        self.better_as_bust = frozenset(words["shown_alone_as_bust"])
        self._irregular: dict[str, str] = words["irregular"]
        self._natural = {
            (Setting(name), _rgb(words["colours"][colour]))
            for name, colours in words["natural_colours"].items()
            for colour in colours
        }
        self._names: set[str] = set()
        self._add_words(words)
        self._add_things(things, words["colours"])

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """From ``resources/sketch``."""
        things = (folder / "things.tsv").read_text(encoding="utf-8").splitlines()
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        return cls(things, words)

    def is_natural(self, setting: Setting, colour: RGB) -> bool:
        """Whether naming the colour says nothing new of the place (a blue sea)."""
        return (setting, colour) in self._natural

    def matches(self, tokens: list[str]) -> Iterator[Match]:
        """The tokens cut into the longest known phrases, unknown words one by one."""
        start = 0
        while start < len(tokens):
            match = self._longest(tokens, start)
            yield match
            start = match.end

    def _longest(self, tokens: list[str], start: int) -> Match:
        for end in range(min(start + LONGEST_PHRASE, len(tokens)), start, -1):
            text = " ".join(tokens[start:end])
            entry = self.entries.get(text)
            if entry is not None:
                return Match(text, start, end, entry, self._is_plural(text))
            singular = self._singular_thing(tokens[start:end])
            if singular is not None:
                return Match(text, start, end, singular, plural=True)
        return Match(tokens[start], start, start + 1, None)

    def _is_plural(self, text: str) -> bool:
        """Whether a listed word is only the plural of another: ``roses``, but not ``grapes``,
        whose picture shows several."""
        if text in self._names:
            return False
        singular = self._singular_thing(text.split(" "))
        return singular is not None and singular.thing is self.entries[text].thing

    def _singular_thing(self, tokens: list[str]) -> Entry | None:
        places = [len(tokens) - 1]
        if "of" in tokens[1:]:
            places.insert(0, tokens.index("of", 1) - 1)
        for place in places:
            for singular in self._singulars(tokens[place]):
                entry = self.entries.get(
                    " ".join([*tokens[:place], singular, *tokens[place + 1 :]])
                )
                if entry is not None and entry.thing is not None:
                    return entry
        return None

    def _singulars(self, word: str) -> Iterator[str]:
        if word in self._irregular:
            yield self._irregular[word]
        if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
            return
        yield word[:-1]
        for ending, singular in (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", "")):
            if word.endswith(ending):
                yield word.removesuffix(ending) + singular

    def _entry(self, text: str) -> Entry:
        phrase = _phrase(text)
        return self.entries.setdefault(phrase, Entry(phrase))

    def _add_words(self, words: dict[str, Any]) -> None:
        self.entries[BOUNDARY] = Entry(BOUNDARY, role=Role.BOUNDARY)
        for role in Role:
            for text in words.get(role.value, ()):
                self._entry(text).role = role
        for text, value in words["colours"].items():
            self._entry(text).colour = _rgb(value)
        for name in ("shade", "size", "count", "collective"):
            for text, value in words[f"{name}s"].items():
                setattr(self._entry(text), name, value)
        for text, values in words["moods"].items():
            self._entry(text).mood = Mood(*values)
        for text in words["monochrome"]:
            self._entry(text).monochrome = True
        self._add_surroundings(words)

    def _add_surroundings(self, words: dict[str, Any]) -> None:
        for setting, text in _pairs(Setting, words["places"]):
            self._entry(text).setting = setting
        for text in words["weak_places"]:
            self._entry(text).weak = True
        for time, text in _pairs(TimeOfDay, words["times"]):
            self._entry(text).time = time
        for text in words["night_things"]:
            self._entry(text).hinted_time = TimeOfDay.NIGHT
        for section in ("weather", "weather_things"):
            for weather, text in _pairs(Weather, words[section]):
                self._entry(text).weather = weather
        for season, text in _pairs(Season, words["seasons"]):
            self._entry(text).season = season
        for season, text in _pairs(Season, words["season_things"]):
            self._entry(text).hinted_season = season

    def _add_things(self, rows: Iterable[str], colours: dict[str, str]) -> None:
        for row in rows:
            if row and not row.startswith("#"):
                emoji, kind, placement, height, home, texts = row.split("\t")
                place = None if home == "-" else Setting(home)
                names = texts.split(", ")
                thing = Thing(emoji, names[0], kind, Placement(placement), float(height), place)
                self.things[emoji] = thing
                self._name(thing, names, colours)

    def _name(self, thing: Thing, texts: list[str], colours: dict[str, str]) -> None:
        self._names.add(_phrase(texts[0]))
        for text in texts:
            plain, _, colour = text.partition("=")
            plain, _, scale = plain.partition("*")
            entry = self._entry(plain)
            entry.thing = thing
            entry.thing_scale = float(scale or 1.0)
            entry.thing_colour = _rgb(colours[colour]) if colour else None


def _phrase(text: str) -> str:
    return text if text.replace(" ", "").isalpha() and text.isascii() else phrase_of(text)


def _rgb(value: str) -> RGB:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _kinds(section: dict[str, list[str]]) -> dict[str, set[str]]:
    """The kinds of thing that a word bans when it is negated."""
    kinds: dict[str, set[str]] = {}
    for kind, texts in section.items():
        for text in texts:
            kinds.setdefault(text, set()).add(kind)
    return kinds


def _pairs(choices: type[_Choice], section: dict[str, list[str]]) -> Iterator[tuple[_Choice, str]]:
    for name, texts in section.items():
        for text in texts:
            yield choices(name), text
