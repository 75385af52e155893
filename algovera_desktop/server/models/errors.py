"""What can be wrong with models: told apart by class, said in the text in words for the user.

ModelsError
├ CatalogueError           the catalogue's file is not what it should be
├ UnknownModelError        nothing of this name can be installed, or is
├ LicenceNotAcceptedError
├ ModelBusyError           another program, or a picture, is at work with it
├ WrongStateError          that cannot be done with the model as it is now
├ FolderRefusedError       the user's folder is no model that can be read safely
├ AddressRefusedError      a mirror's address that cannot be used
└ DownloadError            what was asked of the Hub or the disk did not work
   ├ ConnectionLostError   trying again later may help
   └ NoSpaceError
"""


class ModelsError(Exception):
    """The root of everything that goes wrong with models on purpose."""


class CatalogueError(ModelsError):
    """The text says which file, which entry and what."""


class UnknownModelError(ModelsError):
    """Nothing of this name can be installed, or is."""


class LicenceNotAcceptedError(ModelsError):
    """The model's licence must be accepted before its first byte is asked for."""


class ModelBusyError(ModelsError):
    """Somebody else is at work with the model now."""


class WrongStateError(ModelsError):
    """That cannot be done with the model as it is now."""


class FolderRefusedError(ModelsError):
    """The user's own folder is no model, or not one that can be read safely."""


class AddressRefusedError(ModelsError):
    """A mirror's address that cannot be used."""


class DownloadError(ModelsError):
    """A download will not succeed by being tried again as it is."""


class ConnectionLostError(DownloadError):
    """The Hub could not be reached, or broke off; ``retry_after_s`` if it asked for patience."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NoSpaceError(DownloadError):
    """The disk has no room for the model."""


class RangeRefusedError(DownloadError):
    """The Hub has no bytes from where ours end: what is here cannot be a part of it."""
