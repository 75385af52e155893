import io
from itertools import pairwise

import numpy
import pytest
from PIL import Image

from algovera_desktop.library.contact_sheet import (
    Letters,
    PageSize,
    SheetEntry,
    SheetLayout,
    plain_letters,
    sheet_pages,
    sheet_picture,
)
from algovera_desktop.library.formats import MetadataError


def entry(colour: str = "red", *lines: str, size: tuple[int, int] = (40, 20)) -> SheetEntry:
    return SheetEntry(Image.new("RGB", size, colour), lines)


def file_of(picture: Image.Image, form: str = "PNG", **more: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, form, **more)
    return data.getvalue()


@pytest.mark.parametrize("page", list(PageSize))
@pytest.mark.parametrize("columns", [1, 2, 4, 8])
def test_all_cells_lie_on_the_paper_and_none_on_another(page: PageSize, columns: int):
    layout = SheetLayout(page, columns)
    places = [layout.place(number) for number in range(layout.per_page)]
    assert len(set(places)) == layout.per_page
    width, height = layout.size_px
    for left, top in places:
        assert left + layout.cell_px <= width
        assert top + layout.cell_px <= height
    lefts = sorted({left for left, _top in places})
    assert all(b - a > layout.cell_px for a, b in pairwise(lefts))


def test_a_page_has_the_size_of_its_paper():
    (page,) = sheet_pages([entry()], SheetLayout(PageSize.A4))
    assert page.size == (1654, 2339)


def test_a_full_page_is_followed_by_another():
    layout = SheetLayout(columns=4)
    pages = list(sheet_pages([entry()] * (layout.per_page + 1), layout))
    assert len(pages) == 2
    assert list(sheet_pages([], layout)) == []


def test_each_picture_lies_in_its_cell_at_its_bottom():
    layout = SheetLayout(columns=4)
    (page,) = sheet_pages([entry("red"), entry("blue")], layout)
    left, top = layout.place(1)
    middle, bottom = left + layout.cell_px // 2, top + layout.cell_px
    assert page.getpixel((middle, bottom - 10)) == (0, 0, 255)
    assert page.getpixel((middle, top + 10)) == (255, 255, 255)


def test_lines_are_inked_below_the_picture():
    layout = SheetLayout(columns=4, caption_lines=2)
    asked: list[str] = []

    def lettering(text: str, size_px: int, width_px: int) -> Letters:
        asked.append(text)
        return Letters(width_px, size_px, b"\xff" * width_px * size_px)

    (page,) = sheet_pages([entry("red", "a fox", "seed 7", "too much")], layout, lettering)
    assert asked == ["a fox", "seed 7", "1"]
    left, top = layout.place(0)
    assert page.getpixel((left + 5, top + layout.cell_px + 15)) == (28, 28, 28)


def test_a_line_that_is_too_wide_is_cut_off():
    letters = plain_letters("a very long line of words " * 20, 20, 300)
    assert letters.width <= 300
    assert len(letters.coverage) == letters.width * letters.height
    assert any(letters.coverage)


def test_a_picture_is_turned_upright_and_made_no_larger_than_its_cell():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = file_of(Image.new("RGB", (400, 200), "red"), "JPEG", exif=exif.tobytes())
    assert sheet_picture(data, 100).size == (50, 100)
    assert sheet_picture(file_of(Image.new("RGB", (30, 20))), 100).size == (30, 20)


def test_what_is_seen_through_lies_on_white():
    data = file_of(Image.new("RGBA", (10, 10), (0, 0, 0, 0)))
    assert sheet_picture(data, 10).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "CMYK"])
def test_pictures_of_any_kind_are_taken(mode: str):
    form = "TIFF" if mode == "CMYK" else "PNG"
    assert sheet_picture(file_of(Image.new(mode, (10, 10)), form), 10).mode == "RGB"


@pytest.mark.parametrize("data", [b"", b"no picture", file_of(Image.new("RGB", (64, 64)))[:60]])
def test_what_is_no_picture_is_told(data: bytes):
    with pytest.raises(MetadataError):
        sheet_picture(data, 10)


def test_a_bomb_is_not_opened():
    header = bytearray(file_of(Image.new("1", (8, 8))))
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    with pytest.raises(MetadataError):
        sheet_picture(bytes(header), 10)


def test_plain_letters_have_ink_where_the_text_is():
    letters = plain_letters("I", 40, 400)
    coverage = numpy.frombuffer(letters.coverage, numpy.uint8)
    assert coverage.reshape(letters.height, letters.width).max() == 255
