"""A picture of latents as they stand, without the seconds that a decoder takes.

Each of a latent's channels is given a colour. The colours of Stable Diffusion 1 and 2 were found
by Kevin Turner (https://discuss.huggingface.co/t/decoding-latents-to-rgb-without-upscaling/23204),
those of SDXL stand in diffusers' documentation (Explaining the SDXL latent space).
"""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from algovera_desktop.server.pipelines.model_folder import (
    LATENT_CONSISTENCY,
    STABLE_DIFFUSION,
    STABLE_DIFFUSION_XL,
)

_SD = np.array(
    [[0.298, 0.207, 0.208], [0.187, 0.286, 0.173], [-0.158, 0.189, 0.264], [-0.184, -0.271, -0.473]]
)
_SDXL = np.array([[60, -60, 25, -70], [60, -5, 15, -50], [60, 10, -5, -35]]).T / 127.5
_SDXL_BIAS = np.array([150, 140, 130]) / 127.5 - 1

_COLOURS = {
    STABLE_DIFFUSION: (_SD, np.zeros(3)),
    LATENT_CONSISTENCY: (_SD, np.zeros(3)),
    STABLE_DIFFUSION_XL: (_SDXL, _SDXL_BIAS),
}


def picture_of_latents(latents: NDArray[np.float32], pipeline_class: str) -> Image.Image | None:
    """A pixel for each place of the latents (channels, height, width), None for a pipeline whose
    colours are not known. A pixel stands for eight by eight of the picture."""
    if pipeline_class not in _COLOURS:
        return None
    colours, bias = _COLOURS[pipeline_class]
    rgb = np.einsum("chw,cr->hwr", latents, colours) + bias
    bytes_ = ((np.clip(np.nan_to_num(rgb), -1, 1) + 1) * 127.5).astype(np.uint8)
    return Image.fromarray(cast("NDArray[np.uint8]", bytes_))
