"""How much memory may be taken, and what is said when it is too little."""

from pathlib import Path

import pytest

from algovera_desktop.server.memory import (
    cgroup_left,
    free_memory_bytes,
    is_out_of_memory,
    require_memory,
)
from algovera_desktop.server.pipelines.base import RenderFailedError, Weights
from algovera_desktop.server.pipelines.model_folder import needed_bytes


def test_too_little_is_refused_with_both_figures_and_what_to_do() -> None:
    require_memory(5 * 10**9, 5 * 10**9)
    with pytest.raises(RenderFailedError) as refused:
        require_memory(5 * 10**9, 31 * 10**8)
    assert str(refused.value) == (
        "The model needs about 5.0 GB of memory, and 3.1 GB are free. "
        "Close other programs or choose a smaller model."
    )


def test_a_control_group_leaves_its_limit_less_what_cannot_be_dropped(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 400\ninactive_file 200\nactive_file 100\n")
    assert cgroup_left(tmp_path) == 600


@pytest.mark.parametrize("limit", ["max\n", ""])
def test_a_control_group_without_a_limit_leaves_everything(tmp_path: Path, limit: str) -> None:
    (tmp_path / "memory.max").write_text(limit)
    assert cgroup_left(tmp_path) is None
    assert cgroup_left(tmp_path / "nowhere") is None


def test_some_memory_is_free_here() -> None:
    assert free_memory_bytes() > 10**7


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (MemoryError(), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("Failed to allocate 134217728 bytes of memory"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("shapes do not agree"), False),
    ],
)
def test_runtimes_say_in_words_that_memory_is_out(error: Exception, is_so: bool) -> None:
    assert is_out_of_memory(error) == is_so


@pytest.mark.parametrize(
    ("cause", "is_so"), [("Cannot allocate memory (os error 12)", True), ("No such file", False)]
)
def test_what_came_of_it_is_told_apart_from_what_it_was(cause: str, is_so: bool) -> None:
    """As diffusers does, which blames the file that it could not read into memory."""
    error = OSError("Unable to load weights")
    error.__context__ = OSError(cause)
    assert is_out_of_memory(error) == is_so


def test_where_nobody_says_what_a_model_needs_its_weights_are_weighed(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "openvino_model.bin").write_bytes(b"0" * 100)
    (tmp_path / "unet" / "openvino_model.xml").write_bytes(b"0" * 1000)
    assert needed_bytes(Weights("openvino", str(tmp_path))) == 200
    assert needed_bytes(Weights("openvino", str(tmp_path), 7)) == 7
    file = tmp_path / "one.safetensors"
    file.write_bytes(b"0" * 10)
    assert needed_bytes(Weights("diffusers", str(file))) == 20
