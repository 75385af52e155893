"""Contact sheets: many small pictures on pages to print, with a line or two below each."""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from PIL import Image, ImageDraw, ImageFont, ImageOps

from algovera_desktop.library.formats import MetadataError

DOTS_PER_INCH = 200
_MM_PER_INCH = 25.4
_MARGIN_MM = 12.0
_GAP_MM = 4.0
_TYPE_MM = 2.6
_LINE_MM = 3.6
_FOOT_MM = 5.0
_MAX_PIXELS = 100_000_000
_PAPER, _INK, _FRAME = (255, 255, 255), (28, 28, 28), (210, 210, 210)


class PageSize(Enum):
    """Paper, in millimetres (ISO 216; ANSI Y14.1), upright."""

    A4 = (210.0, 297.0)
    LETTER = (215.9, 279.4)


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How pages look. ``title`` stands at the foot of each page beside its number."""

    page: PageSize = PageSize.A4
    columns: int = 4
    caption_lines: int = 2
    title: str = ""

    @property
    def size_px(self) -> tuple[int, int]:
        width_mm, height_mm = self.page.value
        return _px(width_mm), _px(height_mm)

    @property
    def cell_px(self) -> int:
        """The side of the square that a picture is fitted into."""
        usable = self.size_px[0] - 2 * _px(_MARGIN_MM) - (self.columns - 1) * _px(_GAP_MM)
        return usable // self.columns

    @property
    def rows(self) -> int:
        usable = self.size_px[1] - 2 * _px(_MARGIN_MM) - _px(_FOOT_MM) + _px(_GAP_MM)
        return max(1, usable // self._pitch_px)

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    def place(self, number: int) -> tuple[int, int]:
        """The upper left corner of a page's cell, counted from 0, in pixels."""
        row, column = divmod(number, self.columns)
        margin = _px(_MARGIN_MM)
        return margin + column * (self.cell_px + _px(_GAP_MM)), margin + row * self._pitch_px

    @property
    def _pitch_px(self) -> int:
        return self.cell_px + self.caption_lines * _px(_LINE_MM) + _px(_GAP_MM)


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One picture for a sheet, as ``sheet_picture`` gives it, and the lines below it."""

    picture: Image.Image
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letters:
    """A line of text as it is to be inked: one byte of coverage for each pixel, row by row."""

    width: int
    height: int
    coverage: bytes


Lettering = Callable[[str, int, int], Letters]
"""Writes a text in letters of so many pixels, cut off with … where it is wider than so many."""


def plain_letters(text: str, size_px: int, width_px: int) -> Letters:
    """Lettering with the font that is inside Pillow, which has Latin letters and few others.
    The interface has one with all the fonts of the system."""
    font = ImageFont.load_default(size_px)
    words = text
    while font.getlength(words) > width_px and len(words) > 1:
        words = words.removesuffix("…")[:-1].rstrip() + "…"
    height = round(size_px * 1.3)
    ink = Image.new("L", (max(1, min(width_px, round(font.getlength(words)) + 1)), height))
    ImageDraw.Draw(ink).text((0, 0), words, fill=255, font=font)
    return Letters(ink.width, ink.height, ink.tobytes())


def sheet_picture(data: bytes, side_px: int) -> Image.Image:
    """A picture from its file, upright, on white, fitted into a square and never enlarged.
    Raises MetadataError for what is no picture, or one that is too large to be opened."""
    try:
        with warnings.catch_warnings():
            # Its own limit warns at a size that a picture of ours may have.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as picture:
                if picture.width * picture.height > _MAX_PIXELS:
                    raise MetadataError("a picture that is too large")
                picture.draft("RGB", (side_px, side_px))
                upright = ImageOps.exif_transpose(picture)
                return _on_white(upright, side_px)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise MetadataError("a picture that cannot be opened") from error


def sheet_pages(
    entries: Iterable[SheetEntry], layout: SheetLayout, lettering: Lettering = plain_letters
) -> Iterator[Image.Image]:
    """The pages, one at a time, as they fill; none where there is no entry."""
    page, number, count = _blank(layout), 0, 0
    for entry in entries:
        if number == layout.per_page:
            count += 1
            yield _footed(page, layout, count, lettering)
            page, number = _blank(layout), 0
        _put(page, entry, layout, layout.place(number), lettering)
        number += 1
    if number:
        yield _footed(page, layout, count + 1, lettering)


def page_jpeg(page: Image.Image) -> bytes:
    """A page as it goes into a PDF."""
    data = io.BytesIO()
    page.save(data, "JPEG", quality=90)
    return data.getvalue()


def _blank(layout: SheetLayout) -> Image.Image:
    return Image.new("RGB", layout.size_px, _PAPER)


def _put(
    page: Image.Image,
    entry: SheetEntry,
    layout: SheetLayout,
    place: tuple[int, int],
    lettering: Lettering,
) -> None:
    side = layout.cell_px
    picture = entry.picture
    left, top = place
    at = (left + (side - picture.width) // 2, top + side - picture.height)
    page.paste(picture, at)
    outline = (at[0] - 1, at[1] - 1, at[0] + picture.width, at[1] + picture.height)
    ImageDraw.Draw(page).rectangle(outline, outline=_FRAME)
    for number, line in enumerate(entry.lines[: layout.caption_lines]):
        below = top + side + _px(_LINE_MM) * number + _px(1.0)
        _write(page, line, (left, below), side, lettering)


def _footed(
    page: Image.Image, layout: SheetLayout, number: int, lettering: Lettering
) -> Image.Image:
    width, height = layout.size_px
    margin = _px(_MARGIN_MM)
    top = height - margin
    _write(page, layout.title, (margin, top), width - 3 * margin, lettering)
    numeral = lettering(str(number), _px(_TYPE_MM), margin)
    _ink(page, numeral, (width - margin - numeral.width, top))
    return page


def _write(
    page: Image.Image, text: str, at: tuple[int, int], width_px: int, lettering: Lettering
) -> None:
    if text.strip():
        _ink(page, lettering(text, _px(_TYPE_MM), width_px), at)


def _ink(page: Image.Image, letters: Letters, at: tuple[int, int]) -> None:
    mask = Image.frombytes("L", (letters.width, letters.height), letters.coverage)
    page.paste(_INK, at, mask)


def _on_white(picture: Image.Image, side_px: int) -> Image.Image:
    picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    seen = picture.convert("RGBA")
    paper = Image.new("RGB", seen.size, _PAPER)
    paper.paste(seen, mask=seen.getchannel("A"))
    return paper


def _px(mm: float) -> int:
    return round(mm / _MM_PER_INCH * DOTS_PER_INCH)
