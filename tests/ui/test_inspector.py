from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from algovera_desktop.domain.images import UNKNOWN_TOOL
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobProgress, JobState
from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from algovera_desktop.library.common_values import CommonValues
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.gallery_selection import selection_of
from algovera_desktop.ui.models.tile_words import describe_tile
from algovera_desktop.ui.picture_commands import PictureCommands
from algovera_desktop.ui.widgets.inspector import Inspector
from support.picture_world import PictureWorld, make_job, picture_world


@pytest.fixture
def world(qapp, tmp_path) -> Iterator[PictureWorld]:
    with picture_world(tmp_path) as world:
        yield world


@pytest.fixture
def commands(themes) -> PictureCommands:
    return PictureCommands(themes)


@pytest.fixture
def inspector(qtbot, world, commands, themes) -> Inspector:
    inspector = Inspector(world.thumbnails, commands, themes)
    qtbot.addWidget(inspector)
    inspector.resize(280, 700)
    inspector.show()
    return inspector


def words(inspector: Inspector) -> list[str]:
    """All text that can be seen, from top to bottom."""
    labels = [label for label in inspector.findChildren(QLabel) if label.isVisible()]
    return [label.text() for label in labels if label.text()]


def buttons(inspector: Inspector) -> dict[str, QPushButton]:
    found = inspector.findChildren(QPushButton)
    return {button.text(): button for button in found if button.isVisible()}


def test_with_nothing_selected_it_says_what_to_do(inspector):
    assert words(inspector) == ["Select a picture"]
    assert buttons(inspector) == {}


def test_a_picture_is_shown_with_all_that_made_it(inspector, world):
    record = world.add_picture(7)
    request = replace(record.request, negative_prompt="text, frames", seed=5_000_000_000)
    inspector.show_selection(selection_of([replace(record, request=request)]))
    shown = words(inspector)
    for expected in (
        "a fox, number 7",
        "text, frames",
        "Sketch (no neural network)",
        "This computer",
        "64 × 48",
        "30",
        "7.5",
        "5000000000",
        record.path.split("/")[-1],
    ):
        assert expected in shown
    assert inspector.preview.isVisible()


def test_of_a_picture_that_says_nothing_no_settings_are_shown(inspector, world):
    record = replace(world.add_picture(7), tool=UNKNOWN_TOOL, server_name="", model_title="")
    inspector.show_selection(selection_of([record]))
    shown = words(inspector)
    assert "64 × 48" in shown
    for name in ("Steps", "Guidance", "Seed", "Model", "Server"):
        assert name not in shown
    assert "Reuse" in buttons(inspector)
    silent = replace(record, id=99, request=replace(record.request, prompt=""))
    inspector.show_selection(selection_of([silent]))
    assert not {"Reuse", "Vary"} & buttons(inspector).keys()


def test_a_prompt_with_markup_is_shown_as_it_was_written(inspector, world):
    record = world.add_picture(1)
    prompt = "<b>fox</b> & <img src=x>"
    inspector.show_selection(
        selection_of([replace(record, request=replace(record.request, prompt=prompt))])
    )
    assert inspector.prompt.text() == prompt
    assert inspector.prompt.textFormat() == Qt.TextFormat.PlainText


def test_without_a_negative_prompt_there_is_no_empty_heading(inspector, world):
    inspector.show_selection(selection_of([world.add_picture(1)]))
    assert "Without" not in words(inspector)


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("Reuse", "reuse_requested"),
        ("Vary", "vary_requested"),
        ("Copy picture", "copy_requested"),
        ("Copy prompt", "copy_prompt_requested"),
        ("Save as…", "save_as_requested"),
        ("Show in folder", "show_in_folder_requested"),
    ],
)
def test_a_button_asks_for_something_of_the_picture(
    qtbot, inspector, world, commands, button, signal
):
    record = world.add_picture(1)
    inspector.show_selection(selection_of([record]))
    with qtbot.waitSignal(getattr(commands, signal)) as asked:
        buttons(inspector)[button].click()
    assert asked.args == [record]


def test_several_pictures_are_counted_and_can_be_deleted(qtbot, inspector, world, commands):
    records = [world.add_picture(number) for number in range(3)]
    inspector.show_selection(selection_of(records))
    assert words(inspector) == ["3 pictures"]
    with qtbot.waitSignal(commands.trash_requested) as asked:
        buttons(inspector)["Delete 3 pictures"].click()
    assert asked.args == [tuple(record.id for record in records)]


@pytest.mark.parametrize(
    ("count", "offered"),
    [
        (3, ["Add to album…", "Compare", "Export…", "Share copy…", "Delete 3 pictures"]),
        (5, ["Add to album…", "Export…", "Share copy…", "Delete 5 pictures"]),
    ],
)
def test_of_several_pictures_all_that_can_be_done_is_offered(
    qtbot, inspector, world, commands, count, offered
):
    records = [world.add_picture(number) for number in range(count)]
    inspector.show_selection(selection_of(records))
    assert list(buttons(inspector)) == offered
    ids = tuple(record.id for record in records)
    for button, signal in (
        ("Export…", commands.export_requested),
        ("Add to album…", commands.album_requested),
    ):
        with qtbot.waitSignal(signal) as asked:
            buttons(inspector)[button].click()
        assert asked.args == [ids]


