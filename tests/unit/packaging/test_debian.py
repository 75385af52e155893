import sys

import pytest

import debian
from debian import DESKTOP_NEEDS, TEST_NEEDS, Kind, Need
from environment import SetupError

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has apt")

ABSENT_LIBRARY = Need(Kind.LIBRARY, "libno-such-thing.so.7", "libno-such-thing7")


@pytest.mark.parametrize("kind", Kind)
def test_a_need_of_any_kind_is_met_only_by_what_is_there(kind, tmp_path):
    there = {
        Kind.LIBRARY: "libc.so.6",
        Kind.PROGRAM: "sh",
        Kind.FILE: str(tmp_path),
        Kind.MODULE: "json",
    }
    assert Need(kind, there[kind], "some-package").is_met()
    assert not Need(kind, "no-such-thing", "some-package").is_met()


def test_what_is_there_needs_no_word(capfd):
    debian.provide([Need(Kind.PROGRAM, "sh", "dash")])
    assert capfd.readouterr() == ("", "")


def test_a_person_without_root_is_told_the_exact_command(monkeypatch):
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    with pytest.raises(SetupError) as raised:
        debian.provide([ABSENT_LIBRARY, Need(Kind.PROGRAM, "no-such-program", "a-package")])
    assert "sudo apt-get install -y a-package libno-such-thing7" in str(raised.value)


def test_root_runs_apt_get_and_a_failure_is_said(monkeypatch, tmp_path, capfd):
    fake = tmp_path / "apt-get"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)
    with pytest.raises(SetupError, match="libno-such-thing7"):
        debian.provide([ABSENT_LIBRARY])
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == "-qq update"
    assert calls[1].endswith("install -y --no-install-recommends libno-such-thing7")

    fake.write_text("#!/bin/sh\nexit 100\n")
    with pytest.raises(SetupError, match="apt-get -qq update failed"):
        debian.provide([ABSENT_LIBRARY])


def test_missing_test_tools_are_told_apart_from_what_the_program_needs(monkeypatch):
    monkeypatch.setattr(debian.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(Need, "is_met", lambda need: need not in TEST_NEEDS)
    with pytest.raises(SetupError, match=r"^The tests need .*Xvfb"):
        debian.provide(DESKTOP_NEEDS + TEST_NEEDS)
    monkeypatch.setattr(Need, "is_met", lambda need: False)
    with pytest.raises(SetupError, match=r"^The program needs .*libGL"):
        debian.provide(DESKTOP_NEEDS)
