"""What one key may ask of the server, so that five people can share it."""

from dataclasses import dataclass

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import GenerationRequest


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """Jobs waiting, pixels a picture and steps, each at most; None: as the server has it, and
    in the server's own limits none."""

    waiting: int | None = None
    pixels: int | None = None
    steps: int | None = None

    def or_else(self, general: "KeyLimits") -> "KeyLimits":
        """These, and where there is none the general one."""
        return KeyLimits(
            general.waiting if self.waiting is None else self.waiting,
            general.pixels if self.pixels is None else self.pixels,
            general.steps if self.steps is None else self.steps,
        )

    def check(self, request: GenerationRequest) -> None:
        """Raise InvalidRequestError for the first parameter that is above its limit."""
        pixels = request.width * request.height
        if self.pixels is not None and pixels > self.pixels:
            limit = f"times height must be at most {self.pixels} pixels with this key"
            raise InvalidRequestError("width", limit, pixels)
        if self.steps is not None and request.steps > self.steps:
            limit = f"must be at most {self.steps} with this key"
            raise InvalidRequestError("steps", limit, request.steps)
