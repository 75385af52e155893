"""Adds the screenshots to the AppStream metainfo.

    python3 packaging/metainfo.py BASE_URL > org.algovera.Desktop.metainfo.xml

AppStream takes screenshots by their web address only, and the project has none of its own: whoever
publishes the program names the folder on the web that holds ``packaging/screenshots``, here or, for
a package, in ALGOVERA_SCREENSHOTS. Without one the file that lies in ``packaging/linux`` is whole,
and shows none.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

METAINFO = Path(__file__).resolve().parent / "linux" / "org.algovera.Desktop.metainfo.xml"

_SCREENSHOTS = {
    "window.jpg": "The prompt, the gallery, and what made the picture",
    "queue.jpg": "The queue: one picture is painted, five wait",
}
_BEFORE = "  <content_rating"


def with_screenshots(metainfo: str, base_url: str) -> str:
    """The metainfo with the screenshots that are found below ``base_url``, the first of them its
    default. Raises ValueError for an address that is not of the secure web."""
    if not base_url.startswith("https://"):
        raise ValueError(f"{base_url} does not begin with https://")
    kinds = [' type="default"', *[""] * (len(_SCREENSHOTS) - 1)]
    pictures = [
        f"    <screenshot{kind}>\n"
        f"      <caption>{escape(caption)}</caption>\n"
        f"      <image>{escape(base_url.rstrip('/'))}/{name}</image>\n"
        "    </screenshot>\n"
        for kind, (name, caption) in zip(kinds, _SCREENSHOTS.items(), strict=True)
    ]
    block = f"  <screenshots>\n{''.join(pictures)}  </screenshots>\n"
    return metainfo.replace(_BEFORE, block + _BEFORE, 1)


def published_metainfo(environment: Mapping[str, str] = os.environ) -> str:
    """What a package holds: with screenshots where their address is known."""
    metainfo = METAINFO.read_text("utf-8")
    base_url = environment.get("ALGOVERA_SCREENSHOTS")
    return with_screenshots(metainfo, base_url) if base_url else metainfo


def main(arguments: list[str]) -> int:
    """Print the metainfo with its screenshots."""
    if len(arguments) != 1:
        print("usage: metainfo.py BASE_URL", file=sys.stderr)
        return 2
    sys.stdout.write(with_screenshots(METAINFO.read_text("utf-8"), arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
