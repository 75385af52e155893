"""What the painter is asked for, after the prompt was read and before anything is laid out."""

from dataclasses import dataclass, field
from enum import Enum

RGB = tuple[int, int, int]
"""sRGB, 0 to 255."""


class Placement(Enum):
    """Where in a picture a thing belongs by its nature."""

    CELESTIAL = "celestial"
    """High in the sky, one is enough: sun, moon, planets, stars, rainbow."""
    AIR = "air"
    """In the air: birds, butterflies, balloons, aeroplanes, kites, clouds, dragons that fly."""
    BACKDROP = "backdrop"
    """On the horizon, large and far: mountains, volcanoes, skylines, stadiums."""
    STANDING = "standing"
    """Stands on the ground with its feet: animals, people, trees, houses, cars."""
    AFLOAT = "afloat"
    """On the water's surface where there is water: ships, ducks, swans, surfers."""
    UNDERWATER = "underwater"
    """In the water: fish, whales, squid, shells."""
    SMALL = "small"
    """Lies or stands small in front, on ground or table: food, tools, flowers, clothes."""
    FACE = "face"
    """A head alone (portraits, smileys): shown close, or large and rising from the lower edge,
    never as a severed head on the grass."""


class Setting(Enum):
    """The place that a picture shows; each has a painter of its ground."""

    MEADOW = "meadow"
    FIELD = "field"
    FOREST = "forest"
    MOUNTAINS = "mountains"
    SEA = "sea"
    BEACH = "beach"
    LAKE = "lake"
    UNDERWATER = "underwater"
    SNOW = "snow"
    DESERT = "desert"
    CITY = "city"
    ROOM = "room"
    TABLE = "table"
    SPACE = "space"
    SKY = "sky"
    ABSTRACT = "abstract"


class TimeOfDay(Enum):
    DAWN = "dawn"
    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"


class Weather(Enum):
    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    STORM = "storm"
    SNOWFALL = "snowfall"
    FOG = "fog"


class Season(Enum):
    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Hold(Enum):
    """How one thing holds others."""

    ON = "seats"
    """They rest on top of it: sofas, roofs, branches."""
    BEHIND = "boats"
    """Its near side hides their legs: boats, horses."""
    HEAP = "heaps"
    """They are piled up behind its rim: bowls, baskets."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where others rest on the thing ``emoji``, in shares of its picture: ``level`` from the top,
    between ``left`` and ``right``. ``span`` is the share of the frame's width that it takes when
    it carries something."""

    emoji: str
    hold: Hold
    level: float
    left: float
    right: float
    span: float


@dataclass(frozen=True, slots=True)
class Subject:
    """One kind of thing that the prompt names.

    ``emoji`` is the key of its picture in the set (the Noto file stem, as in ``1f431``);
    ``height`` is its natural height beside others on a scale where a person is 1.0 and a mouse
    0.15, already folded to what a picture can hold (a mountain 4.0, a tower 3.0). ``scale`` is
    what the prompt says of it ("tiny" 0.5, "giant" 1.8). ``colour`` repaints it, None keeps it.
    ``seat`` is what it is on, among the other subjects.
    """

    emoji: str
    word: str
    placement: Placement
    height: float = 1.0
    count: int = 1
    scale: float = 1.0
    colour: RGB | None = None
    seat: Seat | None = None


@dataclass(frozen=True, slots=True)
class Mood:
    """How mood and style words bend the palette, each -1.0 to 1.0, 0.0 leaves it alone."""

    warmth: float = 0.0
    saturation: float = 0.0
    lightness: float = 0.0
    contrast: float = 0.0
    turbulence: float = 0.0
    """How restless the strokes are: calm -1.0, wild 1.0."""


@dataclass(frozen=True, slots=True)
class Commission:
    """A whole prompt as the painter understands it. ``subjects`` in the prompt's order: the
    first is the main one. ``colours`` are named for the picture as a whole, not for a thing.
    ``monochrome`` asks for one hue (or grey)."""

    subjects: tuple[Subject, ...] = ()
    setting: Setting = Setting.ABSTRACT
    time: TimeOfDay = TimeOfDay.DAY
    weather: Weather = Weather.CLEAR
    season: Season = Season.SUMMER
    mood: Mood = field(default=Mood())
    colours: tuple[RGB, ...] = ()
    monochrome: bool = False
