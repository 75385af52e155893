"""How fast this computer computes, in half a second, so that a download can say what it is worth.

The time of a picture goes into products and sums of single-precision numbers. Their speed here
beside their speed on the computer where the catalogue's times were taken gives an expectation,
not a promise: memory, half-precision and matrix units, and other programs are left out. They are
taken by numpy's own loops and not as products of matrices, whose speed is that of the BLAS that
numpy was built with, if any.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

REFERENCE_GFLOPS = 14.0
"""What ``vector_gflops`` gave on the two cores (AVX-512) of the catalogue's times."""

_LENGTH = 2048  # 8 KiB: three such stay in any processor's nearest cache
_REPEATS = 4096
_TEST_S = 0.5


def vector_gflops(clock: Callable[[], float] = perf_counter, threads: int | None = None) -> float:
    """Billions of single-precision operations a second, by all cores.

    Blocks for half a second, without the GIL.
    """
    import numpy as np  # a tenth of a second that a server's start need not pay

    def gflops_of_one(_: int) -> float:
        rows = np.broadcast_to(np.ones(_LENGTH, np.float32), (_REPEATS, _LENGTH))
        result = np.empty(_LENGTH, np.float32)
        rounds, begun = 0, clock()
        while (passed_s := clock() - begun) < _TEST_S:
            np.add.reduce(rows, axis=0, out=result)
            np.multiply.reduce(rows, axis=0, out=result)
            rounds += 1
        return 2 * _REPEATS * _LENGTH * rounds / passed_s / 1e9

    threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(gflops_of_one, range(threads)))


def expected_seconds(reference_s: float, gflops: float) -> float:
    """What takes ``reference_s`` on the catalogue's computer, on one of this speed."""
    return reference_s * REFERENCE_GFLOPS / gflops
