"""With Windows' libraries played by objects that note what they are told."""

import ctypes
import sys
from contextlib import contextmanager
from unittest.mock import MagicMock, call

import pytest

from algovera_desktop import on_windows


@pytest.fixture
def windll(monkeypatch):
    windll = MagicMock()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", windll, raising=False)
    return windll


@contextmanager
def without_output(folder):
    """As a program for windows is started; the console that it may take is a file in ``folder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "stderr", sys.stderr)
        patch.setattr(sys, "stdout", None)
        yield folder / "CONOUT$"
        if sys.stdout is not None:
            sys.stdout.close()


def test_the_process_is_named_to_the_task_bar_and_to_the_installer(windll):
    on_windows.name_in_task_bar("org.example.Program")
    on_windows.tell_installer()
    assert windll.mock_calls == [
        call.shell32.SetCurrentProcessExplicitAppUserModelID("org.example.Program"),
        call.kernel32.CreateMutexW(None, False, on_windows.RUNNING),
    ]


@pytest.mark.parametrize("arguments", [["--check"], ["--data-dir", "d", "--reset-settings"]])
def test_words_go_to_the_terminal_that_asked_for_them(windll, tmp_path, arguments):
    with without_output(tmp_path) as console:
        on_windows.answer_in_terminal(arguments)
        print("All that is needed is there. ✓")
        assert sys.stderr is sys.stdout
    assert console.read_text("utf-8") == "All that is needed is there. ✓\n"
    assert windll.mock_calls[0] == call.kernel32.AttachConsole(-1)


@pytest.mark.parametrize("arguments", [[], ["picture.png"], ["--data-dir=d"], ["--data-dir", "d"]])
def test_a_window_is_not_tied_to_the_terminal_that_it_was_started_in(windll, tmp_path, arguments):
    with without_output(tmp_path):
        on_windows.answer_in_terminal(arguments)
        assert sys.stdout is None
    assert windll.mock_calls == []


def test_without_a_terminal_nothing_is_written(windll, tmp_path):
    windll.kernel32.AttachConsole.return_value = 0
    with without_output(tmp_path) as console:
        on_windows.answer_in_terminal(["--check"])
        assert sys.stdout is None
    assert not console.exists()


def test_an_output_that_is_there_stays(windll, capsys):
    on_windows.answer_in_terminal(["--check"])
    print("into a file")
    assert windll.mock_calls == []
    assert capsys.readouterr().out == "into a file\n"


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_elsewhere_nothing_happens(windll, monkeypatch, tmp_path, system):
    monkeypatch.setattr(sys, "platform", system)
    on_windows.name_in_task_bar("org.example.Program")
    on_windows.tell_installer()
    with without_output(tmp_path):
        on_windows.answer_in_terminal(["--check"])
    assert windll.mock_calls == []
