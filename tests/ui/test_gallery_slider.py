import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from algovera_desktop.ui.widgets.gallery_view import TILE_SIDES_PX
from algovera_desktop.ui.widgets.tile_size_slider import TileSizeSlider


@pytest.fixture
def slider(qtbot) -> TileSizeSlider:
    slider = TileSizeSlider()
    qtbot.addWidget(slider)
    return slider


def test_the_keys_walk_through_the_four_sizes(slider):
    chosen: list[object] = []
    slider.tile_size_chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(slider, key)
    assert chosen == [*TILE_SIDES_PX[1:], TILE_SIDES_PX[0]]


def test_it_follows_the_gallery_and_ignores_what_it_cannot_show(slider):
    slider.show_tile_size(256)
    slider.show_tile_size(7)
    assert TILE_SIDES_PX[slider.value()] == 256
