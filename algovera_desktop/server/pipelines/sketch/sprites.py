"""One thing's picture made ready: trimmed, recoloured, given a body, lit from one side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from algovera_desktop.server.pipelines.sketch.commission import RGB
from algovera_desktop.server.pipelines.sketch.fields import Bytes, Floats, smooth
from algovera_desktop.server.pipelines.sketch.palette import Colour, Palette, mix
from algovera_desktop.server.pipelines.sketch.placing import Placed

FAINT = 24
"""Alpha below this is no outline."""


def trimmed(picture: Image.Image) -> Image.Image:
    """The picture cut to its outline, so that feet touch the lower edge."""
    alpha = picture.getchannel("A").point([0] * FAINT + [255] * (256 - FAINT))
    box = alpha.getbbox()
    return picture.crop(box) if box else picture


@dataclass(frozen=True, slots=True)
class Sprite:
    """``rgb`` (h, w, 3) and ``alpha`` (h, w), both 0.0 to 255.0 and to 1.0."""

    rgb: Floats
    alpha: Floats


def sprite(picture: Image.Image, placed: Placed, palette: Palette, light_from: float) -> Sprite:
    """``placed``'s picture at its size. ``picture`` is trimmed."""
    width, height = max(2, round(placed.width)), max(2, round(placed.height))
    if placed.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if placed.head < 1.0:
        rgb, alpha = _bust(picture, width, height, placed)
    else:
        rgb, alpha = _resized(picture, width, height)
    if placed.subject.colour is not None:
        rgb = _repainted(rgb, alpha, placed.subject.colour)
    return Sprite(_modelled(rgb, alpha, palette, light_from), alpha)


def _resized(picture: Image.Image, width: int, height: int) -> tuple[Floats, Floats]:
    """Enlarged without dark fringes: colours are spread beneath the transparent parts first."""
    solid = _spread(picture)
    colours = solid.resize((width, height), Image.Resampling.BICUBIC)
    alpha = picture.getchannel("A").resize((width, height), Image.Resampling.BICUBIC)
    edge = np.asarray(alpha).astype(np.float32) * np.float32(1 / 255)
    return np.asarray(colours).astype(np.float32), smooth(0.2, 0.8, edge)


