"""The vocabulary is wide enough, clean enough and quick to load."""

import pytest

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.commission import Placement, Setting
from algovera_desktop.server.pipelines.sketch.emoji_set import EmojiSet
from algovera_desktop.server.pipelines.sketch.vocabulary import Entry, Vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(resource_path("sketch"))


def thing_entries(vocabulary: Vocabulary) -> list[Entry]:
    return [entry for entry in vocabulary.entries.values() if entry.thing is not None]


def test_at_least_1500_words_name_things(vocabulary: Vocabulary) -> None:
    assert len(thing_entries(vocabulary)) >= 1500


def test_at_least_150_words_bend_colour_time_place_and_mood(vocabulary: Vocabulary) -> None:
    entries = vocabulary.entries.values()
    families = {
        "colour": [entry for entry in entries if entry.colour is not None],
        "time and season": [entry for entry in entries if entry.time or entry.season],
        "place": [entry for entry in entries if entry.setting],
        "weather": [entry for entry in entries if entry.weather],
        "mood": [entry for entry in entries if entry.mood],
    }
    assert len({entry.text for family in families.values() for entry in family}) >= 150
    assert len(families["colour"]) >= 40
    assert min(map(len, families.values())) >= 25


def test_every_thing_has_a_picture_and_every_picture_is_named(vocabulary: Vocabulary) -> None:
    assert EmojiSet(resource_path("sketch/emoji")).keys() == set(vocabulary.things)


def test_pictures_are_large_transparent_and_decoded_once() -> None:
    pictures = EmojiSet(resource_path("sketch/emoji"))
    cat = pictures.picture("1f408")
    assert cat.mode == "RGBA"
    assert max(cat.size) == 320
    assert cat.getchannel("A").getextrema() == (0, 255)
    assert pictures.picture("1f408") is cat


def test_a_picture_outside_the_set_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        EmojiSet(resource_path("sketch/emoji")).picture("1f1e9_1f1ea")


def test_the_licence_lies_beside_the_pictures() -> None:
    assert "Apache License" in resource_path("sketch/LICENSE-noto-emoji.txt").read_text("utf-8")


def test_no_word_names_two_things() -> None:
    rows = resource_path("sketch/things.tsv").read_text("utf-8").splitlines()
    texts = [
        text.partition("=")[0].partition("*")[0]
        for row in rows
        if not row.startswith("#")
        for text in row.split("\t")[5].split(", ")
    ]
    assert len(texts) == len(set(texts))


def test_heights_are_what_a_picture_can_hold(vocabulary: Vocabulary) -> None:
    assert all(0.1 <= thing.height <= 4.0 for thing in vocabulary.things.values())


@pytest.mark.parametrize(
    ("word", "picture"),
    [
        ("cat", "1f408"),
        ("dog", "1f415"),
        ("horse", "1f40e"),
        ("rabbit", "1f407"),
        ("cow", "1f404"),
        ("kitten", "1f408"),
        ("puppy", "1f415"),
        ("black cat", "1f408_200d_2b1b"),
        ("cat face", "1f431"),
        ("fox", "own-fox"),
        ("whale", "1f433"),
        ("boat", "26f5"),
        ("ship", "1f6a2"),
        ("house", "1f3e0"),
        ("cottage", "1f3e1"),
        ("castle", "1f3f0"),
        ("wizard", "own-wizard"),
        ("astronaut", "own-astronaut"),
        ("mermaid", "1f9dc_200d_2640"),
        ("robot", "own-robot"),
        ("t-rex", "1f996"),
        ("ice cream", "1f366"),
        ("hot air balloon", "own-hot-air-balloon"),
        ("balloon", "1f388"),
        ("lighthouse", "own-lighthouse"),
        ("fox portrait", "1f98a"),
        ("palm tree", "1f334"),
        ("teapot", "1fad6"),
        ("sun", "2600"),
        ("moon", "1f315"),
    ],
)
def test_common_words_name_the_expected_picture(
    vocabulary: Vocabulary, word: str, picture: str
) -> None:
    (match,) = vocabulary.matches(word.replace("-", " ").split())
    assert match.entry is not None
    assert match.entry.thing is not None
    assert match.entry.thing.emoji == picture


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("cats", "cat"),
        ("wolves", "wolf"),
        ("butterflies", "butterfly"),
        ("mice", "mouse"),
        ("foxes", "fox"),
        ("buses", "bus"),
        ("geese", "goose"),
        ("knives", "knife"),
        ("hot air balloons", "hot air balloon"),
        ("glasses of wine", "glass of wine"),
        ("slices of pizza", "slice of pizza"),
        ("roses", "rose"),
    ],
)
def test_plurals_name_what_their_singular_names(
    vocabulary: Vocabulary, plural: str, singular: str
) -> None:
    (several,) = vocabulary.matches(plural.split())
    (one,) = vocabulary.matches(singular.split())
    assert several.plural
    assert not one.plural
    assert several.entry is not None
    assert one.entry is not None
    assert several.entry.thing is one.entry.thing


@pytest.mark.parametrize("word", ["animal", "nature", "beautiful", "drawing", "emotion", "fast"])
def test_general_words_name_no_thing(vocabulary: Vocabulary, word: str) -> None:
    entry = vocabulary.entries.get(word)
    assert entry is None or entry.thing is None


@pytest.mark.parametrize("word", ["fox face", "baby", "detective", "chef", "smiley", "clown"])
def test_what_has_only_a_head_is_placed_as_a_face(vocabulary: Vocabulary, word: str) -> None:
    thing = vocabulary.entries[word].thing
    assert thing is not None
    assert thing.placement is Placement.FACE


@pytest.mark.parametrize(
    ("word", "home"),
    [
        ("ship", Setting.SEA),
        ("penguin", Setting.SNOW),
        ("camel", Setting.DESERT),
        ("rocket", Setting.SPACE),
        ("teapot", Setting.TABLE),
        ("car", Setting.CITY),
        ("cow", Setting.MEADOW),
        ("deer", Setting.FOREST),
        ("octopus", Setting.UNDERWATER),
    ],
)
def test_things_know_where_they_are_at_home(
    vocabulary: Vocabulary, word: str, home: Setting
) -> None:
    thing = vocabulary.entries[word].thing
    assert thing is not None
    assert thing.home is home
