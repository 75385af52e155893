"""Which part of a picture is seen, and how large."""

from PySide6.QtCore import QPointF, QRectF, QSizeF

MAX_SCALE = 32.0
_MARGIN = 16.0


class Zoom:
    """Places a picture in a view. ``scale`` is device pixels for each pixel of the picture;
    points and sizes of the view are device-independent.

    While ``is_fitted`` the picture follows the view's size. Zooming out ends at fitted, or
    at 1:1 for a picture smaller than the view.
    """

    def __init__(self) -> None:
        self.is_fitted = True
        self._view = QSizeF(1, 1)
        self._picture = QSizeF(1, 1)
        self._ratio = 1.0
        self._scale = 1.0
        self._centre = QPointF()

    @property
    def scale(self) -> float:
        return self._fitted_scale() if self.is_fitted else self._scale

    @property
    def is_pannable(self) -> bool:
        """Whether some of the picture lies outside the view."""
        rect = self.rect()
        return rect.width() > self._view.width() or rect.height() > self._view.height()

    def set_view(self, size: QSizeF, ratio: float) -> None:
        """``ratio`` is device pixels for each device-independent one."""
        self._view, self._ratio = size, ratio
        self._keep_in_view()

    def set_picture(self, size: QSizeF) -> None:
        """Show another picture, fitted."""
        self._picture = size
        self.is_fitted = True

    def fit(self) -> None:
        self.is_fitted = True

    def set_scale(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom so that what is at ``at``, by default in the middle, stays there."""
        at = self._middle() if at is None else at
        fixed = self._to_picture(at)
        lowest = min(self._fitted_scale(), 1.0)
        self._scale = min(max(scale, lowest), MAX_SCALE)
        self.is_fitted = self._scale == lowest < 1.0
        self._centre = fixed - (at - self._middle()) / self._per_pixel()
        self._keep_in_view()

    def pan(self, by: QPointF) -> None:
        """Move the picture by a distance of the view."""
        if not self.is_fitted:
            self._centre -= by / self._per_pixel()
            self._keep_in_view()

    def follow(self, other: "Zoom") -> None:
        """Show the same part of this picture that ``other`` shows of its own, as large as there,
        also where the one has more pixels than the other."""
        self.is_fitted = other.is_fitted
        if self.is_fitted:
            return
        across = self._picture.width() / other._picture.width()
        down = self._picture.height() / other._picture.height()
        self._scale = min(other._scale / across, MAX_SCALE)
        self._centre = QPointF(other._centre.x() * across, other._centre.y() * down)
        self._keep_in_view()

    def rect(self) -> QRectF:
        """Where the whole picture lies, in the view's coordinates."""
        size = self._picture * self._per_pixel()
        centre = QPointF(self._picture.width() / 2, self._picture.height() / 2)
        shift = QPointF() if self.is_fitted else centre - self._centre
        rect = QRectF(QPointF(), size)
        rect.moveCenter(self._middle() + shift * self._per_pixel())
        return rect

    def _per_pixel(self) -> float:
        return self.scale / self._ratio

    def _middle(self) -> QPointF:
        return QPointF(self._view.width() / 2, self._view.height() / 2)

    def _to_picture(self, point: QPointF) -> QPointF:
        return (point - self.rect().topLeft()) / self._per_pixel()

    def _fitted_scale(self) -> float:
        width = max(self._view.width() - 2 * _MARGIN, 1.0) / self._picture.width()
        height = max(self._view.height() - 2 * _MARGIN, 1.0) / self._picture.height()
        return min(width, height) * self._ratio

    def _keep_in_view(self) -> None:
        """Never pan past an edge, and keep centred what is smaller than the view."""
        self._centre = QPointF(
            _kept(self._centre.x(), self._picture.width(), self._view.width() / self._per_pixel()),
            _kept(
                self._centre.y(), self._picture.height(), self._view.height() / self._per_pixel()
            ),
        )


def _kept(centre: float, length: float, seen: float) -> float:
    if seen >= length:
        return length / 2
    return min(max(centre, seen / 2), length - seen / 2)
