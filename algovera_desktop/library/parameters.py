"""A picture's parameters as text, in the form that AUTOMATIC1111's web UI writes and reads.

    a fox in the snow
    Negative prompt: blurry
    Steps: 30, CFG scale: 7.5, Seed: 1, Size: 512x512, Model: sketch, Version: ...

The form is that of ``create_infotext`` and ``parse_generation_parameters`` in its
``modules/processing.py`` and ``modules/infotext_utils.py``: a value with a comma, colon or
line break is a JSON string. The form is ambiguous (a prompt may hold a line that begins with
"Negative prompt:"); where reading it back would not give the same prompts, they stand once
more on the last line as JSON strings, which other programs pass over and ours believes.
"""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from algovera_desktop import __version__
from algovera_desktop.domain.generation import GenerationRequest

PROGRAM = f"Algovera Desktop {__version__}"

_NEGATIVE = "Negative prompt:"
_EXACT_PROMPT = "Exact prompt"
_EXACT_NEGATIVE = "Exact negative prompt"
# As in AUTOMATIC1111, but for the limit on a name: without it a long line takes quadratic time.
_FIELD = re.compile(r'(\w[\w \-/]{1,60}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")
_FEWEST_FIELDS = 3
"""A last line with fewer is part of the prompt, as AUTOMATIC1111 has it."""


@dataclass(frozen=True, slots=True)
class PictureParameters:
    """What a text says: the two prompts, and every field of its last line as written."""

    prompt: str
    negative_prompt: str
    fields: Mapping[str, str]

    def request(self) -> GenerationRequest:
        """The request, with the defaults for what is missing or makes no sense."""
        request = GenerationRequest(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            model=self.fields.get("Model", ""),
        )
        if size := _SIZE.fullmatch(self.fields.get("Size", "")):
            request = replace(request, width=int(size[1]), height=int(size[2]))
        with suppress(ValueError):
            request = replace(request, steps=int(self.fields.get("Steps", "")))
        with suppress(ValueError):
            request = replace(request, seed=int(self.fields.get("Seed", "")))
        with suppress(ValueError):
            guidance_scale = float(self.fields.get("CFG scale", ""))
            if math.isfinite(guidance_scale):
                request = replace(request, guidance_scale=guidance_scale)
        return request


def format_parameters(request: GenerationRequest, *, program: str = PROGRAM) -> str:
    """The text to embed; ``parse_parameters(text).request()`` is ``request`` again."""
    fields = {
        "Steps": str(request.steps),
        "CFG scale": repr(request.guidance_scale).removesuffix(".0"),
        "Seed": str(request.seed),
        "Size": f"{request.width}x{request.height}",
        "Model": request.model,
        "Version": program,
    }
    text = _text(request, fields)
    parsed = parse_parameters(text)
    if (parsed.prompt, parsed.negative_prompt) == (request.prompt, request.negative_prompt):
        return text
    exact = {_EXACT_PROMPT: request.prompt, _EXACT_NEGATIVE: request.negative_prompt}
    return _text(request, fields | {name: value for name, value in exact.items() if value})


def parse_parameters(text: str) -> PictureParameters:
    """Read a text of this form, ours or another program's; never raises."""
    head, _, last = text.rpartition("\n")
    found = _fields(last)
    if len(found) < _FEWEST_FIELDS:
        head, found = text, {}
    prompt, negative_prompt = _split_prompts(head)
    exact = found.keys() & {_EXACT_PROMPT, _EXACT_NEGATIVE}
    if exact:
        prompt = found.pop(_EXACT_PROMPT, "")
        negative_prompt = found.pop(_EXACT_NEGATIVE, "")
    return PictureParameters(prompt, negative_prompt, found)


def _text(request: GenerationRequest, fields: Mapping[str, str]) -> str:
    parts = [_displayable(request.prompt)]
    if request.negative_prompt:
        parts.append(f"{_NEGATIVE} {_displayable(request.negative_prompt)}")
    parts.append(", ".join(f"{name}: {_quoted(name, value)}" for name, value in fields.items()))
    return "\n".join(parts)


def _displayable(text: str) -> str:
    # A NUL ends the text for many readers of picture files.
    return text.replace("\0", "")


def _quoted(name: str, value: str) -> str:
    plain = not re.search(r'[,:\n\0"]', value) and value == value.strip()
    if plain and name not in (_EXACT_PROMPT, _EXACT_NEGATIVE):
        return value
    return json.dumps(value, ensure_ascii=False)


def _unquoted(value: str) -> str:
    if len(value) < 2 or not value.startswith('"') or not value.endswith('"'):
        return value
    try:
        decoded: object = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, str) else value


def _fields(line: str) -> dict[str, str]:
    return {match[1]: _unquoted(match[2].strip()) for match in _FIELD.finditer(line)}


def _split_prompts(head: str) -> tuple[str, str]:
    """The prompt and the negative prompt; the latter begins at the first line that says so."""
    lines = head.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(_NEGATIVE):
            first = line.removeprefix(_NEGATIVE).removeprefix(" ")
            return "\n".join(lines[:number]), "\n".join([first, *lines[number + 1 :]])
    return head, ""
