"""A picture of latents: a pixel a place, in colours that are known for the kind of model."""

import numpy as np
import pytest

from algovera_desktop.server.pipelines.latents import picture_of_latents
from algovera_desktop.server.pipelines.model_folder import STABLE_DIFFUSION, STABLE_DIFFUSION_XL


@pytest.mark.parametrize("kind", [STABLE_DIFFUSION, STABLE_DIFFUSION_XL])
def test_a_channel_that_grows_changes_the_colour_at_its_place_alone(kind: str) -> None:
    latents = np.zeros((4, 2, 3), np.float32)
    plain = picture_of_latents(latents, kind)
    latents[0, 1, 2] = 1
    lit = picture_of_latents(latents, kind)
    assert plain is not None
    assert lit is not None
    assert plain.size == lit.size == (3, 2)
    changed = np.argwhere((np.array(plain) != np.array(lit)).any(axis=2))
    assert changed.tolist() == [[1, 2]]


def test_latents_that_went_wrong_still_make_a_picture() -> None:
    latents = np.full((4, 2, 2), np.nan, np.float32)
    latents[0] = 1e30
    assert picture_of_latents(latents, STABLE_DIFFUSION) is not None


def test_a_model_whose_colours_are_not_known_has_no_such_picture() -> None:
    assert picture_of_latents(np.zeros((16, 2, 2), np.float32), "FluxPipeline") is None
