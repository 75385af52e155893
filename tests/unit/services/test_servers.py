"""The list of servers."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.servers import HOSTED_ADDRESS, LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.domain.settings import ACTIVE_SERVER_ID
from algovera_desktop.services.servers import (
    THIS_COMPUTER,
    ServerList,
    hosted_preset,
    new_server_id,
)
from algovera_desktop.services.settings_store import SettingsStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SettingsStore]:
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        yield store


@pytest.fixture
def servers(store: SettingsStore) -> ServerList:
    return ServerList(store)


def studio(name: str = "Studio", address: str = "https://studio.example") -> ServerConfig:
    return ServerConfig(new_server_id(), name, address)


def test_at_first_there_is_this_computer_and_nothing_else(servers: ServerList) -> None:
    assert servers.all() == (THIS_COMPUTER,)
    assert servers.get(LOCAL_SERVER_ID) == THIS_COMPUTER


def test_this_computer_is_called_what_the_user_calls_it(store: SettingsStore) -> None:
    servers = ServerList(store, local_name="Dieser Computer")
    assert servers.all()[0].name == servers.active().name == "Dieser Computer"


def test_servers_stand_behind_this_computer_in_the_order_they_came(servers: ServerList) -> None:
    first, second = studio("One"), studio("Two")
    servers.save(first)
    servers.save(second)
    assert servers.all() == (THIS_COMPUTER, first, second)


def test_saving_a_server_again_changes_it_in_its_place(servers: ServerList) -> None:
    first, second = studio("One"), studio("Two")
    servers.save(first)
    servers.save(second)
    changed = ServerConfig(first.id, "Uno", "http://10.0.0.2:8965", allow_plain_http=True)
    assert servers.save(changed) == changed
    assert servers.all() == (THIS_COMPUTER, changed, second)


def test_servers_are_there_after_the_next_start(tmp_path: Path) -> None:
    kept = studio()
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        ServerList(store).save(kept)
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        assert ServerList(store).get(kept.id) == kept


def test_a_removed_server_is_gone_and_no_longer_the_one_in_use(
    servers: ServerList, store: SettingsStore
) -> None:
    kept, gone = servers.save(studio("Kept")), servers.save(studio("Gone"))
    store.set(ACTIVE_SERVER_ID, gone.id)
    servers.remove(gone.id)
    assert servers.all() == (THIS_COMPUTER, kept)
    assert servers.get(gone.id) is None
    assert store.get(ACTIVE_SERVER_ID) == LOCAL_SERVER_ID


def test_the_hosted_service_is_offered_but_not_added(servers: ServerList) -> None:
    preset = hosted_preset()
    assert preset.address == HOSTED_ADDRESS
    assert hosted_preset().id != preset.id
    assert servers.all() == (THIS_COMPUTER,)
    assert servers.save(preset) == preset


def test_name_and_address_are_kept_in_their_plain_form(servers: ServerList) -> None:
    kept = servers.save(studio("  Studio ", " HTTPS://Studio.Example:8965/base/ "))
    assert (kept.name, kept.address) == ("Studio", "https://studio.example:8965/base")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "studio.example",
        "ftp://studio",
        "https://",
        "https://u:secret@host",
        "https://h:x",
        "https://host/?api_key=secret",
        "https://host#secret",
        "https://ho st",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_a_secret(
    servers: ServerList, address: str
) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        servers.save(studio(address=address))
    assert raised.value.field == "address"
    assert "secret" not in str(raised.value)
    assert servers.all() == (THIS_COMPUTER,)


def test_a_server_needs_a_name(servers: ServerList) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        servers.save(studio(name="  "))
    assert raised.value.field == "name"


def test_this_computer_cannot_be_removed(servers: ServerList) -> None:
    servers.remove(LOCAL_SERVER_ID)
    assert servers.all() == (THIS_COMPUTER,)


def test_of_this_computer_only_the_number_at_once_is_changed(tmp_path: Path) -> None:
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        asked = ServerConfig(LOCAL_SERVER_ID, "Mine", "http://10.0.0.2", at_once=2)
        kept = ServerList(store).save(asked)
        assert kept == replace(THIS_COMPUTER, at_once=2)
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        servers = ServerList(store)
        assert servers.all() == (kept,)
        assert servers.get(LOCAL_SERVER_ID) == servers.active() == kept
        assert servers.save(THIS_COMPUTER).at_once is None


@pytest.mark.parametrize("at_once", [0, -1, 1001])
def test_a_number_at_once_that_cannot_be_is_refused(servers: ServerList, at_once: int) -> None:
    for config in (studio(), THIS_COMPUTER):
        with pytest.raises(InvalidRequestError) as raised:
            servers.save(replace(config, at_once=at_once))
        assert raised.value.field == "at_once"
    assert servers.all() == (THIS_COMPUTER,)


def test_a_servers_number_at_once_is_there_after_the_next_start(tmp_path: Path) -> None:
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        kept = ServerList(store).save(replace(studio(), at_once=1000))
    with closing(SettingsStore(tmp_path / "settings.json")) as store:
        assert ServerList(store).get(kept.id) == kept
