"""Finds the pictures below folders."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.services.import_report import Remark

_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"})
_OFTEN = 1000


@dataclass(slots=True)
class FoundFiles:
    """``paths`` are absolute, the oldest file first; ``refused`` could not be looked at."""

    paths: list[Path]
    refused: list[Remark] = field(default_factory=list[Remark])


def find_pictures(
    sources: Sequence[Path], token: CancelToken, on_found: Callable[[int], None]
) -> FoundFiles:
    """The files among ``sources``, whatever they are called, and those below the folders among
    them that are called like pictures.

    Hidden files and folders are passed over, and links to folders are not followed: so there are
    no circles, and nothing is found twice. Raises JobCancelledError.
    """
    found = FoundFiles([])
    dated: dict[str, int] = {}
    for source in sources:
        for path, modified_ns in _below(_plain(source), found.refused):
            token.raise_if_cancelled()
            dated.setdefault(path, modified_ns)
            if len(dated) % _OFTEN == 0:
                on_found(len(dated))
    found.paths = [Path(path) for path in sorted(dated, key=lambda path: (dated[path], path))]
    return found


def _plain(source: Path) -> Path:
    """An absolute path without ``..``, which a record must not have."""
    absolute = source.absolute()
    return absolute.resolve() if ".." in absolute.parts else absolute


def _below(source: Path, refused: list[Remark]) -> Iterator[tuple[str, int]]:
    try:
        if not source.is_dir():
            yield str(source), source.stat().st_mtime_ns
            return
    except OSError as error:
        refused.append(_remark(source, error))
        return
    waiting = [str(source)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                yield from _pictures(entries, waiting, refused)
        except OSError as error:
            refused.append(_remark(Path(folder), error))


def _pictures(
    entries: Iterator[os.DirEntry[str]], folders: list[str], refused: list[Remark]
) -> Iterator[tuple[str, int]]:
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif os.path.splitext(entry.name)[1].lower() in _EXTENSIONS and entry.is_file():  # noqa: PTH122
                yield entry.path, entry.stat().st_mtime_ns
        except OSError as error:
            refused.append(_remark(Path(entry.path), error))


def _remark(path: Path, error: OSError) -> Remark:
    return Remark(path, error.strerror or str(error))
