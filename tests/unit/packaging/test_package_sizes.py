from pathlib import Path

import pytest

import package_sizes
from bundle import Bundle


def write(folder: Path, sizes: dict[str, int]) -> Path:
    for name, size in sizes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes(size))
    return folder


@pytest.mark.parametrize(
    ("executable", "inside"),
    [
        ("algovera-desktop", "_internal"),
        ("algovera-desktop.exe", "_internal"),
        ("Contents/MacOS/algovera-desktop", "Contents/Frameworks"),
    ],
)
def test_the_largest_parts_are_named_on_every_system(
    tmp_path: Path, executable: str, inside: str
) -> None:
    tree = write(
        tmp_path,
        {
            executable: 30,
            f"{inside}/numpy/core.so": 200,
            f"{inside}/PySide6/Qt/lib/Qt6Gui": 400,
            f"{inside}/PySide6/QtGui.so": 100,
        },
    )
    name = Path(executable).name
    assert package_sizes.largest_parts(tree) == [("PySide6", 500), ("numpy", 200), (name, 30)]
    assert package_sizes.size_bytes(tree) == 730


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_the_limit_is_for_what_has_no_runtime_within(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    system: str,
) -> None:
    base = write(tmp_path / "base", {"algovera-desktop": 2_000_000})
    runtime = write(tmp_path / "runtime", {"_internal/openvino/a.so": 1_000_000})
    monkeypatch.setattr("sys.platform", system)
    assert package_sizes.report(Bundle(base, runtime, tmp_path), [])
    said = capsys.readouterr().out
    limit = " (at most 150 MB)" if system == "linux" else ""
    assert f"The program, installed: 2.0 MB{limit}\n" in said
    assert "The local-model runtime, installed: 1.0 MB\n" in said
    assert "openvino  " in said


@pytest.mark.parametrize(
    ("name", "size", "is_kept"),
    [
        ("algovera-desktop_1_amd64.deb", 60_000_000, True),
        ("algovera-desktop_1_amd64.deb", 60_000_001, False),
        ("algovera-desktop-openvino_1_amd64.deb", 60_000_001, True),
    ],
)
def test_a_package_that_is_larger_than_it_may_be_is_told(
    tmp_path: Path, name: str, size: int, is_kept: bool
) -> None:
    package = tmp_path / name
    with package.open("wb") as file:
        file.truncate(size)
    bundle = Bundle(tmp_path / "base", tmp_path / "runtime", tmp_path)
    assert package_sizes.report(bundle, [package]) == is_kept
