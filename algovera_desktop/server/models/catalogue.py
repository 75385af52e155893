"""Which models there are to be had: read from a file, so that a release is not needed for one more.

The file is JSON, ``{"format": 1, "models": [...]}``; each entry is a :class:`CatalogueEntry`. A
file of the user's own, ``catalogue.json`` in the models' folder, replaces entries by name and adds
others.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config

from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.resources import resource_path
from algovera_desktop.server.models.errors import CatalogueError, UnknownModelError

NEWEST = "stable"
"""The published name that stands for the newest Stable Diffusion that is installed."""

OWN_CATALOGUE = "catalogue.json"

_log = logging.getLogger(__name__)

_STRICT = ConfigDict(extra="forbid")
_HubId = Annotated[str, Field(pattern=r"^([0-9A-Za-z][\w.-]*/[0-9A-Za-z][\w.-]*)?$")]
_Revision = Annotated[str, Field(pattern=r"^[0-9A-Za-z][\w.-]*$")]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Bytes = Annotated[int, Field(ge=0)]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class Licence:
    """What the user agrees to, and where its text can be read."""

    name: Annotated[str, Field(min_length=1)]
    address: Annotated[str, Field(pattern=r"^https://")]


def _sound(model: ModelInfo) -> ModelInfo:
    """Refuse a model whose own defaults break its own limits, which no request could mend."""
    if not model.name.strip() or not model.title.strip():
        raise ValueError("name and title must not be empty")
    if not model.steps.minimum <= model.default_steps <= model.steps.maximum:
        raise ValueError("default_steps is outside steps")
    guidance = model.guidance_scale
    if not guidance.minimum <= model.default_guidance_scale <= guidance.maximum:
        raise ValueError("default_guidance_scale is outside guidance_scale")
    if not model.sizes and model.native_size.width != model.sides.nearest(model.native_size.width):
        raise ValueError("native_size is outside sides")
    return model


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model that can be installed.

    ``runtime`` paints it. ``hub_id`` is where it is downloaded from, "" where nowhere; of its
    files those that match ``include`` are. ``sha256`` (by path) is known beforehand for some.
    ``reference_s`` is how long a picture of native size and default steps took on the computer of
    ``speed.REFERENCE_GFLOPS``, 0 where nobody measured.
    ``download_bytes`` and ``memory_bytes`` are 0 where nobody knows; the true size is asked of
    the Hub before a download, and what nobody measured is twice the files, as for
    ``model_folder.needed_bytes``. ``stable_rank`` orders the Stable Diffusions by age, 0 for
    others.
    """

    model: Annotated[ModelInfo, AfterValidator(_sound)]
    runtime: Literal["openvino", "diffusers", "openai"]
    licence: Licence
    hub_id: _HubId = ""
    revision: _Revision = "main"
    include: tuple[str, ...] = ()
    sha256: Mapping[str, _Sha256] = field(default_factory=dict[str, str])
    download_bytes: _Bytes = 0
    memory_bytes: _Bytes = 0
    reference_s: Annotated[float, Field(ge=0)] = 0.0
    recommended: bool = False
    stable_rank: int = 0
    note: str = ""

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def is_downloadable(self) -> bool:
        return bool(self.hub_id)

    def info(self, *, installed: bool) -> ModelInfo:
        """The model as the protocol tells of it."""
        return replace(self.model, installed=installed, size_bytes=self.download_bytes)


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class _CatalogueFile:
    format: Literal[1]
    models: tuple[CatalogueEntry, ...]


_FILE = TypeAdapter(_CatalogueFile)


class Catalogue:
    """The models that can be had, in the order in which they are offered."""

    def __init__(self, entries: tuple[CatalogueEntry, ...]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    def __iter__(self) -> Iterator[CatalogueEntry]:
        return iter(self._entries.values())

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def get(self, name: str) -> CatalogueEntry | None:
        return self._entries.get(name)

    def entry(self, name: str) -> CatalogueEntry:
        """The one of this name; raises UnknownModelError."""
        if name not in self._entries:
            raise UnknownModelError(f"The catalogue has no model {name}.")
        return self._entries[name]

    def extended_by(self, other: "Catalogue") -> "Catalogue":
        """This one with the other's entries in the place of those of the same name, or after."""
        return Catalogue(tuple((self._entries | other._entries).values()))


def shipped_catalogue_path() -> Path:
    return resource_path("models/catalogue.json")


def load_catalogue(models_folder: Path | None = None) -> Catalogue:
    """The shipped catalogue, extended by the user's own where there is one.

    Raises CatalogueError.
    """
    catalogue = read_catalogue(shipped_catalogue_path())
    own = None if models_folder is None else models_folder / OWN_CATALOGUE
    if own is None or not own.is_file():
        return catalogue
    return catalogue.extended_by(read_catalogue(own))


def usable_catalogue(models_folder: Path) -> Catalogue:
    """As ``load_catalogue``, but a file of the user's own that is wrong only costs a warning.

    Raises CatalogueError if the shipped one is.
    """
    try:
        return load_catalogue(models_folder)
    except CatalogueError as error:
        _log.warning("The catalogue of your own is left out: %s", error)
        return load_catalogue()


def read_catalogue(path: Path) -> Catalogue:
    """One file's entries; raises CatalogueError, which says what is wrong where."""
    try:
        read = _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise CatalogueError(f"{path}: {_in_words(error)}") from error
    names = [entry.name for entry in read.models]
    for name in names:
        if names.count(name) > 1:
            raise CatalogueError(f"{path}: {name} is there twice.")
        if name == NEWEST:
            raise CatalogueError(f"{path}: {NEWEST} stands for another model and is none itself.")
    return Catalogue(read.models)


def _in_words(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc']) or 'the file'}: {each['msg']}"
        for each in error.errors(include_url=False, include_input=False)[:5]
    )
