"""The models with which another company paints, for money."""

from collections.abc import Callable, Sequence

from algovera_desktop.domain.generation import ModelInfo, Size
from algovera_desktop.server.painting import CheckpointSource
from algovera_desktop.server.pipelines.base import Checkpoint, RemoteAccess

OPENAI_ADDRESS = "https://api.openai.com/v1"
LIVING_MODEL = "gpt-image-1-mini"
"""What stands in for DALL·E 2, which OpenAI retired in May 2026."""

OPENAI_RUNTIME = "openai"

_SMALL = (Size(256, 256), Size(512, 512))
_SQUARE = Size(1024, 1024)
_LONG = (Size(1536, 1024), Size(1024, 1536))


def dalle(access: RemoteAccess | None = None) -> Checkpoint:
    """The published name ``dalle``, and the model that paints for it."""
    model = LIVING_MODEL if access is None else access.model
    info = ModelInfo(
        name="dalle",
        title=f"OpenAI Images ({model})",
        description=(
            "Painted by OpenAI, or the server that you chose in its place, for money and with "
            "your own key. There is no seed: the same words give another picture each time. "
            "Sizes below 1024 are painted at 1024 and made smaller."
        ),
        native_size=_SQUARE,
        sizes=(*_SMALL, _SQUARE, *_LONG),
        supports_negative_prompt=False,
        supports_seed=False,
        installed=access is not None,
    )
    return Checkpoint(info, OPENAI_RUNTIME, is_paid=True)


class RemoteModels:
    """A CheckpointSource: what another one has, and ``dalle`` while there is a key for it.

    The key is in memory only; who starts the server hands it over again each time.
    ``on_changed`` is called when there is one, or none any more.
    """

    def __init__(self, others: CheckpointSource, access: RemoteAccess | None = None) -> None:
        self._others = others
        self._access = access
        self.on_changed: Callable[[], None] = lambda: None

    @property
    def has_access(self) -> bool:
        """Whether there is a key, so that it can be painted with now."""
        return self._access is not None

    def allow(self, access: RemoteAccess | None) -> None:
        """Use this key from now on, or with None no longer any."""
        self._access = access
        self.on_changed()

    def access_for(self, checkpoint: Checkpoint | None) -> RemoteAccess | None:
        """What its painter needs to be let in; None for a model that costs nothing."""
        is_remote = checkpoint is not None and checkpoint.runtime == OPENAI_RUNTIME
        return self._access if is_remote else None

    async def installed(self) -> Sequence[Checkpoint]:
        """Those that can be painted with now, by name."""
        remote = [] if self._access is None else [dalle(self._access)]
        return [*remote, *await self._others.installed()]

    async def known(self) -> Sequence[ModelInfo]:
        """Those that could be had too."""
        remote = dalle(self._access).model
        others = await self._others.known()
        return [remote, *(model for model in others if model.name != remote.name)]
