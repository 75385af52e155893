"""Prompts as people write them, and what the painter is to make of each."""

from typing import NamedTuple

import pytest

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.commission import Setting, TimeOfDay, Weather
from algovera_desktop.server.pipelines.sketch.reading import PromptReader
from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary

READER = PromptReader(Vocabulary.load(resource_path("sketch")))


class Reading(NamedTuple):
    prompt: str
    subjects: str
    setting: Setting
    time: TimeOfDay = TimeOfDay.DAY
    weather: Weather = Weather.CLEAR


MEADOW, FIELD, FOREST, MOUNTAINS = Setting.MEADOW, Setting.FIELD, Setting.FOREST, Setting.MOUNTAINS
SEA, BEACH, LAKE, UNDERWATER = Setting.SEA, Setting.BEACH, Setting.LAKE, Setting.UNDERWATER
SNOW, DESERT, CITY, ROOM = Setting.SNOW, Setting.DESERT, Setting.CITY, Setting.ROOM
TABLE, SPACE, SKY, ABSTRACT = Setting.TABLE, Setting.SPACE, Setting.SKY, Setting.ABSTRACT
DAWN, DAY, SUNSET, NIGHT = TimeOfDay.DAWN, TimeOfDay.DAY, TimeOfDay.SUNSET, TimeOfDay.NIGHT
RAIN, STORM, FOG = Weather.RAIN, Weather.STORM, Weather.FOG

