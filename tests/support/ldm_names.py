"""Turns a pipeline's tensors into those of the one file in which such models were published."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch

Tensors = dict[str, torch.Tensor]
_Rules = Iterable[tuple[str, str | Callable[[re.Match[str]], str]]]

_RESNET = (
    (r"\.norm1\.", ".in_layers.0."),
    (r"\.conv1\.", ".in_layers.2."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"\.norm2\.", ".out_layers.0."),
    (r"\.conv2\.", ".out_layers.3."),
    (r"\.conv_shortcut\.", ".skip_connection."),
)
_OPEN_CLIP = (
    (r"^embeddings\.token_embedding\.", "token_embedding."),
    (r"^embeddings\.position_embedding\.weight", "positional_embedding"),
    (r"^final_layer_norm\.", "ln_final."),
    (r"^encoder\.layers\.", "transformer.resblocks."),
    (r"\.layer_norm(\d)\.", r".ln_\1."),
    (r"\.mlp\.fc1\.", ".mlp.c_fc."),
    (r"\.mlp\.fc2\.", ".mlp.c_proj."),
    (r"\.self_attn\.", ".attn."),
)


def published_tensors(pipeline: Any) -> Tensors:
    """All of a Stable Diffusion pipeline's weights under their published names."""
    unet, vae = pipeline.unet, pipeline.vae
    tensors = _renamed(unet.state_dict(), "model.diffusion_model.", _unet_rules(unet.config))
    tensors |= _vae(vae.state_dict(), len(vae.config.block_out_channels))
    first = _text(pipeline.text_encoder.state_dict())
    if (second := getattr(pipeline, "text_encoder_2", None)) is not None:
        tensors |= _prefixed("conditioner.embedders.0.transformer.text_model.", first)
        return tensors | _open_clip(_text(second.state_dict()), "conditioner.embedders.1.model.")
    if pipeline.text_encoder.config.hidden_act == "gelu":
        return tensors | _open_clip(first, "cond_stage_model.model.")
    return tensors | _prefixed("cond_stage_model.transformer.text_model.", first)


def _unet_rules(config: Mapping[str, Any]) -> _Rules:
    each = config["layers_per_block"] + 1
    goes_up_plain = ["CrossAttn" not in kind for kind in config["up_block_types"]]

    def down(match: re.Match[str]) -> str:
        block, kind, layer = int(match[1]), match[2], int(match[3])
        return f"input_blocks.{1 + block * each + layer}.{kind == 'attentions':d}."

    def up(match: re.Match[str]) -> str:
        block, kind, layer = int(match[1]), match[2], int(match[3])
        return f"output_blocks.{block * each + layer}.{kind == 'attentions':d}."

    def widen(match: re.Match[str]) -> str:
        block = int(match[1])
        return f"output_blocks.{block * each + each - 1}.{1 if goes_up_plain[block] else 2}.conv."

    return (
        (r"^time_embedding\.linear_1\.", "time_embed.0."),
        (r"^time_embedding\.linear_2\.", "time_embed.2."),
        (r"^add_embedding\.linear_1\.", "label_emb.0.0."),
        (r"^add_embedding\.linear_2\.", "label_emb.0.2."),
        (r"^conv_in\.", "input_blocks.0.0."),
        (r"^conv_norm_out\.", "out.0."),
        (r"^conv_out\.", "out.2."),
        (
            r"^down_blocks\.(\d+)\.downsamplers\.0\.conv\.",
            lambda m: f"input_blocks.{(int(m[1]) + 1) * each}.0.op.",
        ),
        (r"^up_blocks\.(\d+)\.upsamplers\.0\.conv\.", widen),
        (r"^down_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.", down),
        (r"^up_blocks\.(\d+)\.(resnets|attentions)\.(\d+)\.", up),
        (r"^mid_block\.attentions\.0\.", "middle_block.1."),
        (r"^mid_block\.resnets\.0\.", "middle_block.0."),
        (r"^mid_block\.resnets\.1\.", "middle_block.2."),
    )


def _vae(state: Tensors, depth: int) -> Tensors:
    rules: _Rules = (
        (r"\.down_blocks\.(\d+)\.resnets\.", r".down.\1.block."),
        (r"\.down_blocks\.(\d+)\.downsamplers\.0\.", r".down.\1.downsample."),
        (r"\.up_blocks\.(\d+)\.resnets\.", lambda m: f".up.{depth - 1 - int(m[1])}.block."),
        (
            r"\.up_blocks\.(\d+)\.upsamplers\.0\.",
            lambda m: f".up.{depth - 1 - int(m[1])}.upsample.",
        ),
        (r"\.mid_block\.resnets\.(\d)\.", lambda m: f".mid.block_{int(m[1]) + 1}."),
        (r"\.mid_block\.attentions\.0\.", ".mid.attn_1."),
        (r"\.attn_1\.group_norm\.", ".attn_1.norm."),
        (r"\.attn_1\.to_([qkv])\.", r".attn_1.\1."),
        (r"\.attn_1\.to_out\.0\.", ".attn_1.proj_out."),
        (r"\.conv_norm_out\.", ".norm_out."),
        (r"\.conv_shortcut\.", ".nin_shortcut."),
    )
    renamed = _renamed(state, "first_stage_model.", rules)
    return {
        name: tensor[:, :, None, None] if ".attn_1." in name and tensor.dim() == 2 else tensor
        for name, tensor in renamed.items()
    }


def _text(state: Tensors) -> Tensors:
    return {name.removeprefix("text_model."): tensor for name, tensor in state.items()}


def _open_clip(state: Tensors, prefix: str) -> Tensors:
    joined: Tensors = {}
    for name, tensor in state.items():
        if (found := re.search(r"(.*)\.q_proj\.(weight|bias)$", name)) is not None:
            thirds = [state[f"{found[1]}.{part}_proj.{found[2]}"] for part in "qkv"]
            joined[f"{found[1]}.in_proj_{found[2]}"] = torch.cat(thirds)
        elif name == "text_projection.weight":
            joined["text_projection"] = tensor.T
        elif not re.search(r"\.[kv]_proj\.", name):
            joined[name] = tensor
    return _renamed(joined, prefix, _OPEN_CLIP)


def _renamed(state: Tensors, prefix: str, rules: _Rules) -> Tensors:
    tensors: Tensors = {}
    for name, tensor in state.items():
        for pattern, words in rules:
            name = re.sub(pattern, words, name)
        if "input_blocks" in name or "output_blocks" in name or "middle_block" in name:
            for pattern, words in _RESNET:
                if "transformer_blocks" not in name:
                    name = re.sub(pattern, words, name)
        tensors[prefix + name] = tensor.contiguous()
    return tensors


def _prefixed(prefix: str, state: Tensors) -> Tensors:
    return {prefix + name: tensor for name, tensor in state.items()}
