from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from algovera_desktop.domain.generation import (
    DOCUMENTED_MODELS,
    MAX_SEED,
    GenerationRequest,
    IntRange,
    ModelInfo,
    Size,
)
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.ui.widgets.prompt_form import PromptForm

SKETCH = ModelInfo(
    "sketch",
    "Sketch",
    description="Paints; no neural network.",
    steps=IntRange(1, 100),
    default_steps=30,
    sides=IntRange(128, 2048, 8),
)
ABSENT = ModelInfo("huge", "Huge", description="Large and slow.", installed=False)
DALLE = DOCUMENTED_MODELS["dalle"]
STABLE = DOCUMENTED_MODELS["stable"]
SERVERS = [ServerConfig("local", "This computer"), ServerConfig("a1", "Studio", "https://x.test")]


@pytest.fixture
def form(themes, qtbot):
    widget = PromptForm(themes, draw_seed=lambda: 1234)
    qtbot.addWidget(widget)
    widget.resize(300, 700)
    widget.show()
    return widget


@pytest.fixture
def ready(form):
    form.set_models([SKETCH, STABLE, DALLE, ABSENT])
    return form


def named(form: PromptForm, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    (found,) = [w for w in form.findChildren(kind) if w.accessibleName() == name]
    return found


def prompt(form: PromptForm) -> QPlainTextEdit:
    return named(form, "Prompt")


def model(form: PromptForm) -> QComboBox:
    return named(form, "Model")


def generate_button(form: PromptForm) -> QPushButton:
    return named(form, "Generate")


def visible_text(form: PromptForm) -> str:
    return " | ".join(label.text() for label in form.findChildren(QLabel) if label.isVisible())


def choose(qtbot, combo: QComboBox, text: str) -> None:
    """Go through the entries by keyboard to the one that begins with ``text``."""
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.count()):
        if combo.currentText().startswith(text):
            return
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    pytest.fail(f"no entry begins with {text!r}")


