import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from algovera_desktop.library.pdf import PdfWriter


def jpeg(colour: str, size: tuple[int, int]) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, "JPEG")
    return data.getvalue()


def two_pages(title: str = "Foxes") -> bytes:
    file = io.BytesIO()
    writer = PdfWriter(file)
    for colour in ("red", "blue"):
        writer.add_page(jpeg(colour, (200, 100)), (200, 100), 200)
    writer.finish(title)
    return file.getvalue()


def test_each_entry_of_the_table_leads_to_its_object():
    data = two_pages()
    start = int(re.findall(rb"startxref\n(\d+)\n", data)[0])
    table = data[start:].splitlines()
    assert table[0] == b"xref"
    entries = table[3 : 2 + int(table[1].split()[1])]
    for number, entry in enumerate(entries, 1):
        assert data[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_pictures_are_in_it_byte_by_byte():
    data = two_pages()
    assert jpeg("red", (200, 100)) in data
    assert jpeg("blue", (200, 100)) in data
    assert b"/Count 2" in data


def test_a_page_has_the_size_of_its_picture_in_points():
    assert two_pages().count(b"/MediaBox [0 0 72.000 36.000]") == 2


@pytest.mark.parametrize("title", ["Лисы 狐", "a (tricky\\ title", ""])
def test_other_programs_read_title_and_pages(tmp_path: Path, title: str):
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    file = tmp_path / "sheet.pdf"
    file.write_bytes(two_pages(title))
    command = ["exiftool", "-s3", "-PageCount", "-Title", "-Warning", str(file)]
    done = subprocess.run(command, check=True, capture_output=True)
    assert done.stdout.decode().split("\n")[:2] == ["2", title]


def test_another_program_paints_it(tmp_path: Path):
    if shutil.which("gs") is None:
        pytest.skip("Ghostscript is not installed")
    file, target = tmp_path / "sheet.pdf", tmp_path / "page%d.png"
    file.write_bytes(two_pages())
    device = ["-sDEVICE=png16m", "-r72", f"-sOutputFile={target}"]
    command = ["gs", "-q", "-dNOPAUSE", "-dBATCH", *device, str(file)]
    subprocess.run(command, check=True, capture_output=True)
    with Image.open(tmp_path / "page2.png") as page:
        assert page.size == (72, 36)
        red, green, blue = page.getpixel((36, 18))
        assert blue > 240 > 20 > red + green
