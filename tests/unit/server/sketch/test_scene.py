"""Composition: what is placed where, at every size and seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Placement,
    Setting,
    Subject,
)
from algovera_desktop.server.pipelines.sketch.scene import MOST_THINGS, Placed, Shape, lay_out

SHAPES = {"wide": Shape(1.9), "tall": Shape(0.45), "square": Shape(1.0), "bust": Shape(0.9, True)}

subjects = st.builds(
    Subject,
    emoji=st.sampled_from(sorted(SHAPES)),
    word=st.just("thing"),
    placement=st.sampled_from(Placement),
    height=st.floats(0.1, 4.0),
    count=st.integers(1, 6),
    scale=st.floats(0.4, 2.0),
)
sides = st.integers(16, 128).map(lambda eighths: eighths * 8)


def thing(placement: Placement, height: float = 1.0, count: int = 1) -> Subject:
    return Subject("square", "thing", placement, height, count)


def covers(front: Placed, behind: Placed) -> float:
    """The share of ``behind``'s upper half under ``front``'s box."""
    across = min(front.x + front.width, behind.x + behind.width) - max(front.x, behind.x)
    down = min(front.bottom, behind.y + behind.height / 2) - max(front.y, behind.y)
    return max(across, 0) * max(down, 0) / (behind.width * behind.height / 2)


@settings(max_examples=150, deadline=None)
@given(
    named=st.lists(subjects, min_size=1, max_size=4),
    setting=st.sampled_from(Setting),
    width=sides,
    height=sides,
    seed=st.integers(0, 2**53 - 1),
)
def test_everything_is_whole_inside_the_frame(
    named: list[Subject], setting: Setting, width: int, height: int, seed: int
) -> None:
    scene = lay_out(Commission(tuple(named), setting), SHAPES, width, height, seed)
    assert len(scene.things) == sum(min(subject.count, MOST_THINGS) for subject in named)
    for placed in scene.things:
        assert placed.width > 0
        assert placed.height > 0
        assert placed.x >= 0
        assert placed.y >= 0
        assert placed.x + placed.width <= width + 1e-6
        assert placed.bottom <= height + 1e-6


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**53 - 1), width=sides, height=sides)
def test_what_stands_has_its_feet_below_the_horizon(seed: int, width: int, height: int) -> None:
    commission = Commission((thing(Placement.STANDING),), Setting.MEADOW)
    scene = lay_out(commission, SHAPES, width, height, seed)
    assert scene.things[0].bottom > scene.horizon * height


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**53 - 1))
def test_two_are_two_of_different_size_side_by_side(seed: int) -> None:
    commission = Commission((thing(Placement.STANDING, count=2),), Setting.MEADOW)
    first, second = lay_out(commission, SHAPES, 512, 512, seed).things
    assert first.height != second.height
    assert covers(second, first) < 0.5


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**53 - 1))
def test_a_mountain_stands_behind_and_the_subject_in_front(seed: int) -> None:
    named = (thing(Placement.BACKDROP, 4.0), thing(Placement.STANDING))
    back, front = lay_out(Commission(named, Setting.MEADOW), SHAPES, 512, 512, seed).things
    assert back.placement is Placement.BACKDROP
    assert front.main
    assert front.bottom > back.bottom


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**53 - 1))
def test_suns_and_birds_are_in_the_sky(seed: int) -> None:
    named = (
        thing(Placement.STANDING),
        thing(Placement.CELESTIAL),
        thing(Placement.AIR, height=0.2),
    )
    scene = lay_out(Commission(named, Setting.MEADOW), SHAPES, 512, 512, seed)
    for placed in scene.things:
        if placed.placement in (Placement.CELESTIAL, Placement.AIR):
            assert placed.bottom < scene.horizon * 512


@pytest.mark.parametrize("setting", [Setting.SEA, Setting.LAKE, Setting.BEACH])
def test_ships_float_between_horizon_and_shore(setting: Setting) -> None:
    named = (thing(Placement.AFLOAT, 1.6), thing(Placement.STANDING, 0.5))
    for seed in range(40):
        scene = lay_out(Commission(named, setting), SHAPES, 512, 512, seed)
        ship = next(t for t in scene.things if t.placement is Placement.AFLOAT)
        walker = next(t for t in scene.things if t.placement is Placement.STANDING)
        assert scene.horizon * 512 < ship.bottom <= scene.shore * 512 + 1
        assert walker.bottom > scene.shore * 512


def test_a_head_rises_from_the_lower_edge_on_shoulders() -> None:
    commission = Commission((thing(Placement.FACE),), Setting.SNOW)
    for seed in range(40):
        placed = lay_out(commission, SHAPES, 512, 384, seed).things[0]
        assert placed.bottom == pytest.approx(384)
        assert placed.head < 1.0


def test_a_bust_needs_no_second_body() -> None:
    bust = Subject("bust", "person", Placement.FACE)
    placed = lay_out(Commission((bust,)), SHAPES, 512, 512, 1).things[0]
    assert placed.head == 1.0
    assert placed.bottom == pytest.approx(512)


def test_giant_is_larger_than_tiny() -> None:
    heights: list[float] = []
    for scale in (0.5, 1.0, 1.6):
        subject = Subject("square", "thing", Placement.STANDING, 1.0, 1, scale)
        heights.append(
            lay_out(Commission((subject,), Setting.MEADOW), SHAPES, 512, 512, 3).things[0].height
        )
    assert heights == sorted(heights)
    assert heights[0] < heights[1] < heights[2]


def test_the_seed_moves_things() -> None:
    commission = Commission((thing(Placement.STANDING),), Setting.MEADOW)
    places = {lay_out(commission, SHAPES, 512, 512, seed).things[0].x for seed in range(20)}
    assert len(places) > 15


def test_a_crowd_recedes_into_the_distance() -> None:
    commission = Commission((thing(Placement.STANDING, 1.9, 8),), Setting.MEADOW)
    trees = lay_out(commission, SHAPES, 512, 512, 5).things
    assert [tree.bottom for tree in trees] == sorted(tree.bottom for tree in trees)
    assert trees[-1].height > trees[0].height * 1.5


def test_what_is_said_to_be_tiny_is_tiny_beside_what_is_giant() -> None:
    for seed in range(20):
        mushroom = Subject("square", "mushroom", Placement.SMALL, 0.35, 1, 1.8)
        house = Subject("tall", "house", Placement.STANDING, 1.7, 1, 0.5)
        commission = Commission((mushroom, house), Setting.FOREST)
        things = {t.subject.word: t for t in lay_out(commission, SHAPES, 512, 512, seed).things}
        assert things["house"].height < things["mushroom"].height * 0.5
