"""Changes of what the artist makes of pictures: each a Deed of the window's history."""

from collections.abc import Callable
from dataclasses import replace

from algovera_desktop.library.changes import Change
from algovera_desktop.library.curation import Curation


class CurationDeed:
    """Something done to the curation. ``work`` does it; ``told`` hears of every change that was
    made, by it or by taking it back, on the UI thread."""

    def __init__(
        self,
        curation: Curation,
        name: str,
        work: Callable[[], Change | None],
        told: Callable[[Change], None],
        words: str = "",
    ) -> None:
        self._curation = curation
        self._name = name
        self._work = work
        self._told = told
        self._words = words
        self._change: Change | None = None
        self._again: Change | None = None
        self._was_undone = False

    def name(self) -> str:
        return self._name

    def begin(self) -> None:
        """Nothing has to be looked at."""

    def do(self) -> Change | None:
        # Again is not anew: what was changed since it was taken back is not its business.
        if not self._was_undone:
            self._change = self._work()
        elif self._again is not None:
            self._change = self._curation.revert(self._again)
        return self._change

    def done(self, change: Change | None) -> None:
        if change is not None:
            self._told(change)

    def not_done(self) -> None:
        """Nothing was shown that is not so."""

    def words(self) -> str:
        return self._words

    def undo(self) -> Change | None:
        self._again = None if self._change is None else self._curation.revert(self._change)
        self._change = None
        self._was_undone = True
        return self._again

    def undone(self, change: Change | None) -> None:
        if change is not None:
            self._told(change)


class NoteSession:
    """Somebody writes notes on a picture; ``image_id`` is its id. However often what was written
    so far is kept, it is one deed."""

    def __init__(self, image_id: int) -> None:
        self.image_id = image_id
        self.first: NoteDeed | None = None


class NoteDeed(CurationDeed):
    """Keep the notes of a session. It joins the session's first one as long as that is done, and
    stands for itself after that was taken back."""

    def __init__(
        self,
        curation: Curation,
        session: NoteSession,
        notes: str,
        name: str,
        told: Callable[[Change], None],
    ) -> None:
        super().__init__(curation, name, self._write, told)
        self._session = session
        self._notes = notes
        self._joined: Change | None = None

    def do(self) -> Change | None:
        change = super().do()
        first = self._session.first
        if change is None or first is self or first is None or first._change is None:
            self._session.first = self if change else first
            return change
        first._change = replace(change, parts=(*first._change.parts, *change.parts))
        self._change, self._joined = None, change
        return None

    def done(self, change: Change | None) -> None:
        super().done(change or self._joined)
        self._joined = None

    def _write(self) -> Change | None:
        return self._curation.set_notes(self._session.image_id, self._notes)
