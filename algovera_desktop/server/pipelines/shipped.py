"""The pipelines that ship. Importing this imports none of them."""

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.base import Pipeline

SHIPPED_PIPELINES = (f"{__name__}:sketch",)
"""``module:factory`` of each, the one to be warm at start first."""


def sketch() -> Pipeline:
    from algovera_desktop.server.pipelines.sketch.emoji_set import EmojiSet
    from algovera_desktop.server.pipelines.sketch.pipeline import SketchPipeline
    from algovera_desktop.server.pipelines.sketch.reading import read

    return SketchPipeline(EmojiSet(resource_path("sketch/emoji")), read)
