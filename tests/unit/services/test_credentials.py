"""The key store against a real Secret Service, and against all that can be in its place.

Each test runs the store in a process of its own, with a D-Bus session, a home and a keyring of
its own, because keyring chooses its backend once a process.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "a password of the keyring"
STORE = """
import json, sys
from algovera_desktop.domain.errors import CredentialError
from algovera_desktop.services.credentials import CredentialStore, KeyPlace

said = {}

def ask(name, call, *arguments):
    try:
        value = call(*arguments)
        said[name] = value.value if isinstance(value, KeyPlace) else value
    except CredentialError as error:
        said[name] = f"{type(error).__name__}: {error}"

store = CredentialStore()
"""
needs_secret_service = pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring-daemon",
)


def run_store(home: Path, steps: str, *, around: str = "", **environment: str) -> dict[str, Any]:
    """What the store said to ``steps``; ``around`` is shell code in a D-Bus session of its own."""
    program = f"{STORE}{steps}\nprint(json.dumps(said))"
    command = [sys.executable, "-W", "error", "-c", program]
    if around:
        command = ["dbus-run-session", "--", "sh", "-ec", f'{around}\nexec "$@"', "sh", *command]
    hidden = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    for folder in ("run", "home"):
        (home / folder).mkdir(mode=0o700, exist_ok=True)
    own = {"HOME": str(home / "home"), "XDG_RUNTIME_DIR": str(home / "run")}
    own |= {"XDG_DATA_HOME": str(home / "home"), "XDG_CONFIG_HOME": str(home / "home")}
    done = subprocess.run(
        command,
        env=kept | own | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def daemon(then: str = "") -> str:
    """Start an unlocked keyring for the session, and end it with the session."""
    return f"""
        printf '%s' '{PASSWORD}' | gnome-keyring-daemon --foreground --components=secrets \
            --unlock >/dev/null 2>&1 &
        for _ in $(seq 200); do
            dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
                org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets \
                >/dev/null 2>&1 && break
            sleep 0.02
        done
        {then}
    """


LOCK = """
import secretstorage
from contextlib import closing
with closing(secretstorage.dbus_init()) as bus:
    secretstorage.get_default_collection(bus).lock()
"""


@needs_secret_service
def test_a_key_outlives_the_program(tmp_path: Path) -> None:
    said = run_store(
        tmp_path,
        """
ask("backend", store.backend_name)
ask("before", store.get, "studio")
ask("place", store.set, "studio", "first key")
ask("place again", store.set, "studio", "k\\u00e9y \\u2603")
ask("other", store.set, "home", "another key")
""",
        around=daemon(),
    )
    assert said == {
        "backend": "SecretService Keyring",
        "before": None,
        "place": "keyring",
        "place again": "keyring",
        "other": "keyring",
    }
    later = run_store(
        tmp_path,
        """
ask("studio", store.get, "studio")
ask("delete", store.delete, "studio")
ask("delete again", store.delete, "studio")
ask("studio after", store.get, "studio")
ask("home", store.get, "home")
""",
        around=daemon(),
    )
    assert later == {
        "studio": "kéy ☃",
        "delete": None,
        "delete again": None,
        "studio after": None,
        "home": "another key",
    }


@needs_secret_service
def test_a_locked_keyring_is_said_and_a_key_lasts_for_the_session(tmp_path: Path) -> None:
    """Nobody can be asked to unlock it, for there is no display."""
    run_store(tmp_path, 'ask("place", store.set, "studio", "kept key")', around=daemon())
    said = run_store(
        tmp_path,
        f"""
{LOCK}
ask("locked", store.get, "studio")
ask("place", store.set, "studio", "session key")
ask("now", store.get, "studio")
ask("other", store.get, "home")
ask("delete", store.delete, "studio")
""",
        around=daemon(),
    )
    assert said["locked"].startswith("CredentialError: the keyring did not read the key")
    assert said["place"] == "session"
    assert said["now"] == "session key"
    assert said["other"].startswith("CredentialError")
    assert said["delete"].startswith("CredentialError: the keyring did not delete the key")
    kept = run_store(tmp_path, 'ask("kept", store.get, "studio")', around=daemon())
    assert kept == {"kept": "kept key"}


@needs_secret_service
def test_a_key_that_was_read_is_there_though_the_keyring_locks_itself(tmp_path: Path) -> None:
    run_store(tmp_path, 'ask("place", store.set, "studio", "a key")', around=daemon())
    said = run_store(
        tmp_path,
        f"""
