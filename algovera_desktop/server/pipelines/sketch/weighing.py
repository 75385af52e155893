"""Findings weighed against each other into one commission that holds together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Mood,
    Placement,
    Season,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.findings import Findings, Place
from algovera_desktop.server.pipelines.sketch.vocabulary import Thing, Vocabulary

MOST_SUBJECTS = 8
MOST_COLOURS = 4

_ALOFT = frozenset({Placement.AIR, Placement.CELESTIAL})
_NEITHER_NEAR_NOR_FAR = frozenset(
    {Setting.SPACE, Setting.UNDERWATER, Setting.ROOM, Setting.TABLE, Setting.ABSTRACT}
)
_HOME_OF = {
    Placement.CELESTIAL: Setting.SKY,
    Placement.AIR: Setting.SKY,
    Placement.BACKDROP: Setting.MOUNTAINS,
    Placement.STANDING: Setting.MEADOW,
    Placement.AFLOAT: Setting.SEA,
    Placement.UNDERWATER: Setting.UNDERWATER,
    Placement.SMALL: Setting.TABLE,
    Placement.FACE: Setting.MEADOW,
}
_SNOWED_IN = frozenset({Setting.MEADOW, Setting.FIELD, Setting.FOREST})
_SHOWN_BY = {
    Weather.SNOWFALL: Setting.SNOW,
    Weather.RAIN: Setting.CITY,
    Weather.STORM: Setting.SEA,
    Weather.FOG: Setting.FOREST,
}
"""Where a weather shows best when no place is named."""
_WEATHER_BY_FORCE = (
    Weather.STORM,
    Weather.SNOWFALL,
    Weather.RAIN,
    Weather.FOG,
    Weather.CLOUDY,
    Weather.CLEAR,
)

_Value = TypeVar("_Value")
_Pairs = Sequence[tuple[Subject, Thing]]


def weigh(found: Findings, banned: Findings, vocabulary: Vocabulary) -> Commission:
    """One commission of all that was found, less all that is banned."""
    pairs = _without(found.subjects, banned)[:MOST_SUBJECTS]
    setting = _setting(found, banned, pairs)
    subjects = [subject for subject, _ in pairs]
    if _is_portrait(found, subjects, vocabulary):
        subjects = [_as_bust(subjects[0], vocabulary)]
    subjects += _lost_places(found, banned, setting, subjects, vocabulary)
    season = _season(found, banned, setting)
    worn = vocabulary.in_season.get(season, {})
    subjects = [replace(each, emoji=worn.get(each.emoji, each.emoji)) for each in subjects]
    return Commission(
        subjects=tuple(subjects[:MOST_SUBJECTS]),
        setting=setting,
        time=_time(found, banned, setting),
        weather=_weather(found, banned),
        season=season,
        mood=_mood(found.moods, banned.moods),
        colours=tuple(_unbanned(dict.fromkeys(found.colours), banned.colours))[:MOST_COLOURS],
        monochrome=found.monochrome and not banned.monochrome,
    )


def _is_portrait(found: Findings, subjects: Sequence[Subject], vocabulary: Vocabulary) -> bool:
    """Whether one alone is best seen close: it is asked for, or there is no place to show it in."""
    if len(subjects) != 1 or subjects[0].count > 1 or subjects[0].emoji not in vocabulary.busts:
        return False
    return found.portrait or (
        subjects[0].emoji in vocabulary.better_as_bust and not found.places and not found.seasons
    )


def _as_bust(subject: Subject, vocabulary: Vocabulary) -> Subject:
    bust = vocabulary.busts[subject.emoji]
    return replace(subject, emoji=bust, placement=Placement.FACE)


def _unbanned(values: Iterable[_Value], banned: Sequence[_Value]) -> list[_Value]:
    return [value for value in values if value not in banned]


def _without(pairs: _Pairs, banned: Findings) -> list[tuple[Subject, Thing]]:
    emoji = {subject.emoji for subject, _ in banned.subjects}
    kept: list[tuple[Subject, Thing]] = []
    for subject, thing in pairs:
        if thing.emoji in emoji or thing.kind in banned.kinds:
            continue
        if subject.colour in banned.colours:
            subject = replace(subject, colour=None)
        kept.append((subject, thing))
    return kept


def _setting(found: Findings, banned: Findings, pairs: _Pairs) -> Setting:
    """The strongest place named, else where the things are at home, else where the time and
    weather show best."""
    excluded = {place.setting for place in banned.places}
    grounded = [
        index for index, (subject, _) in enumerate(pairs) if subject.placement not in _ALOFT
    ]
    places = [
        place
        for place in found.places
        if place.setting not in excluded and (not grounded or _holds(place, grounded))
    ]
    homes = [home for home in _homes(pairs) if home not in excluded]
    ranked = sorted(places, key=_rank)
    if ranked and (not homes or _rank(ranked[0]) < 3):
        return ranked[0].setting
    if homes:
        snowed_in = found.seasons[:1] == [Season.WINTER] and homes[0] in _SNOWED_IN
        return Setting.SNOW if snowed_in and Setting.SNOW not in excluded else homes[0]
    return _open_setting(found, excluded)


def _holds(place: Place, grounded: Sequence[int]) -> bool:
    """Whether things that stand can be there: the sky only if it is said of the main one alone
    ("a castle in the sky"), not of the birds above it."""
    return place.setting is not Setting.SKY or (
        not place.weak and place.said_of == 1 and list(grounded) == [0]
    )


def _rank(place: Place) -> int:
    if not place.weak:
        return 0 if place.led_to else 1
    return 2 if place.led_to or place.setting is Setting.SKY else 3


def _homes(pairs: _Pairs) -> list[Setting]:
    """Where the things are at home, in the order in which they have a say: small things only if
    one of them is the main subject, what is in the sky after what stands."""
    if not pairs:
        return []
    main = pairs[0][1]
    carriers = {subject.seat.emoji for subject, _ in pairs if subject.seat is not None}
    telling = [
        thing
        for _, thing in pairs
        if thing is main or thing.emoji in carriers or thing.placement is not Placement.SMALL
    ]
    telling.sort(key=lambda thing: thing.emoji not in carriers)
    standing = [
        thing for thing in telling if thing.placement not in _ALOFT or thing.emoji in carriers
    ]
    aloft = [thing for thing in telling if thing.placement in _ALOFT]
    homes = [thing.home for thing in (*standing, *aloft) if thing.home is not None]
    return homes or [_HOME_OF[thing.placement] for thing in (*standing, *aloft)]


def _open_setting(found: Findings, excluded: set[Setting]) -> Setting:
    if found.seasons:
        choice = Setting.SNOW if found.seasons[0] is Season.WINTER else Setting.MEADOW
    elif found.weathers and found.weathers[0] in _SHOWN_BY:
        choice = _SHOWN_BY[found.weathers[0]]
    elif found.times or found.weathers:
        choice = Setting.SKY
    else:
        choice = Setting.ABSTRACT
    return Setting.ABSTRACT if choice in excluded else choice


def _lost_places(
    found: Findings,
    banned: Findings,
    setting: Setting,
    subjects: Sequence[Subject],
    vocabulary: Vocabulary,
) -> list[Subject]:
    """Mountains and woods that the prompt names besides its setting, as things in it."""
    named = dict.fromkeys(place.setting for place in found.places)
    known = {subject.emoji for subject in subjects}
    lost: list[tuple[Subject, Thing]] = []
    for place in named:
        word, count = vocabulary.lost_places.get(place, ("", 0))
        entry = vocabulary.entries.get(word)
        if place is setting or setting in _NEITHER_NEAR_NOR_FAR or not entry or not entry.thing:
            continue
        thing = entry.thing
        if thing.emoji not in known:
            lost.append((Subject(thing.emoji, word, thing.placement, thing.height, count), thing))
    return [subject for subject, _ in _without(lost, banned)]


def _time(found: Findings, banned: Findings, setting: Setting) -> TimeOfDay:
    times = _unbanned((*found.times, *found.hinted_times), banned.times)
    if times:
        return times[0]
    dark = setting is Setting.SPACE and TimeOfDay.NIGHT not in banned.times
    return TimeOfDay.NIGHT if dark else TimeOfDay.DAY


def _weather(found: Findings, banned: Findings) -> Weather:
    weathers = _unbanned(found.weathers, banned.weathers)
    return next((each for each in _WEATHER_BY_FORCE if each in weathers), Weather.CLEAR)


def _season(found: Findings, banned: Findings, setting: Setting) -> Season:
    seasons = _unbanned((*found.seasons, *found.hinted_seasons), banned.seasons)
    if seasons:
        return seasons[0]
    return Season.WINTER if setting is Setting.SNOW else Season.SUMMER


def _mood(wanted: Sequence[Mood], unwanted: Sequence[Mood]) -> Mood:
    def total(name: str) -> float:
        value = sum(getattr(mood, name) for mood in wanted)
        value -= sum(getattr(mood, name) for mood in unwanted)
        return round(max(-1.0, min(1.0, value)), 3)

    names = ("warmth", "saturation", "lightness", "contrast", "turbulence")
    return Mood(*map(total, names))
