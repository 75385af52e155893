"""Where the files that ship with the program lie."""

from pathlib import Path


def resource_path(name: str) -> Path:
    """The path of a shipped file or folder, given relative to ``resources/``.

    A wheel or bundle carries ``resources`` inside the package; a checkout keeps it beside.
    """
    package = Path(__file__).parent
    inside = package / "resources"
    return (inside if inside.is_dir() else package.parent / "resources") / name
