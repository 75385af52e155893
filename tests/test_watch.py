"""The watch over every test, itself tried on tests that misbehave."""

import shutil
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

LEAVES = {
    "a thread": ("threading.Thread(target=time.sleep, args=(2,), daemon=True).start()", "thread"),
    "a process": ("KEPT.append(subprocess.Popen(['sleep', '2']))", "process"),
    "an orphan": ("subprocess.run(['sh', '-c', 'sleep 2 &'])", "sleep 2"),
    "an open file": ("KEPT.append(open(__file__))", "open file"),
    "a socket": ("KEPT.append(socket.socket())", "socket"),
    "a timer": ("KEPT.append(QTimer()); KEPT[-1].start(60_000)", "busy QTimer"),
    "a pool task": ("QThreadPool.globalInstance().start(lambda: time.sleep(2))", "QThreadPool"),
    "a window": ("KEPT.append(QWidget()); KEPT[-1].show()", "window QWidget"),
}

# Plugins that these tests do without and that take a second to load.
WITHOUT = ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest"]

BEGINNING = """
import logging, socket, subprocess, threading, time, warnings
import pytest
from PySide6.QtCore import QThreadPool, QTimer
from PySide6.QtWidgets import QWidget
KEPT = []
"""


@pytest.fixture
def run_tests(pytester, monkeypatch):
    """Runs test functions, given as source, under our own configuration."""
    shutil.copy(TESTS / "conftest.py", pytester.path)
    configuration = (TESTS.parent / "pyproject.toml").read_text("utf-8")
    configuration = configuration.replace('"packaging", "tests"', f'"{TESTS}"')
    (pytester.path / "pyproject.toml").write_text(configuration, "utf-8")
    # A test that leaves something is given this long to end it.
    monkeypatch.setenv("ALGOVERA_TEST_GRACE_S", "0.2")

    def run(source: str) -> pytest.RunResult:
        pytester.makepyfile(BEGINNING + source)
        return pytester.runpytest_subprocess(".", *WITHOUT, timeout=60)

    return run


@pytest.mark.left_to_module
def test_what_a_test_leaves_behind_fails_it(run_tests):
    tests = "".join(
        f"\ndef test_{name.replace(' ', '_')}(qapp):\n    {code}\n"
        for name, (code, _found) in LEAVES.items()
    )
    result = run_tests(tests)
    result.assert_outcomes(passed=len(LEAVES), errors=len(LEAVES))
    for name, (_code, found) in LEAVES.items():
        result.stdout.re_match_lines_random(
            [rf".*ERROR at teardown of test_{name.replace(' ', '_')} .*"]
        )
        result.stdout.re_match_lines_random([rf"  .*{found}.*"])


def test_an_unannounced_warning_fails_the_test_that_logs_it(run_tests):
    result = run_tests("""
def test_silent(): logging.getLogger("x").info("well")
def test_surprise(): logging.getLogger("x").warning("odd %s", "thing")
@pytest.mark.allows_log("odd thing")
def test_announced(): logging.getLogger("x").warning("odd %s", "thing")
def test_judged(caplog):
    logging.getLogger("x").error("odd")
    assert "odd" in caplog.text
""")
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.re_match_lines_random([".*test_surprise.*", "  WARNING x: odd thing"])


def test_an_exception_in_a_thread_and_a_warning_fail_the_test(run_tests):
    result = run_tests("""
def test_thread():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
def test_warning(): warnings.warn("old", DeprecationWarning)
""")
    result.assert_outcomes(failed=2)


def test_what_belongs_to_a_fixture_of_the_module_may_stay_until_its_end(run_tests):
    result = run_tests("""
@pytest.fixture(scope="module")
def child():
    processes = [subprocess.Popen(["sleep", "2"])]
    yield processes
    for process in processes:
        process.kill()
        process.wait()
def test_first(child): pass
@pytest.mark.left_to_module
def test_renewed(child): child.append(subprocess.Popen(["sleep", "2"]))
def test_last(child): pass
""")
    result.assert_outcomes(passed=3)
