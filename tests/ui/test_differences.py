from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.ui.models.differences import mark_words


def own(text: str, *others: str) -> list[str]:
    return [word.text for word in mark_words([text, *others])[0] if word.is_own]


def test_words_that_all_have_are_not_marked():
    assert own("a red fox, at night", "a red fox, at night") == []
    assert own("a red fox, at night", "a blue fox, at night") == ["red"]


def test_a_word_at_another_place_is_marked():
    assert own("fox and owl", "owl and fox") != []


def test_a_word_that_only_one_of_the_others_has_is_marked():
    assert own("red fox", "red owl", "blue fox") == ["red", "fox"]


def test_nothing_is_in_common_with_an_empty_prompt():
    assert own("fox", "") == ["fox"]
    assert own("", "fox") == []


def test_long_prompts_are_compared_by_their_words():
    long = " ".join(f"word{number}" for number in range(500))
    assert own(f"{long} fox", f"{long} owl") == ["fox"]


@given(st.lists(st.text(max_size=60), min_size=2, max_size=4))
def test_no_letter_is_lost_or_added(texts: list[str]):
    for text, words in zip(texts, mark_words(texts), strict=True):
        assert "".join(word.text for word in words) == text


@given(st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str):
    assert own(text, text, text) == []
