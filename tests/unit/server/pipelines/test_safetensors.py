"""What is read of a .safetensors file, and what is refused as none."""

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.server.pipelines.safetensors import NotSafetensorsError, read_tensor_file
from support.tensor_files import write_tensors


def test_names_shapes_notes_and_small_values_are_read(tmp_path: Path) -> None:
    shapes = {"a": (2, 3), "b": (4,)}
    path = write_tensors(tmp_path / "x", shapes, {"maker": "me"}, {"b": [1, -2, 0.5, 8]})
    file = read_tensor_file(path)
    assert {name: tensor.shape for name, tensor in file.tensors.items()} == shapes
    assert file.notes == {"maker": "me"}
    assert file.values("b") == [1, -2, 0.5, 8]
    assert file.values("c") == []


@pytest.mark.parametrize(
    ("kind", "data"),
    [("F32", struct.pack("<2f", 1.5, -3)), ("BF16", b"\xc0\x3f\x40\xc0"), ("I64", b"\0" * 16)],
)
def test_numbers_of_each_kind_are_read_and_others_left(
    tmp_path: Path, kind: str, data: bytes
) -> None:
    entry = {"dtype": kind, "shape": [2], "data_offsets": [0, len(data)]}
    text = json.dumps({"t": entry}).encode()
    (tmp_path / "x").write_bytes(struct.pack("<Q", len(text)) + text + data)
    assert read_tensor_file(tmp_path / "x").values("t") == ([] if kind == "I64" else [1.5, -3])


@given(data=st.binary(max_size=64))
def test_what_is_no_such_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(data)
    with pytest.raises(NotSafetensorsError):
        read_tensor_file(path)


@pytest.mark.parametrize(
    "header",
    [
        [],
        {"t": {"dtype": "F16", "shape": [1], "data_offsets": [0, 99]}},
        {"t": {"dtype": "F16", "shape": [-1], "data_offsets": [0, 2]}},
        {"t": {"dtype": "F16", "shape": [1], "data_offsets": [2, 0]}},
        {"t": {"dtype": "F16", "shape": [1]}},
        {"t": {"dtype": "F16", "shape": [float("inf")], "data_offsets": [0, 2]}},
        {"t": {"dtype": "F16", "shape": [1], "data_offsets": [0.5, 1.5]}},
        {"t": {"dtype": "F16", "shape": [1] * 1000, "data_offsets": [0, 2]}},
        {"t": 1},
        {"__metadata__": []},
    ],
)
def test_a_head_that_makes_no_sense_is_refused(tmp_path: Path, header: object) -> None:
    text = json.dumps(header).encode()
    (tmp_path / "x").write_bytes(struct.pack("<Q", len(text)) + text + b"\0\0")
    with pytest.raises(NotSafetensorsError):
        read_tensor_file(tmp_path / "x")


def test_a_head_that_would_fill_memory_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.write(struct.pack("<Q", 2**33))
        file.truncate(2**34)  # of which the disk holds nothing
    with pytest.raises(NotSafetensorsError):
        read_tensor_file(tmp_path / "x")
