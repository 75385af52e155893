"""PyTorch's lock: what it adds, without CUDA, and on Linux with the build for processors.

numpy's: the releases of the packagers' lock, to be built without BLAS.
"""

import re
from pathlib import Path

from locks import (
    CPU_BUILDS,
    DEVELOPERS,
    NUMPY,
    PACKAGERS,
    TORCH,
    numpy_lock,
    torch_lock,
)

ROOT = Path(__file__).parents[3]

RESOLVED = """\
cuda-toolkit==13.2.2 ; sys_platform == 'linux' \\
    --hash=sha256:aa
diffusers==0.42.1 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
nvidia-nccl-cu13==2.30.7 ; sys_platform == 'linux' \\
    --hash=sha256:dd
pillow==11.0 \\
    --hash=sha256:ee
torch==2.13.0 \\
    --hash=sha256:ff
triton==3.9.0 \\
    --hash=sha256:ab
"""


def releases(lock: str) -> set[str]:
    return set(re.findall(r"^\S+==\S+", lock, re.MULTILINE))


def test_it_holds_what_the_developers_lock_lacks_and_no_cuda():
    lock = torch_lock(RESOLVED, "pillow==11.0 ; sys_platform == 'linux' \\\n    --hash=sha256:ee\n")
    assert releases(lock) == {"diffusers==0.42.1", "torch==2.13.0", "torch==2.13.0+cpu"}
    assert "diffusers==0.42.1 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n" in lock


def test_linux_has_the_build_for_processors_and_other_systems_the_registrys():
    (digest,) = CPU_BUILDS["torch==2.13.0"]
    lock = torch_lock(RESOLVED, "")
    assert "torch==2.13.0 ; sys_platform != 'linux' \\\n    --hash=sha256:ff\n" in lock
    assert f"torch==2.13.0+cpu ; sys_platform == 'linux' \\\n    --hash=sha256:{digest}\n" in lock


def test_the_kept_lock_adds_to_the_developers_and_names_a_build_whose_hash_is_known():
    torch, developers = (releases((ROOT / name).read_text("utf-8")) for name in (TORCH, DEVELOPERS))
    assert not torch & developers
    assert {f"{release}+cpu" for release in CPU_BUILDS} <= torch


def test_numpy_alone_is_told_to_be_built_without_blas():
    lock = numpy_lock(
        "ninja==1.13 \\\n    --hash=sha256:aa\nnumpy==2.4.6 \\\n    --hash=sha256:bb\n"
    )
    told, digest = lock.splitlines()
    assert told.startswith('numpy==2.4.6 --config-settings="setup-args=-Dblas=none" ')
    assert told.endswith(" \\")
    assert digest == "    --hash=sha256:bb"


def test_the_kept_lock_of_numpy_is_that_of_the_packagers():
    packagers = (ROOT / PACKAGERS).read_text("utf-8")
    assert (ROOT / NUMPY).read_text("utf-8") == numpy_lock(packagers)
    assert releases(numpy_lock(packagers)) < releases(packagers)
