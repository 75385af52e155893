"""The real program dies by itself and is started again."""

import signal
from pathlib import Path

from support.app import App
from support.desktop import DesktopSession

PROMPT = "a secret zebra"


def ready(app: App) -> App:
    app.wait_for(
        lambda: "enabled" in app.find("push button", "Generate").states, "Generate to be offered"
    )
    return app


def test_a_crash_is_told_at_the_next_start_with_its_stack_and_no_prompt(
    desktop: DesktopSession, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    program = ["algovera-desktop", "--data-dir", str(data)]
    app = ready(desktop.start_app(program))
    app.activate()
    app.click(app.find("text", "Prompt"))
    app.press("ctrl+a")
    app.type_text(PROMPT)
    app.process.send_signal(signal.SIGSEGV)
    assert app.wait_for_exit() == -signal.SIGSEGV

    app = ready(desktop.start_app(program))
    app.activate()
    app.find("push button", "Show report").act()
    report = app.find("text", "Report")
    app.wait_for(lambda: "Log\n---" in report.text, "the report")
    assert "Fatal Python error: Segmentation fault" in report.text
    assert 'File "algovera_desktop/app.py"' in report.text
    assert PROMPT not in report.text
    assert str(tmp_path) not in report.text
    app.find("push button", "Close").act()
    app.close_window()
    assert app.wait_for_exit() == 0, app.output
    assert sorted(path.name for path in (data / "logs").iterdir()) == [
        "algovera-desktop.log",
        "last-crash.txt",
    ]
