"""Copies to give away: without prompts and personal data, with the label that a model made them.

What ``look`` says is read from the very bytes that ``share`` writes: both make them anew from the
files, by the same rule, and each is read again before it counts.
"""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import UNKNOWN_TOOL, ImageRecord
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.sharing.copy import SharedCopy, make_shared_copy
from algovera_desktop.library.sharing.pieces import Piece, PieceKind
from algovera_desktop.library.xmp import TRAINED_MODEL, source_type_of
from algovera_desktop.services.export import (
    Exporter,
    ExportReport,
    OnProgress,
    Tally,
    new_file,
    replaced_file,
)

_HASH_DIGITS = 12
_MAX_EXAMPLES = 5
_MOST_BYTES = 512 * 1024 * 1024


@dataclass(slots=True)
class Finding:
    """One kind of thing in the files: in how many of them, how large in all, and the first few
    names and texts as they stand there."""

    kind: PieceKind
    files: int = 0
    size_bytes: int = 0
    names: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])

    def add(self, pieces: Sequence[Piece]) -> None:
        """Count in what one file holds of it."""
        self.files += 1
        self.size_bytes += sum(len(piece.raw) for piece in pieces)
        _note(self.names, [piece.name for piece in pieces])
        _note(self.texts, [piece.text for piece in pieces])


@dataclass(frozen=True, slots=True)
class ShareFindings:
    """What leaves and what does not, in the order of PieceKind. ``source_types`` are the
    addresses of IPTC's terms in the copies, ``unlabelled`` how many copies carry none."""

    count: int
    stays: tuple[Finding, ...]
    taken_out: tuple[Finding, ...]
    source_types: tuple[str, ...]
    unlabelled: int
    missing: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


class Sharer:
    """Makes the copies. Every call blocks; raises JobCancelledError, DiskFullError, LibraryError.

    A picture whose file cannot be understood to its end is refused and named.
    """

    def __init__(self, exporter: Exporter) -> None:
        self._exporter = exporter

    def look(
        self, ids: Sequence[int], token: CancelToken, on_progress: OnProgress
    ) -> ShareFindings:
        """Make every copy, in memory only, and say what is in it and what is not."""
        tally = Tally(len(ids), on_progress)
        stays: dict[PieceKind, Finding] = {}
        taken_out: dict[PieceKind, Finding] = {}
        source_types: dict[str, None] = {}
        unlabelled = 0
        for _record, copy in self._copies(ids, token, tally):
            _count(stays, copy.stays)
            _count(taken_out, copy.taken_out)
            unlabelled += not copy.source_type
            source_types.update({copy.source_type: None} if copy.source_type else {})
            tally.left()
        return ShareFindings(
            tally.count,
            _in_order(stays),
            _in_order(taken_out),
            tuple(source_types),
            unlabelled,
            tuple(tally.missing),
            tuple(tally.refused),
        )

    def to_folder(
        self, ids: Sequence[int], folder: Path, token: CancelToken, on_progress: OnProgress
    ) -> ExportReport:
        """Write the copies under names that say nothing, beside what is there."""
        tally = Tally(len(ids), on_progress)
        for record, copy in self._copies(ids, token, tally):
            name = shared_name(record, copy)
            with os_errors_translated(f"cannot save {name} in {folder}"):
                tally.left(new_file(folder, name, partial(_write, copy.data)))
        return tally.report(folder)

    def to_file(
        self, image_id: int, target: Path, token: CancelToken, on_progress: OnProgress
    ) -> ExportReport:
        """Write one copy at ``target``, in the place of what is there."""
        tally = Tally(1, on_progress)
        for _record, copy in self._copies([image_id], token, tally):
            with replaced_file(target) as part:
                part.write_bytes(copy.data)
            tally.left(target)
        return tally.report(target)

    def to_zip(
        self, ids: Sequence[int], target: Path, token: CancelToken, on_progress: OnProgress
    ) -> ExportReport:
        """Put the copies in an archive at ``target``, in the place of what is there. Its entries
        say neither when nor by whom."""
        tally = Tally(len(ids), on_progress)
        names: set[str] = set()
        with replaced_file(target) as part, zipfile.ZipFile(part, "w") as archive:
            for record, copy in self._copies(ids, token, tally):
                name = shared_name(record, copy)
                if name not in names:
                    archive.writestr(zipfile.ZipInfo(name), copy.data)
                    names.add(name)
                tally.left()
        return tally.report(target)

    def _copies(
        self, ids: Sequence[int], token: CancelToken, tally: Tally
    ) -> Iterator[tuple[ImageRecord, SharedCopy]]:
        for _number, record in self._exporter.each(ids, token):
            source = self._exporter.source(record, tally)
            if source is None:
                continue
            try:
                yield record, make_shared_copy(_read(source), source_type(record))
            except MetadataError as error:
                tally.refuses(source.name, str(error))


def source_type(record: ImageRecord) -> str:
    """The address of IPTC's term for how a picture was made; "" where nobody knows: one that was
    brought in from no known program may as well be a photograph."""
    if record.job_id:
        return source_type_of(record.request.model)
    return TRAINED_MODEL if record.tool not in ("", UNKNOWN_TOOL) else ""


def shared_name(record: ImageRecord, copy: SharedCopy) -> str:
    """A file name that says nothing of the prompt, the time or the place: of the copy's hash."""
    digits = hashlib.sha256(copy.data).hexdigest()[:_HASH_DIGITS]
    suffix = Path(record.path).suffix
    return f"picture {digits}{suffix}"


def _read(source: Path) -> bytes:
    with os_errors_translated(f"cannot read {source.name}"):
        if source.stat().st_size > _MOST_BYTES:
            raise LibraryError(f"{source.name} is too large")
        return source.read_bytes()


def _write(data: bytes, target: Path) -> None:
    target.write_bytes(data)


def _count(findings: dict[PieceKind, Finding], pieces: Sequence[Piece]) -> None:
    for kind in {piece.kind for piece in pieces}:
        found = findings.setdefault(kind, Finding(kind))
        found.add([piece for piece in pieces if piece.kind is kind])


def _in_order(findings: dict[PieceKind, Finding]) -> tuple[Finding, ...]:
    return tuple(findings[kind] for kind in PieceKind if kind in findings)


def _note(known: list[str], new: Sequence[str]) -> None:
    for word in new:
        if word and word not in known and len(known) < _MAX_EXAMPLES:
            known.append(word)
