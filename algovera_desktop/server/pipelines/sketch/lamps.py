"""Things that give light: their flames and panes keep their colour in the dark and glow."""

import numpy as np
from PIL import Image, ImageFilter

from algovera_desktop.server.pipelines.sketch.fields import Floats, smooth
from algovera_desktop.server.pipelines.sketch.palette import Palette

_LAMPS = frozenset(
    {
        "own-cabin",
        "own-campfire",
        "own-fireplace",
        "own-igloo",
        "own-lighthouse",
        "own-roof",
        "own-street-lamp",
        "own-airship",
        "1f3ee",
        "1f56f",
        "1f525",
        "1f383",
        "1fa94",
        "1f4a1",
        "1f6f8",
        "1f682",
    }
)
_GLOW = (255.0, 196.0, 110.0)


def flames(key: str, rgb: Floats, palette: Palette) -> Floats | None:
    """How much each pixel of a lamp shines, 0.0 to 1.0; None by day and for what is no lamp."""
    if key not in _LAMPS or not (palette.night or palette.overcast > 0.6):
        return None
    warm = smooth(175.0, 225.0, rgb[..., 0]) * smooth(30.0, 70.0, rgb[..., 0] - rgb[..., 2])
    return warm * smooth(90.0, 120.0, rgb[..., 1])


def lit_up(under: Floats, shining: Floats) -> Floats:
    """``under`` (h, w, 3) in the soft light of what shines (h, w) in its middle."""
    height, width = shining.shape
    plate = Image.fromarray((np.minimum(shining, 1.0) * np.float32(255)).astype(np.uint8))
    reach = max(2, min(height, width) // 9)
    near = np.asarray(plate.filter(ImageFilter.GaussianBlur(reach))).astype(np.float32)
    far = np.asarray(plate.filter(ImageFilter.GaussianBlur(reach * 1.5))).astype(np.float32)
    part = near * np.float32(0.24 / max(float(near.max()), 1.0))
    part += far * np.float32(0.3 / max(float(far.max()), 1.0))
    return under + (np.asarray(_GLOW, np.float32) - under) * part[..., None]
