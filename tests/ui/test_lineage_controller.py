"""The family of the picture that is shown, and what comes into it while it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QToolButton

from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.ui.lineage_controller import LineageController
from algovera_desktop.ui.widgets.lineage_line import LineageLine
from support.picture_world import PictureWorld, picture_world


@dataclass
class Stage:
    world: PictureWorld
    line: LineageLine
    controller: LineageController

    def add_child(self, number: int, parent: ImageRecord) -> ImageRecord:
        child = self.world.add_picture(number)
        self.world.database.write(
            lambda connection: connection.execute(
                "UPDATE images SET parent_sha256 = ? WHERE id = ?", (parent.sha256, child.id)
            )
        )
        found = self.world.library.get(child.id)
        assert found is not None
        return found

    def names(self) -> list[str]:
        tiles = self.line.findChildren(QToolButton)
        return [tile.accessibleName() for tile in tiles if not tile.isHidden()]


@pytest.fixture
def stage(qtbot, tmp_path, themes) -> Iterator[Stage]:
    with picture_world(tmp_path) as world:
        line = LineageLine(world.thumbnails, themes)
        qtbot.addWidget(line)
        yield Stage(world, line, LineageController(world.database, line, world.tasks))


def test_a_child_that_comes_while_its_parent_is_shown_joins_the_line(qtbot, stage):
    shown = stage.world.add_picture(0)
    stage.controller.show_record(shown)
    qtbot.waitUntil(lambda: stage.world.tasks.live_count == 0)
    assert stage.line.isHidden()
    stage.controller.picture_came(stage.add_child(1, shown))
    family = ["This picture: a fox, number 0", "Varied into: a fox, number 1"]
    qtbot.waitUntil(lambda: stage.names() == family)


def test_a_child_in_the_trash_leaves_the_line_and_comes_back_with_undo(qtbot, stage):
    shown = stage.world.add_picture(0)
    child = stage.add_child(1, shown)
    stage.controller.show_record(shown)
    qtbot.waitUntil(lambda: len(stage.names()) == 2)
    stage.world.library.trash([child.id])
    stage.controller.look_again()
    qtbot.waitUntil(lambda: stage.line.isHidden())
    stage.world.library.restore([child.id])
    stage.controller.look_again()
    qtbot.waitUntil(lambda: len(stage.names()) == 2 and not stage.line.isHidden())
