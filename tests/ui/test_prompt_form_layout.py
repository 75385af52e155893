"""How the form stands when it is narrow, its letters large, or its colours others."""

import pytest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from algovera_desktop.domain.generation import ModelInfo, Size
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.ui.theme import ThemePreference
from algovera_desktop.ui.widgets.prompt_form import PromptForm

SKETCH = ModelInfo("sketch", "Sketch", native_size=Size(512, 512), default_steps=30)

SERVERS = [ServerConfig("local", "This computer"), ServerConfig("a1", "Studio", "https://x.test")]


@pytest.fixture
def ready(themes, qtbot):
    form = PromptForm(themes)
    qtbot.addWidget(form)
    form.set_models([SKETCH])
    form.show()
    return form


def named(form: PromptForm, name: str) -> QWidget:
    (found,) = [child for child in form.findChildren(QWidget) if child.accessibleName() == name]
    return found


def test_at_its_narrowest_nothing_is_cut_off(ready):
    ready.set_servers(SERVERS, "local")
    ready.resize(0, 560)
    assert ready.width() <= 280
    for kind in (QComboBox, QAbstractSpinBox, QSlider, QToolButton, QPushButton):
        for control in ready.findChildren(kind):
            if control.isVisible():
                right = control.mapTo(ready, control.rect().topRight()).x()
                assert right < ready.width(), control.accessibleName()


@pytest.fixture
def twice_as_large(qapp):
    before = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(before.pointSizeF() * 2)
    qapp.setFont(larger)
    yield
    qapp.setFont(before)


@pytest.mark.usefixtures("twice_as_large")
def test_with_a_larger_font_it_is_wider_and_nothing_is_cut_off(ready):
    ready.resize(0, 560)
    boxes = [box for box in ready.findChildren(QAbstractSpinBox) if box.isVisible()]
    assert all(box.mapTo(ready, box.rect().topRight()).x() < ready.width() for box in boxes)
    assert ready.width() > 300


def test_it_can_be_dressed_anew(ready, themes):
    ready.set_models([SKETCH])
    themes.set_preference(ThemePreference.DARK)
    icon = named(ready, "Swap width and height").icon()
    image = icon.pixmap(16, 16).toImage()
    lit = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
    assert max(pixel.lightness() for pixel in lit if pixel.alpha() == 255) > 200
