"""The icon in the forms that desktops want."""

import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

import icons


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, qapp) -> Path:
    folder = tmp_path_factory.mktemp("icons")
    icons.write_icons(folder)
    return folder


def test_each_size_of_the_theme_has_its_picture(written: Path) -> None:
    for side in icons.HICOLOR_SIDES:
        path = written / "hicolor" / f"{side}x{side}" / "apps" / "org.algovera.Desktop.png"
        with Image.open(path) as image:
            assert image.size == (side, side)
            assert image.getpixel((0, 0))[3] == 0, "the corners are clear"
            assert image.getpixel((side // 2, side // 5))[3] == 255


def test_the_drawings_themselves_lie_where_the_theme_looks_for_them(written: Path) -> None:
    for name in (
        "scalable/apps/org.algovera.Desktop",
        "symbolic/apps/org.algovera.Desktop-symbolic",
    ):
        assert ET.parse(written / "hicolor" / f"{name}.svg").getroot().tag.endswith("svg")


def test_the_symbolic_one_is_16_wide_and_of_one_colour_that_a_desktop_can_change() -> None:
    """GTK recolours what is filled; what has only an outline would become a filled shape."""
    root = ET.parse(Path(icons.__file__).parents[1] / "resources/icons/app-symbolic.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("16", "16")
    shapes = [element.attrib for element in root.iter() if element is not root]
    assert {shape["fill"] for shape in shapes} == {"#2e3436"}
    assert not any("stroke" in shape for shape in shapes)


def test_windows_and_macos_have_every_size_in_one_file(written: Path) -> None:
    with Image.open(written / "algovera-desktop.ico") as ico:
        assert ico.info["sizes"] == {(side, side) for side in icons.ICO_SIDES}
    data = (written / "algovera-desktop.icns").read_bytes()
    assert data[:8] == b"icns" + struct.pack(">I", len(data))
    with Image.open(written / "algovera-desktop.icns") as icns:
        assert {width * scale for width, _, scale in icns.info["sizes"]} == {*icons.ICNS_SIDES}


def test_the_small_ones_are_drawn_and_not_made_smaller(written: Path) -> None:
    with Image.open(written / "algovera-desktop.ico") as ico:
        ico.size = (16, 16)
        assert ico.convert("RGBA").tobytes() == icons.paint(16).tobytes()


def test_the_same_drawing_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    icons.write_icons(tmp_path)
    first, second = (
        {path.relative_to(top): path.read_bytes() for path in top.rglob("*") if path.is_file()}
        for top in (written, tmp_path)
    )
    assert first == second