READINGS = [
    Reading("a red fox in a snowy forest under a full moon", "red fox, full moon", FOREST, NIGHT),
    Reading("two cats watching a sunset on the beach", "2 cat", BEACH, SUNSET),
    Reading("a dragon flying over a castle at night", "dragon, castle", MEADOW, NIGHT),
    Reading("a teapot with sunflowers on a table", "teapot, 3 sunflowers", TABLE),
    Reading("three boats on a stormy sea, by van gogh", "3 boats", SEA, DAY, STORM),
    Reading("a dark red car in a city street at night, rain", "car", CITY, NIGHT, RAIN),
    Reading("an astronaut riding a horse on the moon", "astronaut, horse", SPACE, NIGHT),
    Reading("a hot air balloon over the mountains at dawn", "hot air balloon", MOUNTAINS, DAWN),
    Reading("a penguin wearing a red scarf", "penguin, scarf", SNOW),
    Reading(
        "a lighthouse on a cliff by the sea, foggy morning", "lighthouse, cliff", SEA, DAWN, FOG
    ),
    Reading("a flock of birds over a lake in the mountains", "6 bird, mountain", LAKE),
    Reading("a tiny mouse and a giant elephant", "mouse, elephant", MEADOW),
    Reading("black and white photo of a lonely tree", "tree", MEADOW),
    Reading("portrait of a woman in a red dress", "portrait of a woman", MEADOW),
    Reading("a wizard with a crystal ball, mysterious", "wizard, crystal ball", FOREST),
    Reading("(fox:1.3), ((forest)), [rain], masterpiece, 8k", "fox", FOREST, DAY, RAIN),
    Reading("a peaceful meadow with many flowers, spring", "7 flower", MEADOW),
    Reading("a city without people, golden hour", "", CITY, SUNSET),
    Reading("a whale under the sea with fish", "whale, 3 fish", UNDERWATER),
    Reading("a camel in the desert with pyramids, hot sun", "camel, 3 pyramid, sun", DESERT),
    Reading("a field of sunflowers under a blue sky", "8 sunflowers", FIELD),
    Reading("a bowl of ramen and chopsticks", "bowl of ramen, chopsticks", TABLE),
    Reading("santa claus in a sleigh, christmas night", "santa claus, sleigh", SNOW, NIGHT),
    Reading("children playing football in the park", "3 children, football", MEADOW),
    Reading(
        "a cozy room with a fireplace, a cat on a sofa, winter night",
        "fireplace, cat, sofa",
        ROOM,
        NIGHT,
    ),
    Reading("abstract composition in blue and gold", "", ABSTRACT),
    Reading("a rocket to the stars", "rocket, 3 stars", SPACE, NIGHT),
    Reading("coral reef with a sea turtle", "coral reef, sea turtle", UNDERWATER),
    Reading("a girl with an umbrella in the rain", "girl, umbrella", CITY, DAY, RAIN),
    Reading("a couple of ducks on a pond", "2 duck", LAKE),
    Reading("a couple dancing under the stars", "couple", MEADOW, NIGHT),
    Reading("chocolate cake with strawberries", "cake, 3 strawberries", TABLE),
    Reading("a vase of flowers, still life, vermeer", "vase of flowers", TABLE),
    Reading("rose garden at dusk", "6 rose", MEADOW, SUNSET),
    Reading("ships in the harbour at sunset, monet", "3 ships", SEA, SUNSET),
    Reading("haunted house, full moon, bats", "haunted house, full moon, 3 bats", MEADOW, NIGHT),
    Reading("elephants in the savanna at sunset", "3 elephant", FIELD, SUNSET),
    Reading("a cup of tea by the window on a rainy day", "cup of tea, window", ROOM, DAY, RAIN),
    Reading("an owl on a branch at night", "owl, branch", FOREST, NIGHT),
    Reading(
        "little red riding hood and the wolf in the dark forest",
        "little red riding hood, wolf",
        FOREST,
    ),
    Reading("in a library, an old man reading a book", "old man, book", ROOM),
    Reading("an old sailor in a small boat on a calm lake", "sailor, boat", LAKE),
    Reading("a steampunk airship flying over london", "airship", CITY),
    Reading("the last unicorn in a dark enchanted forest, moonlight", "unicorn", FOREST, NIGHT),
    Reading("surreal desert with giant clocks, dali", "3 clocks", DESERT),
    Reading("tropical fish around a shipwreck", "3 tropical fish, shipwreck", UNDERWATER),
    Reading(
        "a witch on a broomstick across the full moon",
        "witch, broomstick, full moon",
        FOREST,
        NIGHT,
    ),
    Reading("a tall ship in a storm, huge waves, turner", "tall ship", SEA, DAY, STORM),
    Reading("spooky graveyard with a black cat, halloween", "graveyard, black cat", MEADOW, NIGHT),
    Reading("a black horse in a misty meadow at dawn", "horse", MEADOW, DAWN, FOG),
    Reading("breakfast table with coffee and croissants", "coffee, 3 croissant", TABLE),
    Reading("penguins on an iceberg, northern lights", "3 penguin, iceberg", SNOW, NIGHT),
    Reading("a train in the snowy mountains", "train", MOUNTAINS),
    Reading("the eiffel tower at night with fireworks", "eiffel tower, 3 fireworks", CITY, NIGHT),
    Reading("a rainy street with a taxi, noir", "taxi", CITY, DAY, RAIN),
    Reading("a viking ship sailing through fog", "viking ship", SEA, DAY, FOG),
    Reading("a windmill in a tulip field, spring", "windmill, 6 tulip", FIELD),
    Reading("a lonely lighthouse during a thunderstorm", "lighthouse", SEA, DAY, STORM),
    Reading("a whale flying in the sky among clouds", "whale, 3 clouds", SKY),
    Reading(
        "a green dragon on a pile of gold coins in a cave", "green dragon, 6 gold coins", MOUNTAINS
    ),
    Reading("a polar bear family in the arctic", "3 polar bear", SNOW),
    Reading("frog prince with a crown on a lily pad", "frog prince, crown, lily pad", LAKE),
    Reading("1girl, solo, long hair, cherry blossoms", "girl, 3 cherry blossoms", MEADOW),
    Reading("a beautiful sunset", "", SKY, SUNSET),
]


def test_there_are_sixty_of_them() -> None:
    assert len({reading.prompt for reading in READINGS}) >= 60


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.prompt)
def test_a_realistic_prompt_is_understood(reading: Reading) -> None:
    commission = READER.read_prompt(reading.prompt)
    subjects = ", ".join(
        f"{subject.count} {subject.word}" if subject.count > 1 else subject.word
        for subject in commission.subjects
    )
    assert (subjects, commission.setting, commission.time, commission.weather) == reading[1:]
