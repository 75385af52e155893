"""The painter alone, without server, queue or window: prints milliseconds a picture as JSON.

python bare_pipeline.py COUNT
"""

import json
import sys
import time

from algovera_desktop.domain.generation import GenerationRequest


def request(seed: int) -> GenerationRequest:
    """What the benchmarks paint: small, so that what is around the painting weighs."""
    return GenerationRequest(
        "a red boat on the sea", "sketch", width=256, height=256, steps=10, seed=seed
    )


def main(count: int) -> None:
    """Paint one picture to warm up, then ``count`` of the same."""
    # Here and not above: the benchmarks of the window take ``request`` and no painter.
    from algovera_desktop.server.pipelines.shipped import sketch

    pipeline = sketch()
    pipeline.load()
    taken_ms: list[float] = []
    for _ in range(count + 1):
        started_at = time.perf_counter()
        pipeline.render(request(0), lambda *_: True)
        taken_ms.append((time.perf_counter() - started_at) * 1000)
    print(json.dumps(taken_ms[1:]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
