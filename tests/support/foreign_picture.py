"""A picture as another program writes it, with its settings in AUTOMATIC1111's way."""

from pathlib import Path

from PIL import Image, PngImagePlugin


def put_foreign_picture(file: Path, colour: str, parameters: str | None) -> Path:
    """Write 64x48 pixels of one colour as PNG; without ``parameters`` it says nothing more."""
    info = PngImagePlugin.PngInfo()
    if parameters is not None:
        info.add_text("parameters", parameters)
    Image.new("RGB", (64, 48), colour).save(file, "PNG", pnginfo=info)
    return file
