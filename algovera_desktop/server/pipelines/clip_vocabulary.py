"""CLIP's vocabulary, made from the list of what grows together.

Its tokens are, in order: each byte as a letter, each byte as a letter that ends a word, what each
line of the list joins, and the marks of a text's start and end
(https://github.com/openai/CLIP, ``simple_tokenizer.py``; the letters are GPT-2's).
"""

import gzip
import json
from pathlib import Path

from algovera_desktop.resources import resource_path

_END_OF_WORD = "</w>"
_MARKS = ("<|startoftext|>", "<|endoftext|>")
_PRINTABLE = (range(33, 127), range(161, 173), range(174, 256))


def write_vocabulary(folder: Path) -> None:
    """Write ``vocab.json`` and ``merges.txt`` as a tokenizer reads them. Raises OSError."""
    merges = gzip.decompress(resource_path("models/clip/merges.txt.gz").read_bytes()).decode()
    letters = byte_letters()
    tokens = [*letters, *(letter + _END_OF_WORD for letter in letters)]
    tokens += [line.replace(" ", "") for line in merges.splitlines()]
    tokens += _MARKS
    numbers = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbers), "utf-8")
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}", "utf-8")


def byte_letters() -> list[str]:
    """A letter for each byte: those that can be printed stand for themselves and come first."""
    printable = [byte for each in _PRINTABLE for byte in each]
    others = 256 - len(printable)
    return [*map(chr, printable), *(chr(256 + number) for number in range(others))]
