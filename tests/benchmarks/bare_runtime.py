"""A runtime alone, without server or worker: paints a picture for each line of standard input and
answers it with a line of JSON.

    python bare_runtime.py openvino|diffusers FOLDER SIDE STEPS

``steps_s``: the times between each two steps; ``peak_mib``: the most memory it has held so far, 0
where the system does not tell.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path


def main(runtime: str, folder: str, side: int, steps: int) -> None:
    """Load the model, paint a picture of two steps to warm up, then those that are asked for."""
    paint = {"openvino": _openvino, "diffusers": _diffusers}[runtime](folder)
    paint(side, 2, lambda: None)
    for _ in sys.stdin:
        stamps: list[float] = []
        paint(side, steps, lambda stamps=stamps: stamps.append(time.perf_counter()))
        steps_s = [after - before for before, after in pairwise(stamps)]
        print(json.dumps({"steps_s": steps_s, "peak_mib": peak_mib("self")}), flush=True)


def peak_mib(process: int | str) -> float:
    """The most memory that a process has held since its start (Linux)."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii", errors="replace")
    except OSError:
        return 0.0
    return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")) / 1024


def _openvino(folder: str) -> Callable[[int, int, Callable[[], None]], None]:
    import openvino_genai

    pipe = openvino_genai.Text2ImagePipeline(folder, "CPU")

    def paint(side: int, steps: int, on_step: Callable[[], None]) -> None:
        def callback(*_: object) -> bool:
            on_step()
            return False

        pipe.generate(
            "a red boat on the sea",
            negative_prompt="",
            width=side,
            height=side,
            num_inference_steps=steps,
            guidance_scale=7.5,
            rng_seed=1,
            callback=callback,
        )

    return paint


def _diffusers(folder: str) -> Callable[[int, int, Callable[[], None]], None]:
    import torch
    from diffusers import DiffusionPipeline

    pipe = DiffusionPipeline.from_pretrained(
        folder, dtype=torch.bfloat16, use_safetensors=True, local_files_only=True
    )
    pipe.set_progress_bar_config(disable=True)

    def paint(side: int, steps: int, on_step: Callable[[], None]) -> None:
        def callback(*_: object) -> dict[str, object]:
            on_step()
            return {}

        pipe(
            "a red boat on the sea",
            width=side,
            height=side,
            num_inference_steps=steps,
            guidance_scale=7.5,
            callback_on_step_end=callback,
        )

    return paint


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
