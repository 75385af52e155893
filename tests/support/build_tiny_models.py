"""Builds all models that paint in a moment, in one process: importing PyTorch takes the longest.

python -m support.build_tiny_models FOLDER tiny
"""

import sys
from pathlib import Path

from support import build_random_models, onnx_export, single_files


def main(folder: Path) -> None:
    build_random_models.main(folder, build_random_models.SHAPES["tiny"])
    single_files.build(folder / "single")
    onnx_export.export(folder / "diffusers", folder / "onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
