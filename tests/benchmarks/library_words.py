"""What the pictures of a made-up library are called: prompts as people write them, in number.

Word frequencies follow Zipf's law, as those of real prompts do: the first few words stand in
every third prompt, most words in one of ten thousand.
"""

from collections.abc import Iterator
from itertools import chain, islice, product

import numpy as np
from numpy.typing import NDArray

_COMMON = """
portrait of detailed light woman in the style highly painting with background beautiful art
digital concept cinematic lighting realistic fantasy forest fox snow old city night sunset
mountain girl face eyes hair dress red blue green golden dark soft sharp focus intricate
illustration photo studio film lens bokeh render octane unreal engine trending artstation
masterpiece quality best ultra hd volumetric fog mist rain river lake ocean sea beach boat ship
castle dragon knight wizard robot android cyberpunk neon street car train house garden flower
rose tree leaf autumn winter spring summer moon star sky cloud storm fire water stone gold
silver crystal glass mirror shadow sun morning evening bear wolf cat dog horse bird owl raven
eagle whale fish butterfly mushroom fairy elf witch queen king warrior samurai geisha temple
japan paris london venice desert dune canyon waterfall bridge tower church ruin library market
cafe interior kitchen bedroom window door chair lamp candle book map clock vintage retro modern
minimal abstract surreal baroque gothic impressionist watercolor oil ink pencil sketch charcoal
pastel acrylic canvas paper texture pattern symmetrical geometric portraiture close wide angle
shot macro aerial view depth field dramatic moody ethereal dreamy whimsical epic heroic serene
tranquil melancholic vibrant colorful monochrome contrast saturated muted warm cold glowing
floating flying running sitting standing looking holding wearing armor cloak hat crown mask
sword staff lantern jewelry lace silk velvet leather fur feather scales horns wings tail
"""
_SYLLABLES = "ka lo mi re tu sha ven dor il an bel cor fen gra hul jor nim os per quil"
_NEGATIVE = """
blurry lowres watermark text signature bad anatomy extra fingers deformed ugly cropped worst
quality jpeg artifacts duplicate mutated hands noisy grain
"""
_VOCABULARY = 20_000
_EXPONENT = 1.0
_CHUNK = 20_000


def vocabulary() -> list[str]:
    """Distinct words, the commonest first."""
    made = ("".join(parts) for parts in product(_SYLLABLES.split(), repeat=4))
    return list(islice(dict.fromkeys(chain(_COMMON.split(), made)), _VOCABULARY))


def prompts(random: np.random.Generator, count: int) -> Iterator[str]:
    """Prompts of 6 to 30 words, with the commas that people put between their phrases."""
    words = np.array(vocabulary(), dtype=object)
    weights = 1 / np.arange(1, len(words) + 1) ** _EXPONENT
    yield from _texts(random, count, words, weights, (6, 30))


def negative_prompts(random: np.random.Generator, count: int) -> Iterator[str]:
    """Every third picture has none; the others have one of few, as people keep theirs."""
    words = np.array(_NEGATIVE.split(), dtype=object)
    kept = ["", *_texts(random, 40, words, np.ones(len(words)), (3, 12))]
    for index in np.where(random.random(count) < 1 / 3, 0, random.integers(1, len(kept), count)):
        yield kept[index]


def _texts(
    random: np.random.Generator,
    count: int,
    words: NDArray[np.object_],
    weights: NDArray[np.float64],
    length: tuple[int, int],
) -> Iterator[str]:
    cumulated = np.cumsum(weights / weights.sum())
    for start in range(0, count, _CHUNK):
        lengths = random.integers(*length, min(_CHUNK, count - start))
        drawn = np.searchsorted(cumulated, random.random(int(lengths.sum())))
        chosen = words[np.minimum(drawn, len(words) - 1)]
        at = 0
        for size in lengths:
            yield _phrases(chosen[at : at + size])
            at += int(size)


def _phrases(words: NDArray[np.object_]) -> str:
    return ", ".join(" ".join(words[at : at + 4]) for at in range(0, len(words), 4))
