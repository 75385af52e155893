"""What the search field offers while a query is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.library.query.completion import Completion, complete
from algovera_desktop.library.query.nodes import Named, NameField
from algovera_desktop.library.query.parser import parse
from algovera_desktop.library.query.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    tags=("red fox", "fox", 'say "hi"', "snow"),
    albums=("Foxes",),
    models=("Flux dev", "Stable Diffusion 1.5"),
    servers=("This computer",),
)


def offered(text: str, cursor: int | None = None) -> list[str]:
    found = complete(text, len(text) if cursor is None else cursor, VOCABULARY)
    return [each.applied_to(text) for each in found]


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("ra", ["rating:", "ratio:"]),
        ("fox RAT", ["fox rating:", "fox ratio:"]),
        ("-ta", ["-tag:"]),
        ("(fox or ser", ["(fox or server:"]),
        ("is:f", ["is:favourite", "is:failed"]),
        ("has:", ["has:note", "has:tag", "has:album"]),
        ("ratio:P", ["ratio:portrait"]),
        ("date:to", ["date:today"]),
        ("tag:fo", ['tag:"fox"', 'tag:"red fox"']),
        ('tag:"red', ['tag:"red fox"']),
        ('fox tag:"red f', ['fox tag:"red fox"']),
        ("tag:say", ['tag:"say ""hi"""']),
        ("album:f", ['album:"Foxes"']),
        ("model:diff", ['model:"Stable Diffusion 1.5"']),
        ("server:THIS", ['server:"This computer"']),
    ],
)
def test_what_begins_so_is_offered(typed: str, offers: list[str]) -> None:
    assert offered(typed) == offers


@pytest.mark.parametrize("typed", ["", "fox ", "fo", '"ra', "rating:", "nokey:x", "is:favourite"])
def test_nothing_is_offered_where_anything_or_nothing_more_can_stand(typed: str) -> None:
    assert offered(typed) == []


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("tag:fox", ['tag:"red fox"']),
        ('tag:"FOX"', ['tag:"red fox"']),
        ("tag:Snow", []),
        ('-tag:"red fox', []),
        ("is:Favourite", []),
    ],
)
def test_what_is_typed_to_its_end_is_not_offered_again(typed: str, offers: list[str]) -> None:
    assert offered(typed) == offers


def test_the_whole_term_at_the_cursor_is_replaced() -> None:
    assert complete("tag:foxes snow", 6, VOCABULARY) == [
        Completion('"fox"', 4, 9),
        Completion('"red fox"', 4, 9),
    ]
    assert offered("ratio:po snow", 2) == ["rating: snow", "ratio: snow"]


@given(name=st.text(min_size=1).filter(lambda name: name.strip("\0") == name))
def test_a_name_that_was_chosen_is_searched_exactly(name: str) -> None:
    (chosen,) = complete("tag:", 4, Vocabulary(tags=(name,)))
    assert parse(chosen.applied_to("tag:")) == Named(
        NameField.TAG, name.replace("\0", " "), is_prefix=False
    )


@given(text=st.text(), cursor=st.integers(min_value=0, max_value=20))
def test_any_text_can_be_completed(text: str, cursor: int) -> None:
    for each in complete(text, min(cursor, len(text)), VOCABULARY):
        assert 0 <= each.start <= each.end <= len(text)
