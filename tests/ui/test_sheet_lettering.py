import pytest

from algovera_desktop.ui.sheet_lettering import system_letters


@pytest.mark.parametrize("text", ["a fox", "лиса", "ثعلب", "狐"])
def test_each_script_is_inked(qapp, text):
    letters = system_letters(text, 20, 400)
    assert len(letters.coverage) == letters.width * letters.height
    assert max(letters.coverage) > 128
    assert letters.width < 200


def test_different_letters_look_different(qapp):
    assert system_letters("ж", 20, 400) != system_letters("ш", 20, 400)


def test_a_line_that_is_too_wide_is_cut_off(qapp):
    letters = system_letters("слово " * 200, 20, 300)
    assert 250 < letters.width <= 300


def test_nothing_makes_no_trouble(qapp):
    letters = system_letters("", 20, 300)
    assert max(letters.coverage) == 0
