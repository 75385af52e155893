"""The small pictures that show how a painting goes on."""

import io
import math
import time
import traceback
from collections.abc import Callable

from PIL import Image

from algovera_desktop.server.pipelines.base import PreviewSource

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

    def take(self, make: PreviewSource) -> bytes | None:
        """Make one now, as a JPEG, and wait for as long as it costs.

        None where there is none, whatever went wrong: the picture is not given up for a look at
        it. No other is due then.
        """
        began_at = self._now()
        jpeg = _jpeg_if_possible(make)
        ended_at = self._now()
        pause_s = max(_GAP_S, (ended_at - began_at) / _SHARE)
        self._due_at = math.inf if jpeg is None else ended_at + pause_s
        return jpeg


def _jpeg_if_possible(make: PreviewSource) -> bytes | None:
    try:
        picture = make()
        return None if picture is None else _small_jpeg(picture)
    except Exception:
        traceback.print_exc()
        return None


def _small_jpeg(picture: Image.Image) -> bytes:
    scale = PREVIEW_SIDE / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    small = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    encoded = io.BytesIO()
    small.save(encoded, "JPEG", quality=_JPEG_QUALITY)
    return encoded.getvalue()