def _spread(picture: Image.Image) -> Image.Image:
    """Opaque colours, running out over what is transparent."""
    weighted = np.asarray(picture).astype(np.int32)
    solid = Image.fromarray((weighted[..., :3] * weighted[..., 3:] // 255).astype(np.uint8))
    soft = np.asarray(solid.filter(ImageFilter.BoxBlur(5))).astype(np.int32)
    cover = np.asarray(picture.getchannel("A").filter(ImageFilter.BoxBlur(5))).astype(np.int32)
    around = np.minimum(soft * 255 // np.maximum(cover, 1)[..., None], 255)
    alpha = weighted[..., 3:]
    mixed = (weighted[..., :3] * alpha + around * (255 - alpha)) // 255
    return Image.fromarray(mixed.astype(np.uint8))


def is_bust(picture: Image.Image, key: str) -> bool:
    """Whether a trimmed picture ends below in a broad cut, as people's busts do: it belongs
    on the lower edge as it is."""
    broad = 5 if _within(key, _PEOPLE) else 7
    last = np.asarray(picture.getchannel("A"))[-max(1, picture.height // 40) :]
    return int((last.min(axis=0) > 128).sum()) * 10 >= picture.width * broad


def _bust(picture: Image.Image, width: int, height: int, placed: Placed) -> tuple[Floats, Floats]:
    """A head with shoulders that run down to the lower edge."""
    head_height = max(2, round(height * placed.head))
    head_width = max(2, round(head_height * picture.width / picture.height))
    head_rgb, head_alpha = _resized(picture, head_width, head_height)
    x = (np.arange(width, dtype=np.float32)[None, :] + np.float32(0.5)) / np.float32(width)
    y = (np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)) / np.float32(height)
    rgb, alpha = _body(x, y, placed.head, _dress(picture, placed.subject.emoji))
    left = (width - head_width) // 2
    cut, left = max(0, -left), max(0, left)
    head_rgb, head_alpha = head_rgb[:, cut : cut + width], head_alpha[:, cut : cut + width]
    there = (slice(0, head_height), slice(left, left + head_rgb.shape[1]))
    rgb[there] += (head_rgb - rgb[there]) * head_alpha[..., None]
    alpha[there] = np.maximum(alpha[there], head_alpha)
    return rgb, alpha


_SMILEYS = ((0x1F600, 0x1F644), (0x1F910, 0x1F92F), (0x1F970, 0x1F97A), (0x1FAE0, 0x1FAE8))
_PEOPLE = (
    (0x1F464, 0x1F478),
    (0x1F481, 0x1F487),
    (0x1F574, 0x1F575),
    (0x1F645, 0x1F64F),
    (0x1F926, 0x1F93E),
    (0x1F9CD, 0x1F9DF),
    (0x1FAC3, 0x1FAC5),
)
_JERSEYS: list[Colour] = [
    (64, 104, 168),
    (196, 76, 76),
    (76, 142, 116),
    (140, 96, 168),
    (232, 148, 74),
]


def _code(key: str) -> int:
    return 0 if key.startswith("own-") else int(key.split("_", 1)[0], 16)


def _within(key: str, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= _code(key) <= last for first, last in blocks)


def _dress(picture: Image.Image, key: str) -> tuple[Colour, Colour, bool]:
    """Body colour, breast or collar colour, and whether it is clothing: people and smileys wear
    a jersey, animals their own coat."""
    if _within(key, _SMILEYS + _PEOPLE):
        jersey = _JERSEYS[_code(key) % len(_JERSEYS)]
        return jersey, mix(jersey, (255, 246, 230), 0.45), True
    body, breast = coat_colours(np.asarray(picture))
    return body, breast, False


def _body(
    x: Floats, y: Floats, head: float, dress: tuple[Colour, Colour, bool]
) -> tuple[Floats, Floats]:
    """Neck, round shoulders, a soft breast or a collar, in shares of the bust's box."""
    body, breast, clothed = dress
    neck = head * 0.7
    down = np.clip((y - np.float32(neck)) * np.float32(1.0 / (1.0 - neck)), 0.0, 1.0)
    bow = np.float32(1.0) - np.clip(down * np.float32(1.35), 0.0, 1.0)
    half = np.float32(0.14) + np.float32(0.34) * np.sqrt(np.float32(1.0) - bow * bow)
    away = np.abs(x - np.float32(0.5))
    alpha = smooth(0.008, -0.008, away - half) * smooth(neck - 0.01, neck + 0.01, y)
    rgb = np.zeros((y.shape[0], x.shape[1], 3), np.float32) + np.asarray(body, np.float32)
    if clothed:
        drop = y - np.float32(head + 0.035) + away * away * np.float32(1.1)
        front = smooth(0.035, 0.02, np.abs(drop))
    else:
        wide, deep = away * np.float32(1 / 0.17), (down - np.float32(0.62)) * np.float32(1 / 0.62)
        front = smooth(1.05, 0.55, wide * wide + deep * deep) * np.float32(0.9)
    rgb += (np.asarray(breast, np.float32) - rgb) * front[..., None]
    under = smooth(head + 0.09, head - 0.03, y) * np.float32(0.42)
    rgb *= (np.float32(1.0) - under * smooth(0.42, 0.1, away))[..., None]
    return rgb, alpha


def coat_colours(pixels: Bytes) -> tuple[Colour, Colour]:
    """A head's most common colour, and the commonest light one that is another."""
    opaque = pixels[pixels[..., 3] > 200][:, :3].astype(np.int32)
    if not len(opaque):
        return (150.0, 130.0, 110.0), (220.0, 210.0, 200.0)
    bins = (opaque[:, 0] >> 5) * 64 + (opaque[:, 1] >> 5) * 8 + (opaque[:, 2] >> 5)
    counts = np.bincount(bins, minlength=512)
    bright = np.arange(512) // 64 + np.arange(512) // 8 % 8 + np.arange(512) % 8
    first = int(np.argmax(np.where(bright > 3, counts, 0)))
    light = np.where((bright >= int(bright[first]) + 2) & (counts > 40), counts, 0)
    second = int(np.argmax(light))
    body = _mean(opaque[bins == first])
    breast = _mean(opaque[bins == second]) if light[second] else mix(body, (255, 246, 230), 0.35)
    return body, breast


def _mean(colours: NDArray[np.int32]) -> Colour:
    red, green, blue = (int(total) / len(colours) for total in colours.sum(axis=0, dtype=np.int64))
    return red, green, blue


def _repainted(rgb: Floats, alpha: Floats, colour: RGB) -> Floats:
    """Another hue with the shading kept; eyes, teeth and other greys stay."""
    grey = (rgb * np.array([0.3, 0.59, 0.11], np.float32)).astype(np.float32)
    level = grey[..., 0] + grey[..., 1] + grey[..., 2]
    vivid = rgb.max(axis=2) - rgb.min(axis=2)
    solid = alpha > 0.5
    count = max(1, int(solid.sum()))
    coloured = int(((vivid > 60) & solid).sum()) > count // 4
    weight = smooth(24, 70, vivid) if coloured else smooth(30, 90, level)
    chosen = solid & (weight > 0.5)
    middle = float(int(level[chosen].astype(np.int64).sum())) / max(1, int(chosen.sum()))
    middle = min(max(middle, 60.0), 215.0)
    paint = np.asarray(colour, np.float32)
    dark = paint * (level * np.float32(1.0 / middle))[..., None]
    above = np.clip((level - np.float32(middle)) * np.float32(1.0 / (256.0 - middle)), 0.0, 1.0)
    light = paint + (np.float32(255.0) - paint) * above[..., None]
    new = np.where((level > middle)[..., None], light, dark)
    return rgb + (new - rgb) * (weight * np.float32(0.94))[..., None]


def _modelled(rgb: Floats, alpha: Floats, palette: Palette, light_from: float) -> Floats:
    """Round where the picture is flat: a lit and a shaded side, darker feet, a rim of light."""
    height, width = alpha.shape
    reach = max(1, min(height, width) // 9)
    plate = Image.fromarray((alpha * np.float32(255)).astype(np.uint8))
    padded = Image.new("L", (width + 4 * reach, height + 4 * reach))
    padded.paste(plate, (2 * reach, 2 * reach))
    soft = np.asarray(padded.filter(ImageFilter.GaussianBlur(reach))).astype(np.float32)

    def shifted(dx: int, dy: int) -> Floats:
        top, left = 2 * reach + dy, 2 * reach + dx
        return soft[top : top + height, left : left + width]

    side = int(light_from) * reach
    slope = shifted(-side, reach) - shifted(side, -reach)
    lit = np.clip(slope * np.float32(1 / 255), -1.0, 1.0)
    y = np.arange(height, dtype=np.float32)[:, None] / np.float32(height)
    shade = np.clip(-lit, 0.0, 1.0) * np.float32(0.62) + smooth(0.55, 1.1, y) * np.float32(0.3)
    rgb = (
        rgb + (np.asarray(palette.shadow, np.float32) - rgb) * (shade * np.float32(0.62))[..., None]
    )
    bright = np.clip(lit, 0.0, 1.0) * np.float32(0.72 if palette.night else 0.42)
    return rgb + (np.asarray(palette.sun, np.float32) - rgb) * bright[..., None]
