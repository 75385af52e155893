"""What the artist makes of pictures: one or ten thousand at once, all of it undoable."""

from array import array
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Signal

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.library.changes import Change
from algovera_desktop.library.curation import Curation
from algovera_desktop.ui.curation_deed import CurationDeed, NoteDeed, NoteSession
from algovera_desktop.ui.history import History

translate = QCoreApplication.translate


class CurationActions(QObject):
    """Changes the curation in the order in which that is asked for; ``history`` takes it back.
    Nothing waits: what was changed is told once it is durable.

    Signals:
        images_changed: the ids of pictures whose records are others now, a tuple of ints.
        side_list_changed: tags, albums or saved searches are others now, or count differently.
        album_made: the id of an album that was just made.
        search_saved: the id of a search that was just saved.
    """

    images_changed = Signal(object)
    side_list_changed = Signal()
    album_made = Signal(object)
    search_saved = Signal(object)

    def __init__(self, curation: Curation, history: History, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._curation = curation
        self._history = history
        self._notes: NoteSession | None = None

    def favourite(self, ids: Sequence[int], on: bool) -> None:
        if on:
            one = self.tr("Make a favourite")
            many = self.tr("Make %n pictures favourites", "", len(ids))
        else:
            one = self.tr("Take out of the favourites")
            many = self.tr("Take %n pictures out of the favourites", "", len(ids))
        work = partial(self._curation.set_favourite, _kept(ids), on)
        self._do(one if len(ids) == 1 else many, work)

    def rate(self, ids: Sequence[int], rating: int) -> None:
        """Give pictures 1 to MAX_RATING stars; 0 takes them away."""
        one, many = self.tr("Rate"), self.tr("Rate %n pictures", "", len(ids))
        work = partial(self._curation.set_rating, _kept(ids), rating)
        self._do(one if len(ids) == 1 else many, work)

    def tag(self, ids: Sequence[int], names: Sequence[str]) -> None:
        """Put tags on pictures; a tag is made by being used."""
        one, many = self.tr("Tag"), self.tr("Tag %n pictures", "", len(ids))
        work = partial(self._curation.add_tags, _kept(ids), tuple(names))
        self._do(one if len(ids) == 1 else many, work)

    def untag(self, ids: Sequence[int], names: Sequence[str]) -> None:
        one = self.tr("Take a tag off")
        many = self.tr("Take tags off %n pictures", "", len(ids))
        is_one = len(ids) == len(names) == 1
        work = partial(self._curation.remove_tags, _kept(ids), tuple(names))
        self._do(one if is_one else many, work)

    def rename_tag(self, old: str, new: str) -> None:
        """Refused, in words, if there is another tag ``new``: that is what merging is for."""
        self._do(self.tr("Rename the tag"), partial(self._curation.rename_tag, old, new))

    def merge_tags(self, names: Sequence[str], into: str) -> None:
        """Put one tag in the place of others, everywhere."""
        work = partial(self._curation.merge_tags, tuple(names), into)
        self._do(self.tr("Merge tags"), work, self.tr("The tags were merged."))

    def delete_tag(self, name: str) -> None:
        """Take a tag off all pictures."""
        work = partial(self._curation.delete_tag, name)
        self._do(self.tr("Delete the tag"), work, self.tr("The tag was deleted."))

    def set_note(self, image_id: int, text: str) -> None:
        """Keep the notes as they are so far. Until ``end_note``, or until those of another picture
        are kept, that is one thing to undo, however often it is asked for."""
        if self._notes is None or self._notes.image_id != image_id:
            self._notes = NoteSession(image_id)
        name = self.tr("Change the notes")
        self._history.do(NoteDeed(self._curation, self._notes, text, name, self._tell))

    def end_note(self) -> None:
        """What is written in notes from now on is another thing to undo."""
        self._notes = None

    def make_album(self, name: str, ids: Sequence[int] = ()) -> None:
        """Make an album with these pictures, in this order."""
        work = partial(self._curation.make_album, name, _kept(ids))
        self._do(self.tr("Make an album"), work, made=self.album_made.emit)

    def rename_album(self, album_id: int, name: str) -> None:
        work = partial(self._curation.rename_album, album_id, name)
        self._do(self.tr("Rename the album"), work)

    def move_album(self, album_id: int, before: int | None) -> None:
        """Put an album before another one in the list; None: at its end."""
        work = partial(self._curation.move_album, album_id, before)
        self._do(self.tr("Move the album"), work)

    def delete_album(self, album_id: int) -> None:
        """Delete an album, not its pictures."""
        words = self.tr("The album was deleted. Its pictures are still there.")
        self._do(self.tr("Delete the album"), partial(self._curation.delete_album, album_id), words)

    def add_to_album(self, album_id: int, ids: Sequence[int], before: int | None = None) -> None:
        """Put pictures in an album before the picture ``before``; None: at its end."""
        one = self.tr("Put in an album")
        many = self.tr("Put %n pictures in an album", "", len(ids))
        work = partial(self._curation.add_to_album, album_id, _kept(ids), before)
        self._do(one if len(ids) == 1 else many, work)

    def remove_from_album(self, album_id: int, ids: Sequence[int]) -> None:
        one = self.tr("Take out of an album")
        many = self.tr("Take %n pictures out of an album", "", len(ids))
        work = partial(self._curation.remove_from_album, album_id, _kept(ids))
        self._do(one if len(ids) == 1 else many, work)

    def move_in_album(self, album_id: int, ids: Sequence[int], before: int | None) -> None:
        """Put pictures of an album before another one of it; None: at its end."""
        one = self.tr("Move in the album")
        many = self.tr("Move %n pictures in the album", "", len(ids))
        work = partial(self._curation.move_in_album, album_id, _kept(ids), before)
        self._do(one if len(ids) == 1 else many, work)

    def save_search(self, name: str, text: str, sort: SortOrder) -> None:
        work = partial(self._curation.save_search, name, text, sort)
        self._do(self.tr("Save the search"), work, made=self.search_saved.emit)

    def rename_search(self, search_id: int, name: str) -> None:
        work = partial(self._curation.rename_search, search_id, name)
        self._do(self.tr("Rename the search"), work)

    def move_search(self, search_id: int, before: int | None) -> None:
        """Put a saved search before another one in the list; None: at its end."""
        work = partial(self._curation.move_search, search_id, before)
        self._do(self.tr("Move the search"), work)

    def delete_search(self, search_id: int) -> None:
        work = partial(self._curation.delete_search, search_id)
        self._do(self.tr("Delete the search"), work, self.tr("The search was deleted."))

    def _do(
        self,
        name: str,
        work: Callable[[], Change | None],
        words: str = "",
        made: Callable[[int], object] | None = None,
    ) -> None:
        told = self._tell if made is None else partial(self._tell, made=made)
        self._history.do(CurationDeed(self._curation, name, work, told, words))

    def _tell(self, change: Change, made: Callable[[int], object] | None = None) -> None:
        if change.image_ids:
            self.images_changed.emit(change.image_ids)
        if change.touches_lists:
            self.side_list_changed.emit()
        if made is not None and change.made_id is not None:
            made(change.made_id)


def _kept(ids: Sequence[int]) -> Sequence[int]:
    """Ids that nobody changes before their turn has come."""
    return ids if isinstance(ids, tuple | range) else array("q", ids)
