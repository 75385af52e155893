"""What a .safetensors file says of itself, without its weights.

Eight bytes give the length of the JSON that follows, which names each tensor with its shape and
where it lies (https://github.com/huggingface/safetensors#format). Nothing in it is code.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

_LENGTH = struct.Struct("<Q")
_MOST_HEADER_BYTES = 32 << 20
"""No model comes near: SDXL, in 2 500 tensors, has 300 kB."""

_MOST_VALUES = 1 << 16
_MOST_SIDES = 8
_FORMATS = {"F16": "e", "F32": "f", "F64": "d"}


class NotSafetensorsError(Exception):
    """The file is of another format, whatever its name says."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one lies: ``begin`` in bytes from the start of the file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int


@dataclass(frozen=True, slots=True)
class TensorFile:
    """A file's tensors by name, and the notes that its maker left."""

    path: Path
    tensors: Mapping[str, Tensor]
    notes: Mapping[str, str]

    def values(self, name: str) -> list[float]:
        """A small tensor's numbers, none of one that is not there, large, or of another kind.

        Raises OSError.
        """
        tensor = self.tensors.get(name)
        count = math.prod(tensor.shape) if tensor else 0
        if tensor is None or count > _MOST_VALUES:
            return []
        is_brain = tensor.dtype == "BF16"  # the upper half of a float32
        code = "H" if is_brain else _FORMATS.get(tensor.dtype, "")
        if not code:
            return []
        layout = struct.Struct(f"<{count}{code}")
        with self.path.open("rb") as file:
            file.seek(tensor.begin)
            data = file.read(layout.size)
        if len(data) < layout.size:
            return []
        numbers = layout.unpack(data)
        if is_brain:
            return list(
                struct.unpack(f"<{count}f", struct.pack(f"<{2 * count}H", *_halves(numbers)))
            )
        return list(numbers)


def _halves(upper: tuple[int, ...]) -> list[int]:
    return [half for number in upper for half in (0, number)]


def read_tensor_file(path: Path) -> TensorFile:
    """Look at the beginning of a file. Raises NotSafetensorsError or OSError."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        data_begin = _LENGTH.size + length
        if not 2 <= length <= _MOST_HEADER_BYTES or data_begin > size_bytes:
            raise NotSafetensorsError(f"{path.name} is no safetensors file.")
        text = file.read(length)
    try:
        return _parsed(path, json.loads(text), data_begin, size_bytes)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotSafetensorsError(f"{path.name} is no safetensors file.") from error


def _parsed(path: Path, header: Any, data_begin: int, size_bytes: int) -> TensorFile:
    if not isinstance(header, dict):
        raise ValueError("no object")
    entries = cast("dict[str, dict[str, Any]]", header)
    notes = {str(key): str(value) for key, value in entries.pop("__metadata__", {}).items()}
    tensors = {name: _tensor(entry, data_begin, size_bytes) for name, entry in entries.items()}
    return TensorFile(path, tensors, notes)


def _tensor(entry: Mapping[str, Any], data_begin: int, size_bytes: int) -> Tensor:
    begin, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    # JSON's numbers may be broken, and infinite: they would fail where nobody expects it.
    if not all(isinstance(number, int) for number in (begin, end, *shape)):
        raise ValueError("a tensor's place or shape is not in whole numbers")
    if len(shape) > _MOST_SIDES:
        raise ValueError("a tensor has too many sides")
    if not 0 <= begin <= end <= size_bytes - data_begin:
        raise ValueError("a tensor lies outside the file")
    if any(side < 0 for side in shape):
        raise ValueError("a tensor has a negative side")
    return Tensor(str(entry["dtype"]), shape, data_begin + begin)
