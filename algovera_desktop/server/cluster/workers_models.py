"""What a server whose workers paint has installed itself: nothing."""

from collections.abc import Sequence

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.server.pipelines.base import Checkpoint


class WorkersModels:
    """A CheckpointSource without models: the painter announces those that its workers have."""

    async def installed(self) -> Sequence[Checkpoint]:
        return ()

    async def known(self) -> Sequence[ModelInfo]:
        return ()