def test_a_button_that_is_left_alone_takes_the_whole_line(qtbot, inspector, world):
    inspector.show_selection(selection_of([world.add_picture(1)]))
    placed = buttons(inspector)
    qtbot.waitUntil(lambda: placed["Delete"].width() > placed["Reuse"].width())
    assert placed["Delete"].geometry().right() == placed["Vary"].geometry().right()
    assert placed["Reuse"].geometry().top() == placed["Vary"].geometry().top()


def test_several_pictures_in_the_trash_can_only_come_back_or_go(inspector, world):
    records = [replace(world.add_picture(n), trashed_at=datetime.now(UTC)) for n in range(2)]
    inspector.show_selection(selection_of(records))
    assert list(buttons(inspector)) == ["Restore 2 pictures", "Delete for good…"]


def test_buttons_act_on_what_is_shown_now(qtbot, inspector, world, commands):
    first, second = world.add_picture(1), world.add_picture(2)
    inspector.show_selection(selection_of([first]))
    before = buttons(inspector)["Vary"]
    inspector.show_selection(selection_of([second]))
    assert buttons(inspector)["Vary"] is before
    with qtbot.waitSignal(commands.vary_requested) as asked:
        before.click()
    assert asked.args == [second]


def test_a_failed_job_says_what_happened_what_to_do_and_offers_retry(qtbot, inspector, commands):
    failure = JobFailure(FailureKind.PAYMENT, "HTTP 402 Payment Required")
    job = make_job(1, JobState.FAILED, failure=failure)
    inspector.show_selection(selection_of([JobTile(job)]))
    shown = words(inspector)
    assert "The account has no credits left." in shown
    assert failure.detail not in shown
    buttons(inspector)["Show details"].click()
    assert failure.detail in words(inspector)
    with qtbot.waitSignal(commands.retry_jobs_requested) as asked:
        buttons(inspector)["Retry"].click()
    assert asked.args == [(job.id,)]


def test_a_job_whose_answer_was_lost_warns_before_it_is_sent_again(inspector):
    inspector.show_selection(selection_of([JobTile(make_job(1, JobState.UNKNOWN))]))
    assert "charged" in " ".join(words(inspector))
    assert list(buttons(inspector)) == ["Send again", "Dismiss"]


@pytest.mark.parametrize(
    "tile",
    [
        JobTile(make_job(1, JobState.HELD, failure=JobFailure(FailureKind.PAYMENT, "402"))),
        JobTile(make_job(1), held_up_by=FailureKind.PAYMENT),
    ],
    ids=["refused itself", "behind a refused one"],
)
def test_a_job_on_hold_says_what_holds_it_and_what_to_do(inspector, tile):
    inspector.show_selection(selection_of([tile]))
    assert "The account has no credits left." in words(inspector)
    assert "Add credits to the account" in " ".join(words(inspector))
    assert list(buttons(inspector))[-2:] == ["Change", "Cancel"]


def test_a_lost_answer_of_this_computer_is_not_called_a_charge(inspector):
    tile = JobTile(make_job(1, JobState.UNKNOWN, server_id=LOCAL_SERVER_ID))
    inspector.show_selection(selection_of([tile]))
    assert "charged" not in describe_tile(tile) + " ".join(words(inspector))
    assert "at no cost" in " ".join(words(inspector))


def test_a_running_job_shows_its_progress_and_can_be_cancelled(qtbot, inspector, commands):
    job = make_job(1, JobState.RUNNING)
    inspector.show_selection(selection_of([JobTile(job, JobProgress(job.id, 0.25, 0))]))
    assert inspector.report.bar.isVisible()
    assert inspector.report.bar.value() == inspector.report.bar.maximum() / 4
    with qtbot.waitSignal(commands.cancel_jobs_requested) as asked:
        buttons(inspector)["Cancel"].click()
    assert asked.args == [(job.id,)]


def test_a_missing_file_leaves_the_rest_readable(qtbot, inspector, world):
    record = world.add_picture(1)
    world.files.absolute(record.path).unlink()
    inspector.show_selection(selection_of([record]))
    qtbot.waitUntil(lambda: world.thumbnails.problem(record) is not None)
    inspector.grab()
    assert "a fox, number 1" in words(inspector)


def test_long_words_do_not_make_the_column_wider(inspector, world):
    record = world.add_picture(1)
    request = replace(record.request, prompt="x" * 3000)
    inspector.show_selection(selection_of([replace(record, request=request)]))
    assert inspector.widget().width() <= inspector.viewport().width()


