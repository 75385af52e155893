"""What two programs have made of one picture: neither's work is lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.library.sidecar import SidecarState
from algovera_desktop.library.sidecar_merge import merged
from algovera_desktop.library.xmp_curation import AlbumPlace, SidecarCuration

NOTHING = SidecarCuration()
WRITTEN = SidecarCuration(3, tags=("a", "b"), notes="large")
OWN = SidecarCuration(
    3, True, ("a", "b"), (AlbumPlace("Best", 1),), "large", datetime(2026, 11, 22, tzinfo=UTC)
)

tags = st.lists(st.sampled_from("abcdef"), unique=True).map(tuple)
notes = st.lists(st.sampled_from(["x", "y", "z", ""]), max_size=3).map("\n".join)
curations = st.builds(SidecarCuration, rating=st.integers(0, 5), tags=tags, notes=notes)


@pytest.mark.parametrize(
    ("ours", "says", "expected"),
    [
        pytest.param(OWN, WRITTEN, OWN, id="nobody changed anything"),
        pytest.param(replace(OWN, rating=5), WRITTEN, replace(OWN, rating=5), id="only we did"),
        pytest.param(
            OWN,
            SidecarCuration(1, tags=("b", "c"), notes="small"),
            replace(OWN, rating=1, tags=("b", "c"), notes="small"),
            id="only they did",
        ),
        pytest.param(
            replace(OWN, rating=5, notes="huge"),
            SidecarCuration(1, tags=("a", "b"), notes="small"),
            replace(OWN, rating=5, notes="huge\nsmall"),
            id="both did: our rating, and what both have noted",
        ),
        pytest.param(
            replace(OWN, tags=("a", "new")),
            replace(WRITTEN, tags=("b", "theirs")),
            replace(OWN, tags=("new", "theirs")),
            id="each took one tag off and put one on",
        ),
        pytest.param(
            replace(OWN, tags=("a", "b", "Schnee")),
            replace(WRITTEN, tags=("A", "b", "SCHNEE")),
            replace(OWN, tags=("a", "b", "Schnee")),
            id="the same tag in other capitals is no other",
        ),
        pytest.param(OWN, NOTHING, replace(OWN, rating=0, tags=(), notes=""), id="they cleared it"),
    ],
)
def test_what_either_has_changed_counts(
    ours: SidecarCuration, says: SidecarCuration, expected: SidecarCuration
) -> None:
    assert merged(ours, SidecarState(says, WRITTEN)) == expected


def test_all_is_news_in_a_sidecar_that_we_never_wrote() -> None:
    says = SidecarCuration(2, tags=("c",), notes="theirs")
    assert merged(NOTHING, SidecarState(says, None)) == says
    both = replace(OWN, tags=("a", "b", "c"), notes="large\ntheirs")
    assert merged(OWN, SidecarState(says, None)) == both


@pytest.mark.parametrize(
    ("ours", "says", "expected"),
    [
        pytest.param("wall\nours", "wall\ntheirs", "wall\nours\ntheirs", id="both wrote on"),
        pytest.param("wall, ours", "wall", "wall, ours", id="only we wrote on"),
        pytest.param("wa", "wall", "wa", id="only we took off"),
        pytest.param("", "theirs", "theirs", id="we cleared it, they wrote"),
        pytest.param("ours", "", "ours", id="they cleared it, we wrote"),
        pytest.param("wall, both", "wall, both", "wall, both", id="both the same"),
    ],
)
def test_notes_that_both_have_changed_hold_what_both_wrote(
    ours: str, says: str, expected: str
) -> None:
    state = SidecarState(SidecarCuration(notes=says), SidecarCuration(notes="wall"))
    result = merged(SidecarCuration(notes=ours), state)
    assert result.notes == expected
    assert merged(result, state) == result


@given(curations, curations, curations)
def test_no_change_of_either_is_forgotten_and_merging_again_changes_nothing(
    ours: SidecarCuration, says: SidecarCuration, written: SidecarCuration
) -> None:
    state = SidecarState(says, written)
    result = merged(ours, state)
    for side in (ours, says):
        assert set(side.tags) - set(written.tags) <= set(result.tags)
        assert not (set(written.tags) - set(side.tags)) & set(result.tags)
    assert result.rating == (ours.rating if ours.rating != written.rating else says.rating)
    for side in (ours, says):
        if side.notes != written.notes:
            assert set(filter(None, side.notes.split("\n"))) <= set(
                result.notes.split("\n") + written.notes.split("\n")
            )
    assert merged(result, state).notes == result.notes
    again = merged(result, state)
    assert set(again.tags) == set(result.tags)
    assert merged(result, SidecarState(result, result)) == result
