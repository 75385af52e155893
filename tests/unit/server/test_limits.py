"""What a key may ask for: its own limits before the server's, told by field, limit and value."""

import pytest

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import GenerationRequest
from algovera_desktop.server.limits import KeyLimits

REQUEST = GenerationRequest("a cat", "sketch", width=512, height=256, steps=20)


def test_a_keys_own_limit_counts_before_the_servers_be_it_more_or_less() -> None:
    general = KeyLimits(waiting=5, pixels=1000, steps=30)
    assert KeyLimits(waiting=9, steps=1).or_else(general) == KeyLimits(9, 1000, 1)
    assert KeyLimits().or_else(KeyLimits()) == KeyLimits()


def test_what_is_at_its_limit_passes() -> None:
    KeyLimits(pixels=512 * 256, steps=20).check(REQUEST)
    KeyLimits().check(REQUEST)


@pytest.mark.parametrize(
    ("limits", "field", "value"),
    [
        (KeyLimits(pixels=512 * 256 - 1), "width", 512 * 256),
        (KeyLimits(steps=19), "steps", 20),
    ],
)
def test_what_is_above_names_field_limit_and_value(
    limits: KeyLimits, field: str, value: int
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        limits.check(REQUEST)
    assert (refused.value.field, refused.value.value) == (field, value)
    assert str(value - 1) in refused.value.limit
