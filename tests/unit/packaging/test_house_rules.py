from pathlib import Path

import pytest

import house_rules

ROOT = Path(__file__).parents[3]


def faults(tmp_path: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return [f"{it.path}:{it.line}: {it.text}" for it in house_rules.check(tmp_path)]


def function(lines: int) -> str:
    return "def long() -> None:\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.py", "x = 1\n" * 501, "a.py:1: has 501 lines"),
        ("a.py", function(41), "a.py:1: long has 41 lines"),
        ("a.py", "class Big:\n" + "    x = 1\n" * 300, "a.py:1: Big has 301 lines"),
        ("tests/utils.py", "", "tests/utils.py:1: is named after no purpose"),
        ("a.md", "one\nsee " + "py" + "pi.org", "a.md:2: names a package registry's host"),
        ("a.toml", "x = '" + "/ro" + "ot/x'", "a.toml:1: holds a path of one machine"),
        ("a.py", "# TO" + "DO later", "a.py:1: holds a note for later"),
        ("a.py", "x = 1\n  # ==" + "=====", "a.py:2: draws a banner"),
        ("algovera_desktop/a.py", "x = 1", "a.py:1: the module has no docstring"),
        ("algovera_desktop/a.py", '"""A."""\n' + function(13), "a.py:2: long has no docstring"),
        ("algovera_desktop/a.py", '"""A."""\ndef f(a, b: int) -> int: ...', "f lacks types: a"),
        ("algovera_desktop/a.py", '"""A."""\ndef f(): ...', "f lacks types: its result"),
        ("algovera_desktop/a.py", '"""A."""\nimport time\ntime.sleep(1)', "a.py:3: sleeps"),
        ("algovera_desktop/ui/a.py", '"""A."""\nb.pressed.connect(lambda: 1)', "a lambda"),
        ("algovera_desktop/ui/a.py", '"""A."""\nb.setText("Go now")', "setText shows a text"),
        ("algovera_desktop/ui/a.py", '"""A."""\nx = QLabel(f"{n} left", p)', "QLabel shows"),
        (
            "tests/a.py",
            '@p("t", [date.today()])\ndef t(t): ...',
            "a.py:1: date.today()",
        ),
        (
            "tests/a.py",
            '@parametrize("t", set(Kind) - {1})\ndef t(t): ...',
            "a.py:1: the order of a set",
        ),
        ("tests/a.py", '@parametrize("t", {1, 2})\ndef t(t): ...', "a.py:1: the order of a set"),
    ],
)
def test_what_breaks_a_rule_is_found(tmp_path, name, text, fault):
    (found,) = faults(tmp_path, {name: text})
    assert fault in found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "x = 1\n" * 500),
        ("a.py", function(40)),
        ("tests/a.py", '@parametrize("t", sorted(set(Kind)))\ndef t(t): ...'),
        ("tests/a.py", "import time\ntime.sleep(1)\ndef f(a): ..."),
        ("algovera_desktop/ui/a.py", '"""A."""\nb.setText(self.tr("Go now"))\nc.setText("×")'),
        ("algovera_desktop/ui/a.py", '"""A."""\nw.setWindowTitle("Algovera Desktop")'),
        ("algovera_desktop/ui/a.py", '"""A."""\nb.pressed.connect(self._on_b_pressed)'),
        ("algovera_desktop/a.py", '"""A."""\nclass A:\n    def f(self, *a: int) -> None: ...'),
        (".venv/a.py", "x = 1\n" * 501),
        ("build/a.py", "x = 1\n" * 501),
    ],
)
def test_what_keeps_the_rules_is_let_through(tmp_path, name, text):
    assert faults(tmp_path, {name: text}) == []


def test_version_and_changelog_must_agree(tmp_path):
    files = {"algovera_desktop/__init__.py": '"""A."""\n__version__ = "1.2.0"\n'}
    assert faults(tmp_path, files | {"CHANGELOG.md": "## [Unreleased]\n## [1.2.0] - x\n"}) == []
    (found,) = faults(tmp_path, files | {"CHANGELOG.md": "## [1.1.0] - x\n## [1.0.0] - x\n"})
    assert found == "CHANGELOG.md:1: ends at 1.1.0, but the program is 1.2.0"


def test_changelog_and_metainfo_must_name_the_same_releases(tmp_path):
    metainfo = "packaging/linux/org.algovera.Desktop.metainfo.xml"
    making = '<release version="1.3.0" date="2026-12-24" type="development"/>\n'
    release = '<release date="2026-11-23" version="1.2.0"/>\n'
    files = {"CHANGELOG.md": "## [Unreleased]\n## [1.2.0] - 2026-11-23\n"}
    assert faults(tmp_path, files | {metainfo: making + release}) == []
    for other in (making, making + release.replace("23", "24"), release.replace("1.2", "1.1")):
        (found,) = faults(tmp_path, files | {metainfo: other})
        assert "than the metainfo" in found


@pytest.mark.parametrize("behind", ["dev", "package"])
def test_the_other_locks_must_hold_the_users_versions(tmp_path, behind):
    users = "numpy==2.0\nrequests==2.32 \\\n"
    locks = {f"packaging/requirements{each}.lock": users for each in ("", "-dev", "-package")}
    locks[f"packaging/requirements-{behind}.lock"] = "numpy==2.0\nrequests==2.31\n"
    (found,) = faults(tmp_path, locks)
    assert found.startswith(f"packaging/requirements-{behind}.lock")
    assert "does not hold requests==2.32" in found


def test_the_program_ends_with_1_and_says_where(tmp_path, capsys):
    (tmp_path / "a.py").write_text("x = 1\n" * 501)
    assert house_rules.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("a.py:1: has 501 lines")
    assert house_rules.main([str(ROOT / "resources")]) == 0
