"""What the release workflow relies upon, and the workflow itself."""

import hashlib
import plistlib
import re
from pathlib import Path

import pytest
import yaml

import release
from algovera_desktop import __version__, on_windows
from release import ReleaseError

ROOT = Path(__file__).parents[3]
WORKFLOW = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
ABOUT = plistlib.loads((ROOT / "packaging" / "macos" / "Info.plist").read_bytes())
INSTALLER = (ROOT / "packaging" / "windows" / "algovera-desktop.iss").read_text("utf-8")
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.3.0] - 2026-12-01

### Added

- A second thing.

## [1.2.0] - 2026-11-30

- The first.
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of version 1.3.0."""
    (tmp_path / "algovera_desktop").mkdir()
    (tmp_path / "algovera_desktop" / "__init__.py").write_text('__version__ = "1.3.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    return tmp_path


def test_a_tag_of_the_version_is_taken_and_any_other_refused(root: Path) -> None:
    release.check_tag("v1.3.0")
    with pytest.raises(ReleaseError, match="not that of version"):
        release.check_tag("v1.2.0")
    (root / "CHANGELOG.md").write_text("## [Unreleased]\n\n- All of it.\n")
    with pytest.raises(ReleaseError, match="says nothing"):
        release.check_tag("v1.3.0")


def test_the_notes_are_the_section_of_the_version(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["notes", "v1.3.0"]) == 0
    assert capsys.readouterr().out == "### Added\n\n- A second thing.\n"
    assert release.section("1.2.0") == "- The first.\n"
    assert release.main(["notes", "v9"]) == 1
    assert release.main(["notes"]) == 2


def test_the_checksums_are_those_that_sha256sum_reads(tmp_path: Path) -> None:
    for name in ("b.deb", "a.exe"):
        (tmp_path / name).write_text(name)
    for _ in range(2):
        release.checksums(tmp_path)
    expected = [f"{hashlib.sha256(n.encode()).hexdigest()}  {n}\n" for n in ("a.exe", "b.deb")]
    assert (tmp_path / "SHA256SUMS").read_bytes() == "".join(expected).encode()


def test_every_system_is_built_tried_and_kept() -> None:
    jobs = yaml.safe_load(WORKFLOW)["jobs"]
    for system in ("linux", "windows", "macos"):
        words = yaml.safe_dump(jobs[system]["steps"])
        for part in ("packaging/dev.py package", "packaging/release.py smoke", "upload-artifact"):
            assert part in words, system
    assert jobs["draft"]["needs"] == ["linux", "windows", "macos"]


def test_the_workflow_may_do_no_more_than_it_must() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert rights.pop("draft") == {"contents": "write"}
    assert all(right == {"contents": "read"} for right in rights.values())


def test_every_action_is_pinned_to_a_commit_with_its_tag_beside_it() -> None:
    uses = re.findall(r"uses: (.+)", WORKFLOW)
    assert uses
    assert [
        line for line in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", line)
    ] == []


def test_every_script_that_it_names_is_there() -> None:
    scripts = set(re.findall(r"packaging/[\w/]+\.(?:py|sh|ps1)", WORKFLOW))
    assert len(scripts) == 6
    assert [name for name in scripts if not (ROOT / name).is_file()] == []


def test_every_system_offers_the_program_for_the_same_kinds_of_picture() -> None:
    (kind,) = ABOUT["CFBundleDocumentTypes"]
    assert [name.split(".")[-1] for name in kind["LSItemContentTypes"]] == ["png", "jpeg", "webp"]
    endings = re.findall(r'SupportedTypes";.* ValueName: "\.(\w+)"', INSTALLER)
    assert endings == ["png", "jpg", "jpeg", "webp"]


def test_the_installers_know_the_program_by_the_names_that_it_gives_itself() -> None:
    app = (ROOT / "algovera_desktop" / "app.py").read_text("utf-8")
    (app_id,) = re.findall(r'^APP_ID = "(.+)"$', app, re.MULTILINE)
    assert set(re.findall(r'AppUserModelID: "(.+?)"', INSTALLER)) == {app_id}
    assert re.findall("^AppMutex=(.+)$", INSTALLER, re.MULTILINE) == [on_windows.RUNNING]
    assert ABOUT["CFBundleIdentifier"] == app_id


def test_the_systems_that_are_named_are_those_that_the_installers_take() -> None:
    readme = (ROOT / "packaging" / "README.md").read_text("utf-8")
    assert f"macOS {ABOUT['LSMinimumSystemVersion'].removesuffix('.0')} and later" in readme
    assert "\nMinVersion=10.0." in INSTALLER
    assert "Windows 10 and 11" in readme


def test_a_program_that_is_signed_may_do_what_it_must_on_macos() -> None:
    text = (ROOT / "packaging" / "macos" / "entitlements.plist").read_bytes()
    assert all(plistlib.loads(text).values())
    assert b"<!--" not in text


def test_the_scripts_for_windows_are_read_alike_whatever_its_language() -> None:
    for script in (ROOT / "packaging" / "windows").iterdir():
        assert script.read_bytes().isascii(), script.name


def test_this_version_is_one_that_the_installers_take() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
