"""Where the artist was in the gallery, from one start to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.domain.settings import GALLERY_PLACE
from algovera_desktop.services.settings_store import SettingsStore
from algovera_desktop.ui.gallery_place import GalleryPlace, GallerySpot
from algovera_desktop.ui.models.gallery_model import GalleryModel
from algovera_desktop.ui.models.places import Place, PlaceKind
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.search_controller import SearchController
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.gallery_view import GalleryView
from support.picture_world import PictureWorld, picture_world

COUNT = 300


class Start:
    """The gallery as one start of the program has it."""

    def __init__(
        self, world: PictureWorld, settings: SettingsStore, themes: ThemeController
    ) -> None:
        self.window = QWidget()
        self.window.resize(900, 600)
        self.model = GalleryModel(world.search, world.tasks, self.window)
        self.search = SearchController(
            self.model, world.search, world.tasks, settings, themes, self.window
        )
        self.place = GalleryPlace(self.search, settings, self.window)
        self.place.restore()
        self.search.ask()
        commands = PictureCommands(themes, self.window)
        self.view = GalleryView(
            self.model, world.thumbnails, world.files, commands, themes, self.window
        )
        self.view.resize(900, 600)
        self.search.bar.setParent(self.window)
        self.window.show()

    def first_seen(self) -> int | None:
        return self.model.id_of(self.view.visible_rows().start)

    def selected(self) -> list[int]:
        return list(self.view.selected().image_ids)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path / "world") as world:
        world.add_records(COUNT)
        yield world


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[SettingsStore]:
    settings = SettingsStore(tmp_path / "settings.json")
    yield settings
    settings.close()


@contextmanager
def started(
    qtbot: QtBot, world: PictureWorld, settings: SettingsStore, themes: ThemeController
) -> Iterator[Start]:
    start = Start(world, settings, themes)
    start.place.follow(start.view, start.model)
    qtbot.waitUntil(lambda: start.model.count is not None and not start.model.is_loading)
    yield start
    start.place.remember()
    start.window.close()
    start.window.deleteLater()


def test_selection_and_scrolling_come_back(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes) as start:
        assert start.selected() == []
        start.view.select_row(200)
        start.view.verticalScrollBar().setValue(start.view.verticalScrollBar().value() - 300)
        (selected,), first = start.selected(), start.first_seen()
    with started(qtbot, world, settings, themes) as start:
        assert start.selected() == [selected]
        assert start.first_seen() == first


def test_a_search_comes_back_in_its_field_and_in_what_is_shown(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes) as start:
        start.search.begin_at(Place(PlaceKind.FAVOURITES), "fox rating:>=0")
        start.search.ask()
        qtbot.waitUntil(lambda: start.model.count == 0)
    with started(qtbot, world, settings, themes) as start:
        assert start.search.place == Place(PlaceKind.FAVOURITES)
        assert start.search.field.text() == "fox rating:>=0"
        assert start.model.query.text == "is:favourite (fox rating:>=0)"


def test_who_was_at_the_top_sees_the_newest(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes):
        pass
    world.add_records(1, first=COUNT)
    with started(qtbot, world, settings, themes) as start:
        assert start.first_seen() == COUNT + 1


def test_a_picture_that_is_gone_leaves_the_rest_as_it_was(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes) as start:
        start.view.select_row(10)
        (selected,) = start.selected()
    world.library.trash([selected])
    with started(qtbot, world, settings, themes) as start:
        assert start.selected() == []
        assert start.model.count == COUNT - 1


def test_who_has_begun_to_scroll_is_not_taken_elsewhere(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes) as start:
        start.view.select_row(299)
    start = Start(world, settings, themes)
    qtbot.waitUntil(lambda: start.model.count is not None)
    start.view.select_row(3)
    start.place.follow(start.view, start.model)
    assert start.selected() == [start.model.id_of(3)]
    start.window.deleteLater()


def test_pictures_like_one_are_left_with_the_program(qtbot, world, settings, themes):
    with started(qtbot, world, settings, themes) as start:
        start.search.begin_at(Place(PlaceKind.LIKE, "a fox", 1), "")
        start.search.ask()
        qtbot.waitUntil(lambda: start.model.query.like_id == 1 and not start.model.is_loading)
    with started(qtbot, world, settings, themes) as start:
        assert start.search.place == Place()


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "no such place", "sort": "newest"},
        {"kind": "all", "sort": "newest", "current_id": 1.5},
        {"kind": "all", "sort": "newest", "text": "rating:("},
    ],
)
def test_what_makes_no_sense_begins_with_everything(qtbot, world, settings, themes, values):
    settings.set(GALLERY_PLACE, values)
    with started(qtbot, world, settings, themes) as start:
        assert start.search.place == Place()
        assert start.model.count == COUNT


SPOTS = st.builds(
    GallerySpot,
    st.builds(
        Place,
        st.sampled_from(PlaceKind),
        st.text(),
        st.none() | st.integers(1),
        st.text(),
        st.sampled_from(SortOrder),
    ),
    st.text(),
    st.none() | st.integers(1),
    st.none() | st.integers(1),
)


@given(SPOTS)
@hypothesis_settings(max_examples=40)
def test_a_spot_is_read_as_it_was_written(spot: GallerySpot) -> None:
    assert GallerySpot.from_values(spot.to_values()) == spot
