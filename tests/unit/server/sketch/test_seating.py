"""Who is on what: read from the prompt, and kept to it at every size and seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Hold,
    Placement,
    Setting,
    Subject,
)
from algovera_desktop.server.pipelines.sketch.placing import Placed, Shape
from algovera_desktop.server.pipelines.sketch.reading import PromptReader
from algovera_desktop.server.pipelines.sketch.scene import lay_out
from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load(resource_path("sketch"))
READER = PromptReader(VOCABULARY)
sides = st.integers(16, 128).map(lambda eighths: eighths * 8)


def read(prompt: str) -> Commission:
    return READER.read_prompt(prompt)


@pytest.mark.parametrize(
    ("prompt", "carrier", "hold"),
    [
        ("two cats on a red sofa", "own-sofa", Hold.ON),
        ("two cats sleeping on a roof at sunset", "own-roof", Hold.ON),
        ("a bird on a branch", "own-branch", Hold.ON),
        ("a cat on a boat", "own-rowboat", Hold.BEHIND),
        ("a dog in a boat", "own-rowboat", Hold.BEHIND),
        ("an astronaut riding a horse", "1f40e", Hold.BEHIND),
        ("a bowl of strawberries", "own-bowl", Hold.HEAP),
        ("strawberries in a bowl", "own-bowl", Hold.HEAP),
        ("a basket full of apples", "own-basket", Hold.HEAP),
        ("a vase with red roses", "1f3fa", Hold.BEHIND),
        ("a bee on a sunflower", "1f33b", Hold.ON),
        ("a train crossing a bridge", "own-stone-bridge", Hold.ON),
        ("a king on top of a rock", "1faa8", Hold.ON),
    ],
)
def test_what_is_on_a_thing_is_seated_there(prompt: str, carrier: str, hold: Hold) -> None:
    seats = [subject.seat for subject in read(prompt).subjects if subject.seat is not None]
    assert [(seat.emoji, seat.hold) for seat in seats] == [(carrier, hold)]
    assert carrier in {subject.emoji for subject in read(prompt).subjects}


def test_all_of_a_company_sit_down_but_not_what_was_named_with_them_by_chance() -> None:
    company = read("a cat and a dog on a sofa").subjects
    assert [subject.seat is not None for subject in company] == [True, True, False]
    mixed = read("a castle, a bird on a branch").subjects
    assert [subject.seat is not None for subject in mixed] == [False, True, False]


@pytest.mark.parametrize(
    "prompt",
    [
        "a scarecrow in a pumpkin field",
        "a horse with a girl",
        "a cat beside a sofa",
        "a house with a red roof",
        "a boat",
    ],
)
def test_beside_or_among_is_not_on(prompt: str) -> None:
    assert all(subject.seat is None for subject in read(prompt).subjects)


def test_what_is_named_in_a_bowl_is_several() -> None:
    assert [(s.word, s.count) for s in read("a bowl of cherries").subjects] == [
        ("bowl", 1),
        ("cherries", 5),
    ]
    assert [s.word for s in read("a bowl of cereal").subjects] == ["bowl of cereal"]


def test_what_someone_holds_does_not_take_the_seat() -> None:
    man, paper, _ = read("an old man reading a newspaper in an armchair").subjects
    assert man.seat is not None
    assert paper.seat is None


def test_two_sit_on_two_thrones() -> None:
    things = layout(read("a queen and a king on thrones"), 512, 512, 1)
    assert [t.subject.emoji for t in things].count("own-throne") == 2
    assert {t.subject.emoji for t in things} == {"own-throne", "own-princess", "own-king"}


def test_a_house_keeps_its_own_roof() -> None:
    assert [subject.word for subject in read("a house with a red roof").subjects] == ["house"]


def layout(commission: Commission, width: int, height: int, seed: int) -> list[Placed]:
    shapes = {subject.emoji: Shape(1.2) for subject in commission.subjects}
    return list(lay_out(commission, shapes, width, height, seed).things)


@settings(max_examples=60, deadline=None)
@given(
    prompt=st.sampled_from(
        [
            "two cats on a sofa",
            "a bowl of cherries",
            "a girl riding a horse",
            "five birds on a roof",
        ]
    ),
    width=sides,
    height=sides,
    seed=st.integers(0, 2**53 - 1),
)
def test_riders_are_whole_and_over_their_carrier(
    prompt: str, width: int, height: int, seed: int
) -> None:
    commission = read(prompt)
    things = layout(commission, width, height, seed)
    riders = [thing for thing in things if thing.subject.seat is not None]
    (carrier,) = (thing for thing in things if thing.subject.seat is None)
    assert riders
    for rider in riders:
        assert rider.x >= 0
        assert rider.x + rider.width <= width + 1e-6
        assert rider.y >= -1e-6
        assert carrier.x < rider.centre < carrier.x + carrier.width
        assert carrier.y < rider.bottom < carrier.bottom


def test_who_sits_on_something_is_painted_after_it_and_who_is_inside_before() -> None:
    cats, sofa = read("a cat on a sofa"), "own-sofa"
    assert [t.subject.emoji for t in layout(cats, 512, 512, 1)] == [sofa, "1f408"]
    crew = layout(read("a cat on a boat"), 512, 512, 1)
    assert [t.subject.emoji for t in crew] == ["1f408", "own-rowboat"]


def test_a_seat_that_was_negated_leaves_its_rider_standing() -> None:
    commission = READER.read_prompt("a cat on a sofa", "sofa")
    (cat,) = layout(commission, 512, 512, 1)
    assert cat.bottom > 256


def test_a_head_on_a_bench_gets_shoulders() -> None:
    bench = VOCABULARY.seats["own-bench"]
    head = Subject("head", "man", Placement.FACE, seat=bench)
    seat = Subject("own-bench", "bench", Placement.STANDING, 0.7)
    things = layout(Commission((head, seat), Setting.MEADOW), 512, 512, 1)
    assert things[1].head < 1.0


def test_every_seat_is_a_picture_that_the_painter_has() -> None:
    assert set(VOCABULARY.seats) <= set(VOCABULARY.things)
    assert set(VOCABULARY.stand_ins.values()) <= set(VOCABULARY.seats)
    assert all(0 <= seat.left < seat.right <= 1 for seat in VOCABULARY.seats.values())


@pytest.mark.parametrize(
    ("prompt", "placement"),
    [
        ("a fox", Placement.FACE),
        ("a portrait of a fox in the forest", Placement.FACE),
        ("the face of a robot", Placement.FACE),
        ("a fox in the snow", Placement.STANDING),
        ("two foxes", Placement.STANDING),
        ("a fox and a bear", Placement.STANDING),
        ("a robot", Placement.STANDING),
    ],
)
def test_one_alone_and_nowhere_is_a_portrait(prompt: str, placement: Placement) -> None:
    assert read(prompt).subjects[0].placement is placement


def test_trees_follow_the_season() -> None:
    pictures = [read(f"a tree in {season}").subjects[0].emoji for season in ("summer", "autumn")]
    assert pictures == ["1f333", "own-autumn-tree"]
    assert read("a tree in winter").setting is Setting.SNOW


def test_busts_and_seasons_name_pictures_that_the_painter_has() -> None:
    changed = {key for worn in VOCABULARY.in_season.values() for key in worn.values()}
    assert changed | set(VOCABULARY.busts) | set(VOCABULARY.busts.values()) <= set(
        VOCABULARY.things
    )
    assert set(VOCABULARY.better_as_bust) <= set(VOCABULARY.busts)