ask("before", store.get, "studio")
{LOCK}
ask("after", store.get, "studio")
ask("another program", CredentialStore().get, "studio")
""",
        around=daemon(),
    )
    assert (said["before"], said["after"]) == ("a key", "a key")
    assert said["another program"].startswith("CredentialError")


@needs_secret_service
def test_a_keyring_that_comes_back_takes_the_key_from_the_session(tmp_path: Path) -> None:
    said = run_store(
        tmp_path,
        """
from keyring.backends.SecretService import Keyring
works = Keyring.set_password
def refuses(*_): raise RuntimeError("a D-Bus error of no known kind")
Keyring.set_password = refuses
ask("refused", store.set, "studio", "session key")
Keyring.set_password = works
ask("taken", store.set, "studio", "new key")
ask("now", store.get, "studio")
ask("new store", CredentialStore().get, "studio")
""",
        around=daemon(),
    )
    assert said == {
        "refused": "session",
        "taken": "keyring",
        "now": "new key",
        "new store": "new key",
    }


SESSION_ONLY = """
ask("backend", store.backend_name)
ask("before", store.get, "studio")
ask("place", store.set, "studio", "a key")
ask("now", store.get, "studio")
ask("delete", store.delete, "studio")
ask("after", store.get, "studio")
said["repr"] = repr(store)
"""
HELD_FOR_SESSION = {
    "backend": "none",
    "before": None,
    "place": "session",
    "now": "a key",
    "delete": None,
    "after": None,
}


def test_without_dbus_a_key_lasts_for_the_session(tmp_path: Path) -> None:
    said = run_store(tmp_path, SESSION_ONLY, DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")
    assert said.pop("repr").startswith("<algovera_desktop")
    assert said == HELD_FOR_SESSION


@needs_secret_service
def test_with_dbus_but_no_keyring_on_it_a_key_lasts_for_the_session(tmp_path: Path) -> None:
    empty = tmp_path / "dbus.conf"
    empty.write_text(
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/>'
        '<allow eavesdrop="true"/><allow own="*"/></policy>'
        "</busconfig>"
    )
    program = f"{STORE}{SESSION_ONLY}\nprint(json.dumps(said))"
    done = subprocess.run(
        ["dbus-run-session", f"--config-file={empty}", "--", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    said = json.loads(done.stdout)
    said.pop("repr")
    assert said == HELD_FOR_SESSION


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyrings.alt.file.PlaintextKeyring",
        "no.such.module.Keyring",
    ],
)
def test_a_backend_that_keeps_nothing_or_keeps_it_readable_is_not_used(
    tmp_path: Path, backend: str
) -> None:
    """keyrings.alt is stood for by a module of its name, whose keyring writes a plain file."""
    package = tmp_path / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "file.py").write_text(
        "from pathlib import Path\n"
        "from keyring.backend import KeyringBackend\n"
        "class PlaintextKeyring(KeyringBackend):\n"
        "    priority = 0.5\n"
        "    def get_password(self, service, username): return None\n"
        f"    def set_password(self, service, username, password):\n"
        f"        Path({str(tmp_path / 'plain')!r}).write_text(password)\n"
    )
    said = run_store(
        tmp_path, SESSION_ONLY, PYTHON_KEYRING_BACKEND=backend, PYTHONPATH=str(tmp_path)
    )
    said.pop("repr")
    assert said == HELD_FOR_SESSION
    assert not (tmp_path / "plain").exists()


def test_keyring_is_not_loaded_before_it_is_needed(tmp_path: Path) -> None:
    assert run_store(tmp_path, 'said["loaded"] = "keyring" in sys.modules') == {"loaded": False}
