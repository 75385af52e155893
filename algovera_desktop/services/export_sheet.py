"""Contact sheets of a selection, as one PDF or as a PNG for each page."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import LibraryError
from algovera_desktop.domain.images import ImageRecord
from algovera_desktop.library.contact_sheet import (
    DOTS_PER_INCH,
    Lettering,
    SheetEntry,
    SheetLayout,
    page_jpeg,
    plain_letters,
    sheet_pages,
    sheet_picture,
)
from algovera_desktop.library.durable import os_errors_translated
from algovera_desktop.library.formats import MetadataError
from algovera_desktop.library.pdf import PdfWriter
from algovera_desktop.services.export import (
    Exporter,
    ExportReport,
    OnProgress,
    Tally,
    new_file,
    replaced_file,
)


@dataclass(frozen=True, slots=True)
class SheetCaptions:
    """What stands below each picture; one line for the words, one for the facts."""

    with_prompt: bool = True
    with_facts: bool = True

    @property
    def lines(self) -> int:
        return self.with_prompt + self.with_facts

    def of(self, record: ImageRecord) -> tuple[str, ...]:
        """The lines for a picture."""
        lines: list[str] = []
        if self.with_prompt:
            lines.append(" ".join(record.request.prompt.split()))
        if self.with_facts:
            facts = (record.model_title or record.request.model, str(record.request.seed))
            lines.append(" · ".join(filter(None, facts)))
        return tuple(lines)


class SheetMaker:
    """Makes the sheets. Every call blocks; raises JobCancelledError, DiskFullError and
    LibraryError, and leaves nothing half-written."""

    def __init__(self, exporter: Exporter, lettering: Lettering = plain_letters) -> None:
        self._exporter = exporter
        self._lettering = lettering

    def to_pdf(
        self,
        ids: Sequence[int],
        target: Path,
        layout: SheetLayout,
        captions: SheetCaptions,
        token: CancelToken,
        on_progress: OnProgress,
    ) -> ExportReport:
        """All pages in one file at ``target``, in the place of what is there."""
        tally = Tally(len(ids), on_progress)
        entries = self._entries(ids, captions, layout, token, tally)
        with replaced_file(target) as part, part.open("wb") as file:
            pdf = PdfWriter(file)
            for page in sheet_pages(entries, layout, self._lettering):
                pdf.add_page(page_jpeg(page), page.size, DOTS_PER_INCH)
            if not tally.count:
                raise LibraryError("none of the pictures could be opened")
            pdf.finish(layout.title or target.stem)
        return tally.report(target)

    def to_png(
        self,
        ids: Sequence[int],
        folder: Path,
        name: str,
        layout: SheetLayout,
        captions: SheetCaptions,
        token: CancelToken,
        on_progress: OnProgress,
    ) -> ExportReport:
        """A file for each page, ``name 1.png`` and so on, beside what is there. If it is called
        off or fails, those that were made go away again."""
        tally = Tally(len(ids), on_progress)
        entries = self._entries(ids, captions, layout, token, tally)
        try:
            pages = sheet_pages(entries, layout, self._lettering)
            for number, page in enumerate(pages, 1):
                with os_errors_translated(f"cannot save a page in {folder}"):
                    write = partial(_save_png, page)
                    tally.written.append(new_file(folder, f"{name} {number}.png", write))
        except BaseException:
            for made in tally.written:
                with suppress(OSError):
                    made.unlink()
            raise
        return tally.report(folder)

    def _entries(
        self,
        ids: Sequence[int],
        captions: SheetCaptions,
        layout: SheetLayout,
        token: CancelToken,
        tally: Tally,
    ) -> Iterator[SheetEntry]:
        for _number, record in self._exporter.each(ids, token):
            source = self._exporter.source(record, tally)
            if source is None:
                continue
            try:
                picture = _opened(source, layout.cell_px)
            except MetadataError:
                tally.lacks(source.name)
                continue
            yield SheetEntry(picture, captions.of(record))
            tally.left()


def _opened(source: Path, side_px: int) -> Image.Image:
    with os_errors_translated(f"cannot read {source.name}"):
        data = source.read_bytes()
    return sheet_picture(data, side_px)


def _save_png(page: Image.Image, target: Path) -> None:
    page.save(target, "PNG", dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
