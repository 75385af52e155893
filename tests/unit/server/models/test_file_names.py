"""Whatever a stranger lists, nothing is written outside of the model's folder."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.server.models.errors import DownloadError
from algovera_desktop.server.models.file_names import MOST_BYTES, check_name, wanted
from algovera_desktop.server.models.manifest import HubFile

EVERYTHING = ("*",)


def listed(*paths: str, size_bytes: int = 1) -> list[HubFile]:
    return [HubFile(path, size_bytes) for path in paths]


@given(st.text(max_size=30) | st.from_regex(r"[a-c./\\: ]{1,20}", fullmatch=True))
def test_a_name_that_passes_stays_inside_on_every_system(path: str) -> None:
    try:
        check_name(path)
    except DownloadError:
        return
    for kind in (PurePosixPath, PureWindowsPath):
        parts = kind(path)
        assert not parts.is_absolute()
        assert not parts.drive
        assert "/".join(parts.parts) == path
        assert not {".", ".."} & set(parts.parts)
    assert Path("/model", path).resolve().is_relative_to("/model")
    assert path.isprintable()


@pytest.mark.parametrize(
    "path",
    ["model_index.json", "unet/openvino_model.xml", "tokenizer/merges.txt", "a_b-c.1+2=3@x.json"],
)
def test_the_names_of_real_models_pass(path: str) -> None:
    check_name(path)


@pytest.mark.parametrize("path", ["aux.json", "unet/NUL", "com1.txt", "a/.git/b", "x.PART", "a."])
def test_names_that_mean_something_else_to_a_system_do_not_pass(path: str) -> None:
    with pytest.raises(DownloadError, match="not safe"):
        check_name(path)


@pytest.mark.parametrize(
    "paths", [("A.json", "a.json"), ("a.json", "a.json"), ("unet", "unet/a.json")]
)
def test_two_files_under_one_name_are_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(DownloadError, match="one name"):
        wanted(listed(*paths), EVERYTHING)


@pytest.mark.parametrize(
    "path", ["a.bin", "a.ckpt", "a.pt", "unet/a.pkl", "a.py", "a.exe", "a.zip"]
)
def test_kinds_that_could_run_a_program_are_refused(path: str) -> None:
    with pytest.raises(DownloadError, match="could run"):
        wanted(listed("b.json", path), EVERYTHING)


def test_a_bin_beside_its_xml_is_openvinos() -> None:
    files = wanted(listed("unet/m.bin", "unet/m.xml"), EVERYTHING)
    assert {file.path for file in files} == {"unet/m.bin", "unet/m.xml"}


def test_more_than_any_model_has_is_refused() -> None:
    with pytest.raises(DownloadError, match="more than"):
        wanted(listed(*(f"{n}.json" for n in range(2001))), EVERYTHING)
    with pytest.raises(DownloadError, match="more than"):
        wanted(listed("a.json", "b.json", size_bytes=MOST_BYTES), EVERYTHING)


def test_what_is_not_wanted_is_left_out_and_small_files_come_first() -> None:
    files = [HubFile("b.safetensors", 9), HubFile("../x.py", 1), HubFile("a.json", 2)]
    chosen = wanted(files, ("*.json", "*.safetensors"))
    assert [file.path for file in chosen] == ["a.json", "b.safetensors"]
    with pytest.raises(DownloadError, match="no file"):
        wanted(files, ("*.xml",))
