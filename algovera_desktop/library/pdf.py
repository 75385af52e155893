"""A PDF file of one JPEG a page (ISO 32000-1: 7.3, 7.5, 7.7, 8.9).

Written from front to back, so that a thousand pages need the memory of one. Pillow's own writer
holds all of them, or writes all page objects anew with each page that is appended.
"""

from typing import IO

_POINTS_PER_INCH = 72
_CATALOG, _PAGES, _INFO = 1, 2, 3


class PdfWriter:
    """Writes pages to a binary file that it does not close. Raises what the file raises."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._offsets: dict[int, int] = {}
        self._pages: list[int] = []
        self._next = _INFO + 1
        # Bytes above 127 in a comment tell old mail programs that this is no text.
        file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add_page(self, jpeg: bytes, size_px: tuple[int, int], dots_per_inch: int) -> None:
        """A page that is filled by a JPEG in RGB."""
        width_px, height_px = size_px
        width = width_px / dots_per_inch * _POINTS_PER_INCH
        height = height_px / dots_per_inch * _POINTS_PER_INCH
        picture, drawing, page = range(self._next, self._next + 3)
        self._next += 3
        about = (
            f"/Type /XObject /Subtype /Image /Width {width_px} /Height {height_px} "
            "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
        )
        self._stream(picture, about, jpeg)
        self._stream(drawing, "", f"{width:.3f} 0 0 {height:.3f} 0 0 cm /P Do".encode())
        self._object(
            page,
            f"<< /Type /Page /Parent {_PAGES} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] "
            f"/Resources << /XObject << /P {picture} 0 R >> >> /Contents {drawing} 0 R >>",
        )
        self._pages.append(page)

    def finish(self, title: str) -> None:
        """Write what leads to the pages. The file is a PDF now."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(_CATALOG, f"<< /Type /Catalog /Pages {_PAGES} 0 R >>")
        self._object(_PAGES, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        name = title.encode("utf-16-be", "ignore").hex()
        self._object(_INFO, f"<< /Title <FEFF{name}> /Creator (Algovera Desktop) >>")
        start = self._file.tell()
        entries = "".join(f"{self._offsets[at]:010} 00000 n \n" for at in range(1, self._next))
        self._file.write(f"xref\n0 {self._next}\n0000000000 65535 f \n{entries}".encode())
        trailer = f"<< /Size {self._next} /Root {_CATALOG} 0 R /Info {_INFO} 0 R >>"
        self._file.write(f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode())

    def _stream(self, number: int, about: str, data: bytes) -> None:
        head = f"<< {about} /Length {len(data)} >>\nstream\n"
        self._begin(number)
        self._file.write(head.encode() + data + b"\nendstream\nendobj\n")

    def _object(self, number: int, text: str) -> None:
        self._begin(number)
        self._file.write(f"{text}\nendobj\n".encode())

    def _begin(self, number: int) -> None:
        self._offsets[number] = self._file.tell()
        self._file.write(f"{number} 0 obj\n".encode())