def test_a_long_prompt_is_scrolled_in_its_place_and_leaves_the_stars_in_sight(
    qtbot, inspector, world
):
    record = world.add_picture(1)
    inspector.show_selection(selection_of([record]))
    short = inspector.prompt.height()
    text = "a fox in the snow, " * 500
    request = replace(record.request, prompt=text, negative_prompt=text)
    inspector.show_selection(selection_of([replace(record, request=request)]))
    most = 8 * inspector.prompt.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: short < seen_height(inspector.prompt) <= most)
    assert inspector.prompt.height() > 10 * most
    assert seen_height(inspector.curation.stars) > 0
    inspector.show_selection(selection_of([record]))
    qtbot.waitUntil(lambda: seen_height(inspector.prompt) == inspector.prompt.height() == short)


def seen_height(widget: QWidget) -> int:
    return widget.visibleRegion().boundingRect().height()


def test_every_text_and_button_can_be_reached_by_tab_and_has_a_name(inspector, world):
    record = world.add_picture(1)
    inspector.show_selection(selection_of([record]))
    assert inspector.prompt.accessibleName() == f"Prompt: {record.request.prompt}"
    for button in buttons(inspector).values():
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_what_an_imported_file_says_besides_is_shown_on_demand(qtbot, inspector, world):
    record = replace(world.add_picture(1), tool="ComfyUI")
    inspector.show_selection(selection_of([record]))
    assert inspector.fold.isVisible()
    with qtbot.waitSignal(inspector.details_wanted) as wanted:
        inspector.fold.header.click()
    assert wanted.args == [record]
    inspector.show_details(record.id, {"workflow": "{}", "prompt": "x" * 10_000})
    assert inspector.details.text().startswith("workflow\n{}\n\nprompt\nxxx")
    assert len(inspector.details.text()) < 5000
    inspector.show_selection(selection_of([replace(record, rating=3)]))
    assert inspector.details.isVisible()
    inspector.show_selection(selection_of([world.add_picture(2)]))
    assert not inspector.fold.isVisible()


def test_details_of_a_picture_that_is_no_longer_shown_are_left_out(inspector, world):
    first, second = (replace(world.add_picture(n), tool="ComfyUI") for n in (1, 2))
    inspector.show_selection(selection_of([second]))
    inspector.fold.header.click()
    inspector.show_details(first.id, {"workflow": "first"})
    assert "first" not in inspector.details.text()


def test_what_pictures_have_in_common_is_shown_for_those_that_are_selected(inspector, world):
    records = [world.add_picture(number) for number in range(3)]
    asked = []
    inspector.common_wanted.connect(asked.append)
    inspector.show_selection(selection_of(records))
    assert asked == [tuple(one.id for one in records)]
    assert not inspector.curation.isVisible()
    inspector.show_common((1,), CommonValues(1, 1, 5))
    assert not inspector.curation.isVisible()
    inspector.show_common(asked[0], CommonValues(3, 1, None, ("fox",), ("wolf",)))
    assert inspector.curation.isVisible()
    assert inspector.curation.stars.is_mixed
    assert inspector.curation.favourite.accessibleName() == "Favourite: 1 of 3"
    assert inspector.notice.text() == "3 pictures · One favourite"
    assert inspector.curation.tags.tags() == ["fox"]


def test_a_picture_in_the_trash_can_be_seen_but_not_edited(inspector, world):
    record = replace(world.add_picture(1), trashed_at=datetime.now(UTC))
    inspector.show_selection(selection_of([record]))
    assert inspector.curation.isVisible()
    assert not inspector.curation.isEnabled()


def test_nothing_is_cut_off_in_a_narrow_column(qtbot, inspector, world):
    record = replace(world.add_picture(1), rating=3, tags=("a" * 60, "forest", "fox"))
    inspector.resize(inspector.minimumWidth(), 700)
    inspector.show_selection(selection_of([record]))
    qtbot.waitUntil(lambda: inspector.widget().width() <= inspector.viewport().width())


def test_a_button_with_a_large_number_has_a_line_of_its_own(qtbot, inspector, world):
    records = [world.add_picture(number) for number in range(2)]
    inspector.resize(inspector.minimumWidth(), 700)
    inspector.show_selection(replace(selection_of(records), image_ids=range(1_000_000), only=None))
    inspector.show_common(range(1_000_000), CommonValues(1_000_000, 123_456, None))
    qtbot.waitUntil(lambda: inspector.widget().width() <= inspector.viewport().width())


def test_esc_leaves_the_inspector_once_nothing_in_it_needs_it(qtbot, inspector, world):
    inspector.show_selection(selection_of([world.add_picture(1)]))
    field = inspector.curation.tags.field
    field.setText("fo")
    with qtbot.assertNotEmitted(inspector.left):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    with qtbot.waitSignal(inspector.left):
        QTest.keyClick(field, Qt.Key.Key_Escape)
