"""Files in the format of safetensors, with what a test wants in their heads."""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

UNET, VAE = "model.diffusion_model.", "first_stage_model."
CLIP = "cond_stage_model.transformer.text_model."
OPEN_CLIP = "cond_stage_model.model."

Shapes = dict[str, tuple[int, ...]]


def write_tensors(
    path: Path,
    shapes: Mapping[str, Sequence[int]],
    notes: Mapping[str, str] | None = None,
    values: Mapping[str, Sequence[float]] | None = None,
) -> Path:
    """A file of these tensors in half precision, 0 where no values are given."""
    header: dict[str, object] = {"__metadata__": dict(notes or {"format": "pt"})}
    body = b""
    for name, shape in shapes.items():
        numbers = (values or {}).get(name) or [0.0] * math.prod(shape)
        data = struct.pack(f"<{len(numbers)}e", *numbers)
        offsets = [len(body), len(body) + len(data)]
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": offsets}
        body += data
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    return path


def small_model(text: str = CLIP) -> Shapes:
    """The tensors that tell what a whole model is, of a painter with two stages of one layer."""
    shapes: Shapes = {
        f"{UNET}input_blocks.0.0.weight": (8, 4, 3, 3),
        f"{UNET}input_blocks.1.0.out_layers.3.weight": (8, 8, 3, 3),
        f"{UNET}input_blocks.1.1.transformer_blocks.0.norm1.bias": (8,),
        f"{UNET}input_blocks.2.0.op.weight": (8, 8, 3, 3),
        f"{UNET}input_blocks.3.0.out_layers.3.weight": (16, 8, 3, 3),
        f"{UNET}middle_block.1.proj_in.weight": (16, 16, 1, 1),
        f"{UNET}middle_block.1.transformer_blocks.0.attn2.to_k.weight": (16, 12),
        f"{UNET}out.2.weight": (4, 8, 3, 3),
        f"{VAE}decoder.conv_in.weight": (8, 4, 3, 3),
        f"{VAE}encoder.down.0.block.0.conv2.weight": (8, 8, 3, 3),
    }
    for block in range(4):
        shapes[f"{UNET}output_blocks.{block}.0.in_layers.0.bias"] = (8,)
    for block in (2, 3):
        shapes[f"{UNET}output_blocks.{block}.1.transformer_blocks.0.norm1.bias"] = (8,)
    if text == CLIP:
        shapes[f"{CLIP}embeddings.token_embedding.weight"] = (50, 12)
        shapes[f"{CLIP}embeddings.position_embedding.weight"] = (7, 12)
        shapes[f"{CLIP}encoder.layers.0.mlp.fc1.weight"] = (24, 12)
    if text == OPEN_CLIP:
        shapes[f"{OPEN_CLIP}token_embedding.weight"] = (50, 12)
        shapes[f"{OPEN_CLIP}positional_embedding"] = (7, 12)
        shapes[f"{OPEN_CLIP}transformer.resblocks.0.mlp.c_fc.weight"] = (24, 12)
    return shapes
