"""The small pictures that show how a painting goes on."""

import io
import time
from collections.abc import Callable

from PIL import Image

PREVIEW_SIDE = 256
"""The longer side, in pixels."""

_JPEG_QUALITY = 80
_GAP_S = 1.0
_SHARE = 0.05


class PreviewClock:
    """When the next preview is due: a second after the last, and later where they are dear.

    A decoder may take longer than a step; previews may cost a twentieth of the time at most.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._due_at = now() + _GAP_S

    def is_due(self) -> bool:
        return self._now() >= self._due_at

    def take(self, make: Callable[[], Image.Image]) -> bytes:
        """Make one now, as a JPEG, and wait for as long as it costs."""
        began_at = self._now()
        jpeg = _small_jpeg(make())
        ended_at = self._now()
        self._due_at = ended_at + max(_GAP_S, (ended_at - began_at) / _SHARE)
        return jpeg


def _small_jpeg(picture: Image.Image) -> bytes:
    scale = PREVIEW_SIDE / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=_JPEG_QUALITY)
    return encoded.getvalue()
