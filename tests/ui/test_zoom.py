import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSizeF

from algovera_desktop.ui.widgets.zoom import MAX_SCALE, Zoom

SIDES = st.integers(1, 12_000)
SCALES = st.floats(0.001, 100)
POINTS = st.tuples(st.floats(0, 800), st.floats(0, 600)).map(lambda pair: QPointF(*pair))


def make_zoom(width: int, height: int, ratio: float = 1.0) -> Zoom:
    zoom = Zoom()
    zoom.set_view(QSizeF(800, 600), ratio)
    zoom.set_picture(QSizeF(width, height))
    return zoom


@given(SIDES, SIDES, st.sampled_from([1.0, 1.5, 2.0]))
def test_a_fitted_picture_is_whole_and_in_the_middle(width, height, ratio):
    rect = make_zoom(width, height, ratio).rect()
    assert QRectF(0, 0, 800, 600).contains(rect)
    assert (rect.center().x(), rect.center().y()) == pytest.approx((400, 300))
    assert rect.width() * height == pytest.approx(rect.height() * width)


@given(st.integers(200, 12_000), st.integers(200, 12_000), SCALES, POINTS)
def test_what_is_under_the_pointer_stays_there_unless_an_edge_would_come_in(
    width, height, scale, point
):
    zoom = make_zoom(width, height)
    zoom.set_scale(4.0)
    before = zoom.rect()
    share = (point.x() - before.x()) / before.width(), (point.y() - before.y()) / before.height()
    zoom.set_scale(scale, point)
    after = zoom.rect()
    moved = after.x() + share[0] * after.width() - point.x()
    has_slack = after.left() < -1 and after.right() > 801
    if has_slack:
        assert moved == pytest.approx(0, abs=0.01)


@given(SIDES, SIDES, SCALES, POINTS, POINTS)
def test_panning_never_uncovers_what_the_picture_could_fill(width, height, scale, at, by):
    zoom = make_zoom(width, height)
    zoom.set_scale(scale, at)
    zoom.pan(by * 10)
    rect = zoom.rect()
    if rect.width() >= 800:
        assert rect.left() <= 0.01
        assert rect.right() >= 799.99
    else:
        assert rect.center().x() == pytest.approx(400)


@given(SIDES, SIDES, SCALES)
def test_the_scale_stays_between_fitted_or_one_to_one_and_the_maximum(width, height, scale):
    zoom = make_zoom(width, height)
    fitted = zoom.scale
    zoom.set_scale(scale)
    # A tiny picture is fitted beyond the largest scale that can be asked for.
    assert min(fitted, 1.0) <= zoom.scale <= max(MAX_SCALE, fitted)


def test_one_to_one_means_the_screens_own_pixels(qapp):
    zoom = make_zoom(512, 512, ratio=2.0)
    zoom.set_scale(1.0)
    assert zoom.rect().size() == QSizeF(256, 256)


def test_zooming_out_of_a_large_picture_ends_fitted():
    zoom = make_zoom(4000, 4000)
    zoom.set_scale(1.0)
    assert zoom.is_pannable
    zoom.set_scale(0.0001)
    assert zoom.is_fitted
    assert not zoom.is_pannable
