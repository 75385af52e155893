"""The layout in which Stable Diffusion was published: all its parts in one file.

The parts' settings in diffusers' words are read off the names and shapes of their tensors, so
that a slimmer or wider model of the same family is understood, too. Names as in
https://github.com/Stability-AI/generative-models and https://github.com/CompVis/latent-diffusion.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

UNET = "model.diffusion_model."
VAE = "first_stage_model."
CLIP_TEXT = "cond_stage_model.transformer.text_model."
OPEN_CLIP_TEXT = "cond_stage_model.model."
XL_CLIP_TEXT = "conditioner.embedders.0.transformer.text_model."
XL_OPEN_CLIP_TEXT = "conditioner.embedders.1.model."

Shapes = Mapping[str, tuple[int, ...]]
Settings = dict[str, Any]

_CLIP_HEAD_WIDTH = 64
_MOST_BLOCKS = 100
"""Each way. Stable Diffusion has 12; looking through the names of thousands takes minutes."""


class StrangeLayoutError(Exception):
    """The tensors do not follow the family's plan; the text says where."""


def unet_settings(shapes: Shapes, *, heads: int = 0, head_width: int = 0) -> Settings:
    """The part that takes noise away; with ``heads`` or ``head_width`` in each of its attentions.

    Raises StrangeLayoutError.
    """
    stages = _stages(shapes)
    widths = [
        _side(shapes, f"{UNET}input_blocks.{stage[0]}.0.out_layers.3.weight") for stage in stages
    ]
    depths = _depths(shapes, stages)
    kinds = ["CrossAttnDownBlock2D" if depth else "DownBlock2D" for depth in depths]
    settings: Settings = {
        "in_channels": _side(shapes, f"{UNET}input_blocks.0.0.weight", 1),
        "out_channels": _side(shapes, f"{UNET}out.2.weight"),
        "block_out_channels": widths,
        "layers_per_block": len(stages[0]),
        "down_block_types": kinds,
        "up_block_types": [kind.replace("Down", "Up") for kind in reversed(kinds)],
        # The middle is as deep as the last stage is said to be.
        "transformer_layers_per_block": [
            *(depth or 1 for depth in depths[:-1]),
            _depth(shapes, "middle_block.1"),
        ],
        "cross_attention_dim": _side(
            shapes, f"{UNET}middle_block.1.transformer_blocks.0.attn2.to_k.weight", 1
        ),
        "use_linear_projection": len(_shape(shapes, f"{UNET}middle_block.1.proj_in.weight")) == 2,
        "attention_head_dim": heads or [max(1, width // head_width) for width in widths],
    }
    if (label := f"{UNET}label_emb.0.0.weight") in shapes:
        settings["projection_class_embeddings_input_dim"] = _side(shapes, label, 1)
    return settings


def vae_settings(shapes: Shapes) -> Settings:
    """The part between pixels and latents. Raises StrangeLayoutError."""
    down = f"{VAE}encoder.down."
    depth = count(shapes, down)
    widths = [_side(shapes, f"{down}{stage}.block.0.conv2.weight") for stage in range(depth)]
    return {
        "block_out_channels": widths,
        "layers_per_block": count(shapes, f"{down}0.block."),
        "latent_channels": _side(shapes, f"{VAE}decoder.conv_in.weight", 1),
        "down_block_types": ["DownEncoderBlock2D"] * depth,
        "up_block_types": ["UpDecoderBlock2D"] * depth,
    }


def clip_settings(shapes: Shapes, prefix: str) -> Settings:
    """A text encoder as OpenAI named its tensors. Raises StrangeLayoutError."""
    words = _shape(shapes, f"{prefix}embeddings.token_embedding.weight")
    layers = f"{prefix}encoder.layers."
    return _text_settings(
        words,
        _side(shapes, f"{prefix}embeddings.position_embedding.weight"),
        _side(shapes, f"{layers}0.mlp.fc1.weight"),
        count(shapes, layers),
    )


def open_clip_settings(shapes: Shapes, prefix: str, most_layers: int = 0) -> Settings:
    """One as OpenCLIP named them, of which only the first ``most_layers`` may be used (0: all).

    Raises StrangeLayoutError.
    """
    words = _shape(shapes, f"{prefix}token_embedding.weight")
    layers = f"{prefix}transformer.resblocks."
    depth = count(shapes, layers)
    settings = _text_settings(
        words,
        _side(shapes, f"{prefix}positional_embedding"),
        _side(shapes, f"{layers}0.mlp.c_fc.weight"),
        min(depth, most_layers) if most_layers else depth,
    )
    if (projection := f"{prefix}text_projection") in shapes:
        settings["projection_dim"] = _side(shapes, projection, 1)
    return settings


def count(names: Iterable[str], prefix: str) -> int:
    """How many numbered things stand under this name."""
    pattern = re.compile(re.escape(prefix) + r"(\d+)\.")
    return len({found[1] for name in names if (found := pattern.match(name))})


def _text_settings(words: tuple[int, ...], positions: int, inner: int, layers: int) -> Settings:
    vocabulary, width = words
    return {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "projection_dim": width,
        "max_position_embeddings": positions,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // _CLIP_HEAD_WIDTH),
    }


def _stages(shapes: Shapes) -> list[list[int]]:
    """The numbers of the blocks of each width: between them one that halves the picture."""
    stages: list[list[int]] = [[]]
    for block in range(1, _blocks(shapes, "input_blocks.")):
        if f"{UNET}input_blocks.{block}.0.op.weight" in shapes:
            stages.append([])
        else:
            stages[-1].append(block)
    if len({len(stage) for stage in stages}) != 1 or not stages[0]:
        raise StrangeLayoutError("its stages have different numbers of layers")
    return stages


def _depths(shapes: Shapes, stages: list[list[int]]) -> list[int]:
    """How many transformers each layer of a stage has: down, in the middle and up the same."""
    depths: list[int] = []
    going_up = _blocks(shapes, "output_blocks.")
    for number, stage in enumerate(stages):
        each = going_up // len(stages)
        up = range(going_up - (number + 1) * each, going_up - number * each)
        found = {_depth(shapes, f"input_blocks.{block}.1") for block in stage}
        found |= {_depth(shapes, f"output_blocks.{block}.1") for block in up}
        if len(found) != 1:
            raise StrangeLayoutError("the layers of one of its stages are of different depths")
        depths += found
    if depths[-1] not in (0, _depth(shapes, "middle_block.1")):
        raise StrangeLayoutError("its middle is of another depth than its last stage")
    return depths


def _blocks(shapes: Shapes, way: str) -> int:
    found = count(shapes, f"{UNET}{way}")
    if found > _MOST_BLOCKS:
        raise StrangeLayoutError(f"it has {found} {way.rstrip('.')}")
    return found


def _depth(shapes: Shapes, place: str) -> int:
    return count(shapes, f"{UNET}{place}.transformer_blocks.")


def _shape(shapes: Shapes, name: str) -> tuple[int, ...]:
    if name not in shapes:
        raise StrangeLayoutError(f"it has no {name}")
    return shapes[name]


def _side(shapes: Shapes, name: str, axis: int = 0) -> int:
    shape = _shape(shapes, name)
    if len(shape) <= axis:
        raise StrangeLayoutError(f"{name} has too few sides")
    return shape[axis]
