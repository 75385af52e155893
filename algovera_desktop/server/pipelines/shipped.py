"""The pipelines that ship, by name: importing this imports none of them."""

SHIPPED_PIPELINES = ("algovera_desktop.server.pipelines.sketch.pipeline:SketchPipeline",)
"""``module:factory`` of each, the one to be warm at start first."""
