"""What was compiled for a graphics card is kept, within bounds, and never at a picture's cost."""

import os
from pathlib import Path
from typing import Any

import openvino_genai
import pytest

from algovera_desktop.server.pipelines.compiled_models import CompiledModels
from support.random_models import tiny_models


def given(properties: dict[str, str]) -> dict[str, str]:
    return properties


def test_a_processor_keeps_nothing(tmp_path: Path) -> None:
    assert CompiledModels(tmp_path).loaded("CPU", 1, given) == {}


def test_openvino_takes_the_folder_that_it_is_given(tmp_path: Path) -> None:
    folder = str(tiny_models().folder / "openvino")
    make: Any = openvino_genai.Text2ImagePipeline
    # There is no card here, so the processor compiles in its place.
    pipe = CompiledModels(tmp_path / "compiled").loaded(
        "GPU.0", 1, lambda properties: make(folder, "CPU", **properties)
    )
    assert pipe.generate("a cat", width=64, height=64, num_inference_steps=1).data.any()
    assert any((tmp_path / "compiled").glob("*.blob"))


def test_the_oldest_are_dropped_beyond_the_bound(tmp_path: Path) -> None:
    for age in range(4):
        file = tmp_path / f"{age}.blob"
        file.write_bytes(bytes(100))
        os.utime(file, (1000 - age, 1000 - age))
    CompiledModels(tmp_path, most_bytes=250).loaded("GPU", 1, given)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.blob", "1.blob"]


@pytest.mark.parametrize("is_file", [True, False], ids=["no folder", "no room"])
def test_where_nothing_can_be_kept_the_model_is_loaded_all_the_same(
    tmp_path: Path, is_file: bool
) -> None:
    if is_file:
        (tmp_path / "compiled").write_text("in the way")
    needed = 1 if is_file else 2**60
    assert CompiledModels(tmp_path / "compiled").loaded("GPU", needed, given) == {}
