"""What a prompt comes to: counts, sizes, colours, negation, notations, and no failure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Season,
    Setting,
    Subject,
    TimeOfDay,
    Weather,
)
from algovera_desktop.server.pipelines.sketch.findings import MOST_OF_A_KIND
from algovera_desktop.server.pipelines.sketch.reading import PromptReader
from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary
from algovera_desktop.server.pipelines.sketch.weighing import MOST_SUBJECTS

READER = PromptReader(Vocabulary.load(resource_path("sketch")))
WORDS = sorted(Vocabulary.load(resource_path("sketch")).entries)


def read(prompt: str, negative: str = "") -> Commission:
    return READER.read_prompt(prompt, negative)


def only(prompt: str) -> Subject:
    (subject,) = read(prompt).subjects
    return subject


def words(prompt: str, negative: str = "") -> list[str]:
    return [subject.word for subject in read(prompt, negative).subjects]


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("a cat", 1),
        ("two cats", 2),
        ("3 boats", 3),
        ("twelve candles", 12),
        ("a pair of swans", 2),
        ("a polar bear family", 3),
        ("a school of tropical fish", 7),
        ("a couple of ducks", 2),
        ("a flock of birds", 6),
        ("a herd of white sheep", 6),
        ("many balloons", 7),
        ("some apples", 3),
        ("cats", 3),
        ("sheep", 3),
        ("a sheep", 1),
        ("grapes", 1),
        ("a plate of pasta", 1),
        ("a thousand stars", 12),
        ("2cats", 2),
        ("🐈🐈🐈", 3),
        ("1920 car", 1),
    ],
)
def test_counts(prompt: str, count: int) -> None:
    assert only(prompt).count == count


def test_a_count_belongs_to_its_own_noun() -> None:
    cats, dogs = read("two cats and a dog").subjects
    assert (cats.count, dogs.count) == (2, 1)


def test_a_basket_and_what_is_in_it_are_both_seen() -> None:
    assert [(s.word, s.count) for s in read("a basket of apples").subjects] == [
        ("basket", 1),
        ("apple", 5),
    ]


@pytest.mark.parametrize(
    ("prompt", "least", "most"),
    [("a tiny mouse", 0.3, 0.6), ("a small boat", 0.6, 0.8), ("a giant octopus", 1.6, 2.0)],
)
def test_sizes(prompt: str, least: float, most: float) -> None:
    assert least <= only(prompt).scale <= most


def test_young_animals_are_small_by_nature_not_by_the_prompt() -> None:
    assert only("a kitten").height < only("a cat").height
    assert only("a kitten").scale == 1.0


def test_baby_is_a_size_before_a_thing_and_else_a_person() -> None:
    assert only("a baby dragon").scale < 1.0
    assert only("a baby").word == "baby"


def test_a_colour_is_bound_to_the_noun_that_follows() -> None:
    red, blue = read("a red balloon and a blue balloon").subjects
    assert red.colour == (0xD3, 0x30, 0x2F)
    assert blue.colour == (0x2F, 0x6F, 0xD0)


def test_a_colour_of_the_eyes_is_not_the_cats() -> None:
    assert only("two blue-eyed cats") == only("two cats")
    assert only("a cat with blue eyes") == only("a cat")
    assert only("a woman with red hair and a smile") == only("a woman with red hair")


def test_shades_make_a_colour_darker_or_lighter() -> None:
    dark, plain, light = (
        only(f"a {shade} car").colour for shade in ("dark red", "red", "light red")
    )
    assert dark is not None
    assert plain is not None
    assert light is not None
    assert sum(dark) < sum(plain) < sum(light)
    assert read("a dark red car").mood.lightness == 0.0


def test_the_colour_that_a_thing_has_by_nature_leaves_its_picture_alone() -> None:
    assert only("a red fox").colour is None
    assert only("a pink flamingo").colour is None


def test_a_thing_can_bring_its_own_surroundings() -> None:
    assert read("a lighthouse").setting is Setting.SEA
    assert read("a submarine").setting is Setting.UNDERWATER
    assert read("a lighthouse in a desert").setting is Setting.DESERT


def test_a_colour_after_the_noun_is_the_nouns() -> None:
    assert only("the fox is blue").colour == only("a blue fox").colour


def test_a_colour_that_no_thing_claims_is_the_pictures() -> None:
    commission = read("a castle under a purple sky")
    assert len(commission.colours) == 1
    assert commission.subjects[0].colour is None


def test_a_place_in_its_own_colour_says_nothing() -> None:
    assert read("a ship on the blue sea").colours == ()
    assert len(read("a ship on a red sea").colours) == 1


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("an orange cat", ["cat"]),
        ("an orange", ["orange"]),
        ("oranges and lemons", ["orange", "lemon"]),
        ("an orange and white cat", ["cat"]),
        ("an orange sky", []),
        ("a rose", ["rose"]),
        ("a rose dawn", []),
        ("rose garden", ["rose"]),
        ("a coffee brown horse", ["horse"]),
        ("a lavender field", ["lavender"]),
    ],
)
def test_words_for_both_a_colour_and_a_thing(prompt: str, expected: list[str]) -> None:
    assert [READER.read_prompt(word).subjects[0].emoji for word in expected] == [
        subject.emoji for subject in read(prompt).subjects
    ]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("watch the stars", ["stars"]),
        ("a watch", ["watch"]),
        ("a bird watches the sea", ["bird"]),
        ("birds fly south", ["bird"]),
        ("a bear fishing in a river", ["bear"]),
        ("a lion with blue eyes", ["lion"]),
        ("portrait of a cat", ["cat"]),
        ("a woman in a red dress", ["woman"]),
        ("a house made of chocolate", ["house"]),
        ("a chocolate cake", ["cake"]),
        ("a dog house", ["dog", "house"]),
        ("the fox's den", ["fox"]),
    ],
)
def test_verbs_parts_and_substances_are_no_things(prompt: str, expected: list[str]) -> None:
    assert words(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "blue fox",
        "(blue fox:1.3)",
        "((blue)) (fox)",
        "[blue] {fox}",
        "blue_fox",
        "blue-fox",
        "BLUE FOX!!!",
        "blue fox::2",
        "<lora:detail:0.8> blue fox",
        "a blüe fox's",
    ],
)
def test_other_tools_notations_read_the_same(prompt: str) -> None:
    assert read(prompt) == read("blue fox")


def test_emoji_in_the_prompt_count_as_words() -> None:
    commission = read("👩🏽‍🚀 🐈‍⬛ 🌧️ 🦓")
    assert [subject.emoji for subject in commission.subjects] == [
        "1f469_200d_1f680",
        "1f408_200d_2b1b",
        "1f993",
    ]
    assert commission.weather is Weather.RAIN


@pytest.mark.parametrize(
    ("prompt", "negative", "expected"),
    [
        ("a city street without people or cars", "", []),
        ("no people, a quiet cat", "", ["cat"]),
        ("not a cat but a dog", "", ["dog"]),
        ("a cat, a dog", "dog", ["cat"]),
        ("a cat and an eagle and a dove", "birds", ["cat"]),
        ("a man and a horse", "people", ["horse"]),
        ("a cat without a hat and a dog", "", ["cat", "dog"]),
    ],
)
def test_what_is_negated_is_kept_away(prompt: str, negative: str, expected: list[str]) -> None:
    assert words(prompt, negative) == expected


def test_the_negative_prompt_takes_back_weather_time_place_and_colour() -> None:
    commission = read("a blue fox in the snow at night in the rain", "rain, night, snow, blue")
    assert commission.weather is Weather.CLEAR
    assert commission.time is TimeOfDay.DAY
    assert commission.setting is Setting.FOREST
    assert commission.subjects[0].colour is None


def test_an_unwanted_mood_bends_the_other_way() -> None:
    assert read("a castle", "gloomy, dark").mood.lightness > 0


def test_a_negative_prompt_of_quality_words_changes_nothing() -> None:
    usual = "lowres, bad anatomy, extra digits, cropped, worst quality, jpeg artifacts, watermark"
    assert read("a cat on a sofa", usual) == read("a cat on a sofa")


def test_black_and_white_describes_a_hide_but_colours_a_photo() -> None:
    assert not read("a black and white cow").monochrome
    assert read("a black and white photo of a cow").monochrome


def test_mountains_and_woods_beside_the_setting_stand_in_it() -> None:
    commission = read("a boat on a lake in the mountains")
    assert commission.setting is Setting.LAKE
    assert [subject.word for subject in commission.subjects] == ["boat", "mountain"]


@pytest.mark.parametrize(
    ("prompt", "setting"),
    [
        ("a castle in the sky", Setting.SKY),
        ("a dragon in the sky above a castle", Setting.MEADOW),
        ("a tree with birds in the sky", Setting.MEADOW),
        ("a red balloon in the sky", Setting.SKY),
    ],
)
def test_the_sky_is_the_setting_only_of_what_flies_in_it(prompt: str, setting: Setting) -> None:
    assert read(prompt).setting is setting


def test_two_names_for_what_looks_the_same_are_two_of_it() -> None:
    assert only("a parrot and a toucan").count == 2
    assert only("a cat, cute cat").count == 1


def test_a_picture_of_a_pair_counts_as_two() -> None:
    assert only("two lovers").count == 1
    assert only("four lovers").count == 2


def test_a_place_led_to_by_a_preposition_beats_one_that_is_only_mentioned() -> None:
    assert read("a forest fox in the desert").setting is Setting.DESERT


def test_season_follows_from_snow_and_from_things() -> None:
    assert read("a fox in the snow").season is Season.WINTER
    assert read("a pumpkin").season is Season.AUTUMN


def test_style_words_bend_the_strokes() -> None:
    assert read("a tree, in the style of van gogh").mood.turbulence == 1.0
    assert read("a calm, serene lake").mood.turbulence == -1.0


def test_no_known_word_is_an_abstract_picture() -> None:
    assert read("qwertz asdf") == Commission()
    assert read("") == Commission()


def test_a_colour_alone_is_an_abstract_picture_in_it() -> None:
    commission = read("deep purple")
    assert commission.setting is Setting.ABSTRACT
    assert len(commission.colours) == 1


def test_instances_are_limited() -> None:
    prompt = ", ".join(
        f"400 {word}" for word in ["cats", "dogs", "cows", "pigs", "owls", "boats", "cars", "trees"]
    )
    subjects = read(prompt + ", 9 horses, 3 ships").subjects
    assert len(subjects) == MOST_SUBJECTS
    assert all(subject.count == MOST_OF_A_KIND for subject in subjects)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=80))
def test_any_text_is_read_the_same_way_twice(prompt: str, negative: str) -> None:
    assert read(prompt, negative) == read(prompt, negative)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*WORDS, "two", "a", "and", "in the", ",", "no", "(x:1.2)", "7", "🐱"])
    )
)
def test_known_words_in_any_order_make_a_sane_commission_whatever_their_case(
    parts: list[str],
) -> None:
    prompt = " ".join(parts)
    commission = read(prompt)
    assert commission == read(prompt.upper())
    assert len(commission.subjects) <= MOST_SUBJECTS
    assert all(1 <= subject.count <= MOST_OF_A_KIND for subject in commission.subjects)
    mood = commission.mood
    values = (mood.warmth, mood.saturation, mood.lightness, mood.contrast, mood.turbulence)
    assert all(-1.0 <= value <= 1.0 for value in values)
