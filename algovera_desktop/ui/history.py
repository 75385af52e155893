"""What the user did and can take back: one history for the window, whatever was done.

Everything runs on a worker, one thing after the other in the order in which it was asked for:
Ctrl+Z right after Delete takes back the delete, though that is still being written. A thing
stands in the history once it is durable. One that fails says so, leaves the history as it was,
and lets the next one have its turn.

The record beneath is Qt's QUndoStack. Its commands change nothing by themselves: the work was done
on a worker before the stack moves past one, for it cannot be told that something failed.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QUndoCommand, QUndoStack

from algovera_desktop.domain.errors import AlgoveraError
from algovera_desktop.ui.tasks import Pool, Tasks
from algovera_desktop.ui.widgets.message_bar import Message, MessageBar, Severity
from algovera_desktop.ui.wording import describe_error

MAX_DEEDS = 50
_PRIORITY = 30
"""Before thumbnails and pages: somebody waits for this."""

_DONE_MESSAGE = "done"
_FAILED_MESSAGE = "not-done"
_UNDO_TIMEOUT_S = 20.0


class Deed(Protocol):
    """Something that can be done, undone and done again, on the same object each time.

    ``do`` and ``undo`` are one durable step each, on a worker. What they return, falsy if
    nothing had to be changed, is shown by ``done`` and ``undone``, which like all the rest run
    on the UI thread; after a ``do`` that failed, ``not_done`` does. Of what nothing could be
    undone the history knows no more.
    """

    def name(self) -> str:
        """For the menu, such as "Delete 3 pictures"."""
        ...

    def begin(self) -> None:
        """Look at what is there, or show what is about to be so; right before ``do``."""
        ...

    def do(self) -> object: ...

    def done(self, result: Any, /) -> None: ...

    def not_done(self) -> None:
        """Show again what is there, where ``begin`` has shown something else."""
        ...

    def words(self) -> str:
        """What to say beside the button Undo once it is done; empty to say nothing."""
        ...

    def undo(self) -> object: ...

    def undone(self, result: Any, /) -> str | None:
        """Returns what is to be said of it, if anything."""
        ...


class _Record(QUndoCommand):
    """A deed that is durable. The stack owns it, and keeps it alive for Python too."""

    def __init__(self, deed: Deed) -> None:
        super().__init__()
        self.hold(deed)

    def hold(self, deed: Deed) -> None:
        """Be the record of this deed, by the name that it has now."""
        self.deed = deed
        self.setText(deed.name())


@dataclass(frozen=True, slots=True)
class _Step:
    """What a worker is to do, what that is called, and who is told of its outcome."""

    name: str
    work: Callable[[], Any]
    succeeded: Callable[[Any], None]
    failed: Callable[[Exception], None]


_Turn = Callable[[], _Step | None]
"""Says what is to be done once its turn has come; None for nothing."""


class History(QObject):
    """Does deeds in turn and remembers the last MAX_DEEDS. Its two actions are for a menu."""

    def __init__(self, tasks: Tasks, messages: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._messages = messages
        self._turns: deque[_Turn] = deque()
        self._is_busy = False
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(MAX_DEEDS)
        self._told: Deed | None = None
        self._failed_name = ""
        self.undo_action = QAction(self, iconText=self.tr("Undo"))
        self.undo_action.setShortcut(QKeySequence.StandardKey.Undo)
        self.undo_action.triggered.connect(self._on_undo_action_triggered)
        self.redo_action = QAction(self, iconText=self.tr("Redo"))
        self.redo_action.setShortcuts(QKeySequence.StandardKey.Redo)
        self.redo_action.triggered.connect(self._on_redo_action_triggered)
        self._show()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way or has not had its turn."""
        return self._is_busy or bool(self._turns)

    def do(self, deed: Deed) -> None:
        """Do something in its turn; what was undone before can then no more be redone."""
        self._add(lambda: self._doing(deed))

    def undo(self) -> None:
        """Take back what was done last when the turn comes, and before that if asked again."""
        self._add(lambda: self._undoing(self._deeds()[-1]) if self._stack.canUndo() else None)

    def undo_deed(self, deed: Deed) -> None:
        """Take back this very thing, whatever was done since; nothing if that has happened."""
        self._add(lambda: self._undoing(deed) if deed in self._deeds() else None)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._add(lambda: self._redoing() if self._stack.canRedo() else None)

    def run(self, name: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do in its turn what cannot be undone: ``work`` on a worker, then ``then`` here."""
        again = partial(self.run, name, work, then)
        self._add(lambda: _Step(name, work, then, partial(self._say_failed, name, again)))

    def _doing(self, deed: Deed) -> _Step:
        deed.begin()
        failed = partial(self._on_not_done, deed, partial(self.do, deed))
        return _Step(deed.name(), deed.do, partial(self._on_done, deed), failed)

    def _undoing(self, deed: Deed) -> _Step:
        name = self.tr("Undo: {what}").format(what=deed.name())
        failed = partial(self._say_failed, name, partial(self.undo_deed, deed))
        return _Step(name, deed.undo, partial(self._on_undone, deed), failed)

    def _redoing(self) -> _Step:
        record = self._record(self._stack.index())
        record.deed.begin()
        failed = partial(self._on_not_done, record.deed, self.redo)
        return _Step(record.deed.name(), record.deed.do, partial(self._on_redone, record), failed)

    def _record(self, place: int) -> _Record:
        record = self._stack.command(place)
        assert isinstance(record, _Record)
        return record

    def _deeds(self) -> list[Deed]:
        """What is done and can be taken back, the last one at the end."""
        return [self._record(place).deed for place in range(self._stack.index())]

    def _add(self, turn: _Turn) -> None:
        self._turns.append(turn)
        self._start_next()

    def _start_next(self) -> None:
        while self._turns and not self._is_busy:
            step = self._turns.popleft()()
            if step is not None:
                self._is_busy = True
                work = partial(_without_context, step.work)
                task = self._tasks.start(Pool.STORAGE, work, priority=_PRIORITY, is_deed=True)
                task.succeeded.connect(partial(self._on_task_succeeded, step))
                task.failed.connect(step.failed)
                task.finished.connect(self._on_task_finished)
        self._show()

    def _on_task_succeeded(self, step: _Step, result: object) -> None:
        if step.name == self._failed_name:
            self._messages.dismiss(_FAILED_MESSAGE)
        step.succeeded(result)

    def _on_task_finished(self) -> None:
        self._is_busy = False
        self._start_next()

    def _on_done(self, deed: Deed, result: object) -> None:
        deed.done(result)
        if result:
            self._stack.push(_Record(deed))
            self._tell(deed)

    def _on_redone(self, record: _Record, result: object) -> None:
        deed = record.deed
        deed.done(result)
        record.hold(deed)
        record.setObsolete(not result)
        self._stack.redo()
        if result:
            self._tell(deed)

    def _on_not_done(self, deed: Deed, again: Callable[[], None], error: Exception) -> None:
        deed.not_done()
        self._say_failed(deed.name(), again, error)

    def _on_undone(self, deed: Deed, result: object) -> None:
        words = deed.undone(result) or ""
        record = self._bring_to_top(deed)
        record.setObsolete(not result)
        self._stack.undo()
        if not result:
            nothing = self.tr("Nothing is left to undo of this: {what}")
            words = words or nothing.format(what=deed.name())
        if self._told is deed:
            self._messages.dismiss(_DONE_MESSAGE)
        if words:
            message = Message(words, Severity.WARNING, _DONE_MESSAGE, timeout_s=_UNDO_TIMEOUT_S)
            self._messages.show_message(message)

    def _bring_to_top(self, deed: Deed) -> _Record:
        """Have the last record be of this deed, and those of what was done since move down by
        one: Qt's stack takes back the last one only, and so this one can be done again."""
        place, top = self._deeds().index(deed), self._stack.index() - 1
        for lower in range(place, top):
            self._record(lower).hold(self._record(lower + 1).deed)
        record = self._record(top)
        record.hold(deed)
        return record

    def _tell(self, deed: Deed) -> None:
        words = deed.words()
        if not words:
            return
        self._told = deed
        undo = (self.tr("Undo"), partial(self.undo_deed, deed))
        message = Message(words, key=_DONE_MESSAGE, actions=(undo,), timeout_s=_UNDO_TIMEOUT_S)
        self._messages.show_message(message)

    def _say_failed(self, name: str, again: Callable[[], None], error: Exception) -> None:
        # Any other exception is a bug of ours, which Tasks tells.
        if not isinstance(error, AlgoveraError):
            return
        self._failed_name = name
        words = describe_error(error)
        text = " ".join(filter(None, (f"{name} –", words.title, words.advice)))
        actions = ((self.tr("Try again"), again),)
        message = Message(text, Severity.ERROR, _FAILED_MESSAGE, actions, str(error))
        self._messages.show_message(message)

    def _show(self) -> None:
        """Name what is next; while something is under way, that may become the next one."""
        undo, redo = self.tr("Undo"), self.tr("Redo")
        if self._stack.canUndo():
            undo = self.tr("Undo: {what}").format(what=self._stack.undoText())
        if self._stack.canRedo():
            redo = self.tr("Redo: {what}").format(what=self._stack.redoText())
        self.undo_action.setText(undo)
        self.redo_action.setText(redo)
        self.undo_action.setEnabled(self._stack.canUndo() or self.is_busy)
        self.redo_action.setEnabled(self._stack.canRedo() or self.is_busy)

    def _on_undo_action_triggered(self) -> None:
        self.undo()

    def _on_redo_action_triggered(self) -> None:
        self.redo()


def _without_context(work: Callable[[], Any], _context: object) -> Any:
    return work()
