"""A waiting job in the form: over a real queue, settings file and form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QPushButton, QSpinBox

from algovera_desktop.domain.generation import GenerationRequest, ModelInfo
from algovera_desktop.domain.jobs import Job, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.domain.settings import FORM_DRAFT, FORM_EDIT
from algovera_desktop.ui.history import History
from algovera_desktop.ui.job_editing import JobEditing
from algovera_desktop.ui.models.queue_model import QueueModel
from algovera_desktop.ui.models.queue_servers import QueueServers
from algovera_desktop.ui.queue_actions import QueueActions
from algovera_desktop.ui.widgets.message_bar import MessageBar
from algovera_desktop.ui.widgets.prompt_form import PromptForm
from support.job_stage import STUDIO, JobStage, job_stage

SKETCH = ModelInfo("sketch", "Sketch")
ASKED = GenerationRequest("a fox", "their own model", 2048, 516, 77, 63.5, 12345, "people")


class Room:
    """The window's form, its bar and the actions on a stage that sends nothing."""

    def __init__(self, stage: JobStage, qtbot, themes) -> None:
        self.stage = stage
        self.settings = stage.settings
        self.form = PromptForm(themes)
        self.bar = MessageBar(themes)
        for widget in (self.form, self.bar):
            qtbot.addWidget(widget)
        self.form.resize(300, 700)
        self.form.draft_changed.connect(lambda draft: self.settings.set(FORM_DRAFT, draft))
        self.form.restore_draft(self.settings.get(FORM_DRAFT))
        self.form.set_servers(stage.servers.all(), LOCAL_SERVER_ID)
        self.form.set_models([SKETCH])
        self.form.show()
        self.form.activateWindow()
        stage.jobs.set_paused(True)
        history = History(stage.tasks, self.bar)
        finished = QueueModel(stage.jobs, QueueServers(stage.jobs, stage.servers, stage.monitor))
        self.actions = QueueActions(stage.queue, stage.jobs, history, finished)
        self.editing = JobEditing(
            self.form, self.actions, stage.jobs, stage.monitor, self.settings, self.bar
        )

    def add(self, request: GenerationRequest = ASKED) -> Job:
        (job,) = self.stage.queue.add(STUDIO, [request])
        self.stage.jobs.take([job])
        return job

    def open(self, qtbot, job: Job) -> None:
        with qtbot.waitSignal(self.editing.opened):
            self.actions.begin_edit(job.id)

    def saved(self, job: Job) -> Job:
        found = self.stage.queue.get(job.id)
        assert found is not None
        return found

    @property
    def prompt(self) -> QPlainTextEdit:
        return next(e for e in self.form.findChildren(QPlainTextEdit) if _is(e, "Prompt"))

    def named(self, kind, name: str):
        (found,) = [one for one in self.form.findChildren(kind) if _is(one, name)]
        return found

    def press(self, name: str) -> None:
        QTest.mouseClick(self.named(QPushButton, name), Qt.MouseButton.LeftButton)

    def words(self) -> str:
        return " | ".join(w.text() for w in self.form.findChildren(QLabel) if w.isVisible())


def _is(widget, name: str) -> bool:
    return widget.accessibleName() == name


@pytest.fixture
def room(qtbot, themes, tmp_path) -> Iterator[Room]:
    with job_stage(tmp_path) as stage:
        yield Room(stage, qtbot, themes)


def test_a_job_is_opened_changed_and_saved_to_its_place(qtbot, room):
    first, job, last = room.add(), room.add(), room.add()
    room.prompt.setPlainText("what I was typing")
    room.open(qtbot, job)
    assert room.prompt.toPlainText() == "a fox"
    assert room.saved(job).state is JobState.HELD
    assert "Editing a waiting picture" in room.words()
    QTest.keyClicks(room.prompt, "two of them, ")
    with qtbot.waitSignal(room.actions.edit_ended):
        room.press("Save")
    assert room.saved(job).request.prompt == "two of them, a fox"
    assert [one.id for one in room.stage.queue.open_jobs()] == [first.id, job.id, last.id]
    assert room.saved(job).state is JobState.WAITING
    assert room.prompt.toPlainText() == "what I was typing"
    assert room.settings.get(FORM_EDIT) == {}
    assert not room.form.is_editing


