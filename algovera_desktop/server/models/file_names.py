"""Which of the files that a stranger lists may be written here, and under which names.

A listing comes over the network: no name in it may lead out of the model's folder, none may
stand for two files on a system that does not tell capitals apart, and none may be a pickle,
which can run any program when it is read.
"""

import fnmatch
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from algovera_desktop.server.models.errors import DownloadError
from algovera_desktop.server.models.manifest import HubFile

MOST_FILES = 2000
MOST_BYTES = 200 * 10**9
_MAX_PATH_CHARS = 200
_PART = re.compile(r"[0-9A-Za-z_](?:[\w .+=@-]*[\w+=@-])?", re.ASCII)
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
SAFE_SUFFIXES = frozenset(
    {".json", ".txt", ".model", ".safetensors", ".xml", ".onnx", ".onnx_data"}
)
PICKLE_SUFFIXES = frozenset({".bin", ".ckpt", ".pt", ".pth", ".pkl", ".pickle"})


def wanted(files: Iterable[HubFile], include: Sequence[str]) -> tuple[HubFile, ...]:
    """The files that match, every one of them safe to write.

    Raises DownloadError for a listing that is hostile, too large or without any such file.
    """
    chosen = [each for each in files if any(fnmatch.fnmatchcase(each.path, p) for p in include)]
    if not chosen:
        raise DownloadError("The server lists no file of this model.")
    if len(chosen) > MOST_FILES or sum(each.size_bytes for each in chosen) > MOST_BYTES:
        raise DownloadError("The server lists more than any model has.")
    for each in chosen:
        check_name(each.path)
    _check_apart([each.path for each in chosen])
    xmls = {each.path for each in chosen if each.path.endswith(".xml")}
    for each in chosen:
        _check_kind(each.path, xmls)
    return tuple(sorted(chosen, key=lambda each: (each.size_bytes, each.path)))


def check_name(path: str) -> None:
    """Raise DownloadError unless this is a plain relative path that means the same everywhere."""
    parts = path.split("/")
    plain = all(_PART.fullmatch(part) and not _RESERVED.fullmatch(part) for part in parts)
    if not plain or len(path) > _MAX_PATH_CHARS or path.casefold().endswith(".part"):
        raise DownloadError(f"The server lists a file by a name that is not safe: {path[:80]!r}.")


def is_weights_of(xmls: Iterable[str], path: str) -> bool:
    """Whether a .bin holds an OpenVINO model's weights: its .xml lies beside it."""
    return path.endswith(".bin") and f"{path.removesuffix('.bin')}.xml" in xmls


def _check_apart(paths: Sequence[str]) -> None:
    """Raise DownloadError if two names are one for some system, or a file is a folder too."""
    names = [path.casefold() for path in paths]
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    if len(set(names)) < len(names) or folders & set(names):
        raise DownloadError("The server lists two files under one name.")


def _check_kind(path: str, xmls: set[str]) -> None:
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in SAFE_SUFFIXES or not suffix or is_weights_of(xmls, path):
        return
    raise DownloadError(f"{path} is of a kind that is not read, since it could run a program.")
