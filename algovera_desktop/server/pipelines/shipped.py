"""The pipelines that ship. Importing this imports none of them."""

from algovera_desktop.resources import resource_path
from algovera_desktop.server.pipelines.base import Pipeline

SHIPPED_PIPELINES = (f"{__name__}:sketch",)
"""``module:factory`` of each, the one to be warm at start first."""


def sketch() -> Pipeline:
    """The painter that needs no download."""
    from algovera_desktop.server.pipelines.sketch.emoji_set import EmojiSet
    from algovera_desktop.server.pipelines.sketch.pipeline import SketchPipeline
    from algovera_desktop.server.pipelines.sketch.reading import PromptReader
    from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary

    folder = resource_path("sketch")
    reader = PromptReader(Vocabulary.load(folder))
    return SketchPipeline(EmojiSet(folder / "emoji"), reader.read_prompt)
