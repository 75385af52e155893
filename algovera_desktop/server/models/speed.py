"""How fast this computer computes, in half a second, so that a download can say what it is worth.

The time of a picture goes into matrix products. Their speed here beside their speed on the
computer where the catalogue's times were taken gives an expectation, not a promise: memory,
half-precision units and other programs are left out.
"""

from collections.abc import Callable
from time import perf_counter

REFERENCE_GFLOPS = 190.0
"""What ``matrix_gflops`` gave on the two cores (AVX-512) of the catalogue's times."""

_SIDE = 1024
_TEST_S = 0.5


def matrix_gflops(clock: Callable[[], float] = perf_counter) -> float:
    """Billions of single-precision operations a second, by all cores.

    Blocks for half a second, without the GIL.
    """
    import numpy as np  # a tenth of a second that a server's start need not pay

    left = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    right = left.T.copy()
    product = left @ right  # starts numpy's threads
    products, begun = 0, clock()
    while (passed_s := clock() - begun) < _TEST_S:
        np.matmul(left, right, out=product)
        products += 1
    return 2 * _SIDE**3 * products / passed_s / 1e9


def expected_seconds(reference_s: float, gflops: float) -> float:
    """What takes ``reference_s`` on the catalogue's computer, on one of this speed."""
    return reference_s * REFERENCE_GFLOPS / gflops
