"""Each setting's value, to JSON and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.domain import settings
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.domain.settings import Json, Setting, Theme

ALL: list[Setting[Any]] = [value for value in vars(settings).values() if isinstance(value, Setting)]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
all_settings = pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.key)


def through_json(setting: Setting[Any], value: object) -> object:
    return setting.decode(json.loads(json.dumps(setting.encode(value))))


@all_settings
def test_a_default_is_a_value_that_can_be_kept(setting: Setting[Any]) -> None:
    assert through_json(setting, setting.default) == setting.default


@given(setting=st.sampled_from(ALL), stored=JSON)
def test_whatever_stands_in_the_file_is_a_good_value_or_refused(
    setting: Setting[Any], stored: Json
) -> None:
    try:
        value = setting.decode(stored)
    except ValueError:
        return
    assert through_json(setting, value) == value


def test_no_two_settings_share_a_key() -> None:
    assert len({setting.key for setting in ALL}) == len(ALL)


@all_settings
def test_a_setting_with_a_label_explains_itself(setting: Setting[Any]) -> None:
    assert bool(setting.label) == bool(setting.help)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        (settings.THEME, Theme.DARK),
        (settings.THUMBNAIL_SIZE, 512),
        (settings.COLUMN_SIZES, (280, 900, 320)),
        (settings.WINDOW_GEOMETRY, bytes(range(256))),
        (settings.FORM_DRAFT, {"prompt": "a fox", "steps": 30, "guidance": 7.5, "random": True}),
        (settings.SERVERS, (ServerConfig("a1", "Studio", "http://studio", True, 12),)),
        (settings.LOCAL_AT_ONCE, 1000),
    ],
)
def test_a_value_comes_back_as_it_was(setting: Setting[Any], value: object) -> None:
    assert through_json(setting, value) == value


@pytest.mark.parametrize(
    ("setting", "stored"),
    [
        (settings.THEME, "purple"),
        (settings.THEME, ["dark"]),
        (settings.THUMBNAIL_SIZE, True),
        (settings.THUMBNAIL_SIZE, 63),
        (settings.WINDOW_GEOMETRY, "not base64!"),
        (settings.COLUMN_SIZES, [1, "2"]),
        (settings.SERVERS, [{"id": LOCAL_SERVER_ID, "name": "x", "address": "y"}]),
        (settings.SERVERS, [{"id": "a", "name": "x", "address": "y"}] * 2),
        (settings.SERVERS, [{"id": "a"}]),
        (settings.SERVERS, ["a"]),
        (settings.LOCAL_AT_ONCE, 0),
        (settings.NOTIFY_GROUP_END, 1),
    ],
)
def test_a_stored_value_that_makes_no_sense_is_refused(setting: Setting[Any], stored: Json) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        setting.decode(stored)


@pytest.mark.parametrize("stored", ["yes", 1, None])
def test_only_an_explicit_yes_lets_a_key_go_unencrypted(stored: Json) -> None:
    entry: Json = {"id": "a", "name": "x", "address": "http://y", "allow_plain_http": stored}
    (server,) = settings.SERVERS.decode([entry])
    assert server.allow_plain_http is False


@pytest.mark.parametrize("stored", ["many", 0, 1001, True, 2.5, None])
def test_a_number_at_once_that_makes_no_sense_costs_no_server(stored: Json) -> None:
    entry: Json = {"id": "a", "name": "x", "address": "https://y", "at_once": stored}
    assert settings.SERVERS.decode([entry]) == (ServerConfig("a", "x", "https://y"),)


def test_servers_kept_by_an_older_version_are_read() -> None:
    entry: Json = {"id": "a", "name": "x", "address": "http://y", "allow_plain_http": True}
    assert settings.SERVERS.decode([entry]) == (ServerConfig("a", "x", "http://y", True),)