def type_number(qtbot, box: QWidget, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def press_generate(qtbot, form: PromptForm) -> list[GenerationRequest]:
    with qtbot.waitSignal(form.generate_requested) as caught:
        qtbot.mouseClick(generate_button(form), Qt.MouseButton.LeftButton)
    return caught.args[0]


def test_the_first_press_makes_a_picture_without_typing(ready, qtbot):
    (request,) = press_generate(qtbot, ready)
    assert request == GenerationRequest(
        "a fox by a lake at sunset", "sketch", 512, 512, 30, 7.5, 1234
    )


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_ctrl_enter_in_the_prompt_generates_and_adds_no_line(ready, qtbot, key):
    prompt(ready).setFocus()
    with qtbot.waitSignal(ready.generate_requested):
        qtbot.keyClick(prompt(ready), key, Qt.KeyboardModifier.ControlModifier)
    assert "\n" not in prompt(ready).toPlainText()


def test_enter_alone_adds_a_line_and_tab_leaves(ready, qtbot):
    edit = prompt(ready)
    edit.setFocus()
    with qtbot.assertNotEmitted(ready.generate_requested):
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "\n" in edit.toPlainText()
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not edit
    assert "\t" not in edit.toPlainText()


def test_everything_chosen_stands_in_the_request(ready, qtbot):
    ready.restore_draft({"prompt": "a cat", "without_open": True})
    qtbot.keyClicks(named(ready, "Without"), "dogs")
    choose(qtbot, model(ready), "Stable")
    type_number(qtbot, named(ready, "Width in pixels"), "640")
    type_number(qtbot, named(ready, "Height in pixels"), "384")
    type_number(qtbot, named(ready, "Steps"), "12")
    type_number(qtbot, named(ready, "Guidance"), "3.25")
    qtbot.keyClicks(named(ready, "Seed"), "9007199254740991")
    type_number(qtbot, named(ready, "Pictures"), "2")
    first, second = press_generate(qtbot, ready)
    assert first == GenerationRequest("a cat", "stable", 640, 384, 12, 3.25, MAX_SEED, "dogs")
    assert second.seed == 0


def test_sides_that_the_model_cannot_do_move_to_the_nearest(ready, qtbot):
    type_number(qtbot, named(ready, "Width in pixels"), "517")
    (request,) = press_generate(qtbot, ready)
    assert request.width == 520
    assert named(ready, "Width in pixels").text() == "520"


def test_a_preset_sets_both_sides_and_swap_turns_them(ready, qtbot):
    choose(qtbot, named(ready, "Size"), "Wide")
    width, height = named(ready, "Width in pixels"), named(ready, "Height in pixels")
    wide = Size(width.value(), height.value())
    assert wide.width > wide.height
    swap = named(ready, "Swap width and height")
    qtbot.mouseClick(swap, Qt.MouseButton.LeftButton)
    assert Size(height.value(), width.value()) == wide
    assert named(ready, "Size").currentText().startswith("Tall")
    assert press_generate(qtbot, ready)[0].width == wide.height


def test_sides_of_ones_own_are_called_custom(ready, qtbot):
    type_number(qtbot, named(ready, "Width in pixels"), "1000")
    assert named(ready, "Size").currentText() == "Custom size"


def test_the_slider_and_the_box_move_together(ready, qtbot):
    slider, box = named(ready, "Steps slider"), named(ready, "Steps")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert box.value() == 31
    type_number(qtbot, box, "77")
    assert slider.value() == 76
    assert press_generate(qtbot, ready)[0].steps == 77


def test_changing_the_model_keeps_a_wish_and_comes_back_to_it(ready, qtbot):
    type_number(qtbot, named(ready, "Steps"), "80")
    choose(qtbot, model(ready), "Stable")
    assert named(ready, "Steps").value() == 50
    choose(qtbot, model(ready), "Sketch")
    assert named(ready, "Steps").value() == 80


def test_numbers_never_touched_take_the_new_models_defaults(ready, qtbot):
    assert named(ready, "Steps").value() == 30
    choose(qtbot, model(ready), "Stable")
    assert named(ready, "Steps").value() == 25


def test_what_the_model_cannot_do_is_disabled_with_its_reason(ready, qtbot):
    choose(qtbot, model(ready), "DALL")
    for name in ("Seed", "Width in pixels", "Without"):
        control = named(ready, name)
        assert not control.isEnabled()
        reason = control.toolTip() or control.parentWidget().toolTip()
        assert "This model" in reason
    sizes = named(ready, "Size")
    assert [sizes.itemData(row) for row in range(sizes.count())] == list(DALLE.sizes)


def test_a_model_that_is_not_installed_is_shown_and_cannot_be_chosen(ready):
    combo = model(ready)
    row = combo.count() - 1
    index = combo.model().index(row, 0)
    assert "Huge" in combo.itemText(row)
    assert not index.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "not installed" in index.data(Qt.ItemDataRole.ToolTipRole)


def test_an_empty_prompt_is_answered_beside_it(ready, qtbot):
    prompt(ready).setPlainText("   ")
    with qtbot.assertNotEmitted(ready.generate_requested):
        qtbot.mouseClick(generate_button(ready), Qt.MouseButton.LeftButton)
    assert "Write what you want to see." in visible_text(ready)
    assert prompt(ready).hasFocus()
    qtbot.keyClicks(prompt(ready), "a fox")
    assert "Write what you want to see." not in visible_text(ready)


def test_a_prompt_that_is_too_long_says_so_while_it_is_typed(ready, qtbot):
    prompt(ready).setPlainText("x" * 8001)
    assert "Too long: at most" in visible_text(ready)
    with qtbot.assertNotEmitted(ready.generate_requested):
        ready.generate_action.trigger()
    prompt(ready).setPlainText("x" * 8000)
    assert "at most" not in visible_text(ready)


def test_without_models_the_words_stay_and_the_reason_is_seen(ready):
    prompt(ready).setPlainText("my long prompt")
    ready.set_models_unavailable("The server is starting.")
    assert not generate_button(ready).isEnabled()
    assert not ready.generate_action.isEnabled()
    assert "The server is starting." in visible_text(ready)
    assert prompt(ready).toPlainText() == "my long prompt"
    ready.set_models([SKETCH])
    assert generate_button(ready).isEnabled()
    assert "starting" not in visible_text(ready)


def test_before_the_first_models_it_says_that_it_looks(form):
    assert not generate_button(form).isEnabled()
    assert "Looking for models" in visible_text(form)


def test_a_server_without_a_ready_model_is_told(form):
    form.set_models([ABSENT])
    assert not generate_button(form).isEnabled()
    assert "no model that is ready" in visible_text(form)


def test_where_is_asked_only_with_more_than_one_server(form, qtbot):
    form.set_servers(SERVERS[:1], "local")
    assert not named(form, "Where").isVisible()
    form.set_servers(SERVERS, "local")
    assert named(form, "Where").isVisible()
    with qtbot.waitSignal(form.server_changed) as caught:
        choose(qtbot, named(form, "Where"), "Studio")
    assert caught.args == ["a1"]


def test_setting_the_servers_or_models_is_not_told_as_the_users_choice(form, qtbot):
    with qtbot.assertNotEmitted(form.server_changed), qtbot.assertNotEmitted(form.draft_changed):
        form.set_servers(SERVERS, "a1")
        form.set_models([SKETCH, STABLE])


def test_every_keystroke_is_told_and_restored(ready, qtbot, themes):
    drafts = []
    ready.draft_changed.connect(drafts.append)
    prompt(ready).clear()
    prompt(ready).setFocus()
    qtbot.keyClicks(prompt(ready), "two cats")
    choose(qtbot, model(ready), "Stable")
    type_number(qtbot, named(ready, "Steps"), "44")
    qtbot.keyClicks(named(ready, "Seed"), "5000000000")
    other = PromptForm(themes)
    qtbot.addWidget(other)
    other.restore_draft(drafts[-1])
    other.set_models([SKETCH, STABLE])
    assert press_generate(qtbot, other) == press_generate(qtbot, ready)
    assert other.draft() == ready.draft()


def test_what_is_typed_first_replaces_the_example(ready, qtbot):
    ready.restore_draft({})
    qtbot.keyClicks(prompt(ready), "two cats")
    assert prompt(ready).toPlainText() == "two cats"


def test_after_a_restart_typing_goes_on_at_the_end(ready, qtbot):
    ready.restore_draft({"prompt": "two cats"})
    qtbot.keyClicks(prompt(ready), " asleep")
    assert prompt(ready).toPlainText() == "two cats asleep"


def test_a_cleared_prompt_stays_clear_after_a_restart(ready):
    prompt(ready).clear()
    saved = ready.draft()
    ready.restore_draft(saved)
    assert prompt(ready).toPlainText() == ""


def test_reuse_fills_the_form_and_undo_brings_the_words_back(ready, qtbot):
    prompt(ready).setPlainText("my own words")
    request = GenerationRequest("a fox", "stable", 640, 512, 12, 3.5, 77, "people")
    with qtbot.waitSignal(ready.draft_changed):
        ready.load_request(request, keep_seed=True)
    assert press_generate(qtbot, ready) == [request]
    assert named(ready, "Without").isVisible()
    prompt(ready).setFocus()
    qtbot.keyClick(prompt(ready), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert prompt(ready).toPlainText() == "my own words"
    assert ready.draft()["prompt"] == "my own words"


def test_a_picture_of_which_only_the_words_are_known_leaves_the_rest_as_it_is(ready, qtbot):
    ready.load_request(GenerationRequest("a", "stable", 640, 512, 12, 3.5, 77), keep_seed=True)
    ready.load_prompt("a fox", "ab" * 32)
    expected = GenerationRequest("a fox", "stable", 640, 512, 12, 3.5, 77)
    assert press_generate(qtbot, ready) == [expected]
    assert ready.parent_sha256 == "ab" * 32


def test_what_is_made_of_a_pictures_settings_varies_it_until_it_is_something_else(ready):
    request = GenerationRequest("a red fox in the snow", "sketch")
    ready.load_request(request, keep_seed=True, picture_sha256="ab" * 32)
    assert ready.parent_sha256 == "ab" * 32
    prompt(ready).setPlainText("a blue fox in the snow")
    assert ready.parent_sha256 == "ab" * 32
    prompt(ready).setPlainText("two boats at dawn")
    assert ready.parent_sha256 == ""


def test_vary_takes_everything_but_the_seed(ready, qtbot):
    request = GenerationRequest("a fox", "sketch", 640, 512, 12, 3.5, 77)
    ready.load_request(request, keep_seed=False)
    (again,) = press_generate(qtbot, ready)
    assert again.seed == 1234
    assert (again.width, again.steps) == (640, 12)


def test_a_models_name_that_does_not_fit_ends_in_dots_and_is_told_whole(form):
    title = "A model with a name that is far too long for the column"
    form.set_models([replace(SKETCH, title=title)])
    shown = QStyleOptionComboBox()
    model(form).initStyleOption(shown)
    assert shown.currentText.startswith("A model")
    assert shown.currentText.endswith("…")
    assert title in model(form).toolTip()
    model(form).setFixedWidth(1000)
    model(form).initStyleOption(shown)
    assert shown.currentText == title


def test_reuse_of_a_model_that_is_not_offered_keeps_the_numbers_and_says_so(form, qtbot):
    form.set_models([SKETCH])
    form.load_request(GenerationRequest("a fox", "stable", 640, 512, 12, 3.5, 77), keep_seed=True)
    words = visible_text(form)
    assert "“Stable Diffusion (latest)” is not offered here" in words
    assert "“Sketch” is used instead" in words
    (request,) = press_generate(qtbot, form)
    assert (request.model, request.width, request.steps, request.seed) == ("sketch", 640, 12, 77)
    form.set_models([SKETCH, STABLE])
    assert model(form).currentText().startswith("Stable")
    assert "not offered" not in visible_text(form)


def test_the_dice_goes_from_random_to_a_number_to_keep_and_back(ready, qtbot):
    dice, seed = named(ready, "Random seed"), named(ready, "Seed")
    assert dice.isChecked()
    qtbot.mouseClick(dice, Qt.MouseButton.LeftButton)
    assert seed.text() == "1234"
    assert ready.draft()["seed"] == 1234
    qtbot.mouseClick(dice, Qt.MouseButton.LeftButton)
    assert seed.text() == ""
    assert "seed" not in ready.draft()


def test_a_seed_is_digits_only_and_no_larger_than_can_be_sent(ready, qtbot):
    seed = named(ready, "Seed")
    seed.setFocus()
    qtbot.keyClicks(seed, "-9.e999999999999999999")
    assert seed.text().isdigit()
    qtbot.keyClick(seed, Qt.Key.Key_Tab)
    assert int(seed.text()) == MAX_SEED


def test_folded_away_the_negative_prompt_is_still_told(ready, qtbot):
    ready.restore_draft({"prompt": "a fox", "negative_prompt": "people & text"})
    header = named(ready, "Without (what should not be in the picture)")
    assert not named(ready, "Without").isVisible()
    assert "people && text" in header.text()
    qtbot.mouseClick(header, Qt.MouseButton.LeftButton)
    assert named(ready, "Without").hasFocus()


def test_the_prompt_grows_with_its_words_up_to_a_limit(ready):
    edit = prompt(ready)
    short = edit.height()
    edit.setPlainText("a fox by a lake at sunset " * 12)
    QApplication.processEvents()
    grown = edit.height()
    edit.setPlainText("a fox by a lake at sunset " * 200)
    QApplication.processEvents()
    assert short < grown < edit.height() < 400


def wheel_over(control: QWidget) -> None:
    at = QPointF(control.rect().center())
    event = QWheelEvent(
        at,
        QPointF(control.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, event)


def test_scrolling_past_a_number_does_not_change_it(ready):
    box = named(ready, "Steps")
    wheel_over(box)
    assert box.value() == 30
    box.setFocus()
    wheel_over(box)
    assert box.value() == 31


def test_every_control_has_a_name_that_no_other_has(ready):
    kinds = (QPlainTextEdit, QComboBox, QAbstractSpinBox, QSlider, QPushButton, QToolButton)
    controls = [control for kind in kinds for control in ready.findChildren(kind)]
    controls += [
        e for e in ready.findChildren(QLineEdit) if e.objectName() != "qt_spinbox_lineedit"
    ]
    names = [control.accessibleName() for control in controls]
    assert all(names)
    assert len(set(names)) == len(names)


def test_tab_goes_from_top_to_bottom(ready, qtbot):
    ready.set_servers(SERVERS, "local")
    ready.restore_draft({"prompt": "a fox", "without_open": True})
    prompt(ready).setFocus()
    order = []
    for _ in range(16):
        order.append(QApplication.focusWidget().accessibleName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert order[:15] == [
        "Prompt",
        "Without (what should not be in the picture)",
        "Without",
        "Where",
        "Model",
        "Size",
        "Width in pixels",
        "Height in pixels",
        "Steps slider",
        "Steps",
        "Guidance slider",
        "Guidance",
        "Seed",
        "Random seed",
        "Pictures",
    ]
    assert order[15] == "Generate"


def test_no_two_labels_want_the_same_key(ready):
    ready.set_servers(SERVERS, "local")
    texts = [label.text() for label in ready.findChildren(QLabel) if label.buddy()]
    texts += [button.text() for button in ready.findChildren(QToolButton)]
    keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
    assert len(keys) == 9
    assert len(set(keys)) == len(keys)