def test_what_is_saved_unchanged_is_the_very_same_request(qtbot, room):
    """Whatever it asks: a model and values that its server, of which nothing is known, may have."""
    job = room.add()
    room.open(qtbot, job)
    with qtbot.waitSignal(room.actions.edit_ended):
        QTest.keyClick(room.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert room.saved(job).request == ASKED


def test_while_a_job_is_changed_the_form_offers_its_servers_models(qtbot, room):
    room.open(qtbot, room.add())
    model = room.named(QComboBox, "Model")
    assert [model.itemText(row) for row in range(model.count())] == ["their own model · 512×512"]
    room.form.set_models([SKETCH])
    room.form.set_edit_models([ModelInfo("big", "Big")])
    titles = [model.itemText(row).split(" · ")[0] for row in range(model.count())]
    assert titles == ["Big", "their own model"]
    assert model.currentText().startswith("their own model")
    room.press("Leave the waiting picture as it is")
    assert model.currentText().startswith("Sketch")


def test_where_and_how_many_are_not_changed_with_a_job(qtbot, room):
    room.named(QSpinBox, "Pictures").setValue(7)
    room.open(qtbot, room.add())
    where, count = room.named(QComboBox, "Where"), room.named(QSpinBox, "Pictures")
    assert where.currentText() == "Studio"
    assert count.value() == 1
    assert not where.isEnabled()
    assert not count.isEnabled()
    QTest.keyClick(room.prompt, Qt.Key.Key_Escape)
    assert where.currentText() == "This computer"
    assert count.value() == 7
    assert count.isEnabled()


def test_escape_leaves_the_job_as_it_was_and_the_changes_can_still_be_had(qtbot, room):
    job = room.add()
    room.prompt.setPlainText("what I was typing")
    room.open(qtbot, job)
    QTest.keyClicks(room.prompt, "red ")
    with qtbot.waitSignal(room.actions.edit_ended):
        QTest.keyClick(room.prompt, Qt.Key.Key_Escape)
    assert room.saved(job).request == ASKED
    assert room.saved(job).state is JobState.WAITING
    assert room.prompt.toPlainText() == "what I was typing"
    assert room.bar.current.text == "The picture waits as it was, without your changes."
    room.bar.current.actions[0][1]()
    assert room.prompt.toPlainText() == "red a fox"
    QTest.keyClick(room.prompt, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert room.prompt.toPlainText() == "what I was typing"


def test_escape_without_a_change_says_nothing(qtbot, room):
    room.open(qtbot, room.add())
    with qtbot.waitSignal(room.actions.edit_ended):
        QTest.keyClick(room.prompt, Qt.Key.Key_Escape)
    assert room.bar.current is None


def test_a_job_that_is_being_made_is_not_opened_and_the_form_is_left_alone(qtbot, room):
    job = room.add()
    room.stage.queue.claim(STUDIO)
    room.prompt.setPlainText("what I was typing")
    with qtbot.waitSignal(room.actions.edit_refused):
        room.actions.begin_edit(job.id)
    assert room.bar.current.text.startswith("Too late")
    assert room.prompt.toPlainText() == "what I was typing"
    assert not room.form.is_editing


def test_a_second_job_waits_until_the_first_one_is_saved(qtbot, room):
    first, second = room.add(), room.add()
    room.open(qtbot, first)
    QTest.keyClicks(room.prompt, "red ")
    with qtbot.waitSignal(room.actions.edit_ended) as ended:
        room.actions.begin_edit(second.id)
    assert ended.args == [second.id]
    assert "Save or cancel that first" in room.bar.current.text
    assert room.prompt.toPlainText() == "red a fox"
    assert room.saved(second).state is JobState.WAITING
    with qtbot.waitSignal(room.actions.edit_begun):
        room.actions.begin_edit(first.id)
    assert room.prompt.toPlainText() == "red a fox"


def test_what_was_typed_for_a_job_that_is_cancelled_can_still_be_had(qtbot, room):
    job = room.add()
    room.prompt.setPlainText("what I was typing")
    room.open(qtbot, job)
    QTest.keyClicks(room.prompt, "red ")
    with qtbot.waitSignal(room.stage.jobs.jobs_removed):
        room.actions.cancel([job.id])
    assert room.prompt.toPlainText() == "what I was typing"
    texts = []
    while room.bar.current is not None:
        texts.append(room.bar.current.text)
        for label, run in room.bar.current.actions:
            if label == "Show my changes":
                run()
        room.bar.dismiss(room.bar.current.key)
    assert "The picture that you were changing was cancelled." in texts
    assert room.prompt.toPlainText() == "red a fox"


def test_after_a_restart_the_form_is_where_it_was(qtbot, themes, tmp_path):
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        room.prompt.setPlainText("what I was typing")
        job = room.add()
        room.open(qtbot, job)
        QTest.keyClicks(room.prompt, "red ")
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        assert room.prompt.toPlainText() == "what I was typing"
        with qtbot.waitSignal(stage.jobs.loaded):
            stage.jobs.start()
        assert room.prompt.toPlainText() == "red a fox"
        assert room.saved(job).state is JobState.HELD
        with qtbot.waitSignal(room.actions.edit_ended):
            room.press("Save")
        assert room.saved(job).request.prompt == "red a fox"
        assert room.prompt.toPlainText() == "what I was typing"


def test_a_job_held_for_a_form_that_forgot_it_waits_again_after_a_restart(qtbot, themes, tmp_path):
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        job = room.add()
        room.open(qtbot, job)
        room.settings.set(FORM_EDIT, {})
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        with qtbot.waitSignal(room.actions.edit_ended):
            stage.jobs.start()
        assert room.saved(job).state is JobState.WAITING
        assert not room.form.is_editing


@pytest.mark.parametrize(("prompt", "is_told"), [("a fox", False), ("red a fox", True)])
def test_changes_of_a_job_that_waits_no_more_are_offered_after_a_restart(
    qtbot, themes, tmp_path: Path, prompt, is_told
):
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        job = room.add()
        room.open(qtbot, job)
        values = {**room.settings.get(FORM_EDIT), "prompt": prompt}
        stage.queue.end_edit(job.id, None)
        room.settings.set(FORM_EDIT, values)
    with job_stage(tmp_path) as stage:
        room = Room(stage, qtbot, themes)
        with qtbot.waitSignal(stage.jobs.loaded):
            stage.jobs.start()
        assert not room.form.is_editing
        assert room.settings.get(FORM_EDIT) == {}
        assert (room.bar.current is not None) is is_told
        if is_told:
            room.bar.current.actions[0][1]()
            assert room.prompt.toPlainText() == "red a fox"
