"""CLIP's way from words to numbers, as a model that OpenVINO runs.

OpenVINO's own converter does the same from a tokenizer of transformers, which is not here without
PyTorch; the steps are those that it finds in CLIP's.
"""

from collections.abc import Sequence
from typing import Any

import openvino
from openvino_tokenizers import (  # pyright: ignore[reportMissingTypeStubs]
    tokenizer_pipeline,
    utils,
)

_steps: Any = tokenizer_pipeline
_change_type: Any = utils.change_outputs_type

START, END = "<|startoftext|>", "<|endoftext|>"
_LENGTH = 77
_WORDS = (
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d"
    r"|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
)


def clip_tokenizer(numbers: dict[str, int], merges: Sequence[str], padding: str = END) -> Any:
    """An openvino.Model from texts to token ids, for a vocabulary as ``read_vocabulary`` has it."""
    marks = {mark: numbers[mark] for mark in (START, END)}
    words = sorted(numbers, key=numbers.__getitem__)
    pipeline = _steps.TokenizerPipeline(vocab=words)
    pipeline.add_steps(
        [
            _steps.SpecialTokensSplit([_steps.SpecialToken(mark) for mark in marks]),
            _steps.NormalizeUnicode("NFC"),
            _steps.RegexNormalizationStep(r"\s+", " "),
            _steps.CaseFoldStep("utf-8"),
            _steps.RegexSplitStep(_WORDS, invert=True),
            _steps.RegexSplitStep.byte_level_splitter(),
            _steps.BytesToCharsStep(),
            _steps.BPETokenizationStep(
                words, list(merges), unk_token=END, end_suffix="</w>", added_tokens=marks
            ),
            _steps.TruncationStep(_LENGTH - len(marks)),
            _steps.CombineSegmentsStep(
                [
                    _steps.AddToken(START, marks[START], 0),
                    _steps.Sequence(0),
                    _steps.AddToken(END, marks[END], 0),
                ],
                [0, 0, 0],
            ),
            _steps.PaddingStep(padding, numbers[padding], max_length=_LENGTH),
        ]
    )
    model = _change_type(pipeline.get_tokenizer_ov_subgraph(), openvino.Type.i64)
    for name, mark in (("pad", padding), ("bos", START), ("eos", END)):
        model.set_rt_info(numbers[mark], f"{name}_token_id")
    return model
