"""What becomes of a model whose device fails."""

import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

from algovera_desktop.server.pipelines.base import RenderFailedError

T = TypeVar("T")


def load_on_first(devices: Sequence[str], load: Callable[[str], tuple[T, str]]) -> tuple[T, str]:
    """What ``load`` makes on the first of these devices that does not fail, and that one in words.

    ``load`` gives both for a device. The words tell which failed, and the log why. Raises what
    the last one raises, and RenderFailedError at once: it is the model's and not a device's.
    """
    device, *others = devices
    try:
        return load(device)
    except RenderFailedError:
        raise
    except Exception:
        if not others:
            raise
        traceback.print_exc()
    loaded, words = load_on_first(others, load)
    return loaded, f"{words}; {device} could not be used"
