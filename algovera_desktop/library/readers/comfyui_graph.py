"""A graph of ComfyUI's nodes, asked where its picture comes from.

Each node has a ``class_type`` and ``inputs``; an input is a value, or a link ``[node, output]``
(ComfyUI's ``execution.py``; its API format). Anybody may write nodes, so what counts is not so
much what a node is called as what its inputs are called.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast

from algovera_desktop.library.readers.json_fields import JsonFields

_SAMPLER_INPUTS = ("positive", "guider", "conditioning")
_LATENTS = ("latent_image", "latent", "samples")
_TEXTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "clip_g", "prompt", "string", "value")
_VALUES = ("value", "Value", "int", "float", "number", "Number")
_MAX_HOPS = 32
_MAX_NODES = 4096
"""The largest graphs that people draw have some hundreds."""


@dataclass(frozen=True, slots=True)
class Node:
    """``kind`` is its class."""

    name: str
    kind: str
    inputs: JsonFields


class Graph:
    """Links that lead nowhere or in a circle are followed no further."""

    def __init__(self, nodes: JsonFields) -> None:
        self._nodes = {
            name: Node(name, node.text("class_type") or "", node.part("inputs") or JsonFields({}))
            for name, node in islice(nodes.named_parts(), _MAX_NODES)
            if "class_type" in node
        }

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def first_sampler(self) -> Node | None:
        """The sampler with which the picture began: of several, one after the other, those that
        only refine or enlarge come later."""
        sampler = next(filter(_is_sampler, self._upstream(self._ends())), None)
        for _ in range(_MAX_HOPS):
            before = self._upstream([] if sampler is None else self.latents(sampler))
            earlier = next(filter(_is_sampler, before), None)
            if earlier is None:
                break
            sampler = earlier
        return sampler

    def latents(self, sampler: Node) -> list[Node]:
        """What gives a sampler its empty canvas, or the picture that it begins with."""
        return self._linked(sampler, _LATENTS)

    def near(self, nodes: Iterable[Node], *names: str) -> object:
        """The nearest value of such a name, in the nodes themselves or in what leads to them."""
        for found in self._upstream(nodes):
            for name in names:
                if (value := self._value(found, name, (*names, *_VALUES))) is not None:
                    return value
        return None

    def texts(self, node: Node, role: str) -> str:
        """The texts that lead to a node's input ``positive`` or ``negative``, one a line."""
        found: dict[str, None] = {}
        waiting, passed = self._starts(node, role), set[str]()
        for current in waiting:
            if current.name in passed:
                continue
            passed.add(current.name)
            texts = self._texts_in(current, role)
            found.update(dict.fromkeys(texts))
            if not texts:
                waiting += self._conditionings(current, role)
        return "\n".join(found)

    def _starts(self, node: Node, role: str) -> list[Node]:
        """Where the prompt of that role comes in; one that has no negative has ``conditioning``."""
        names = (role, "conditioning") if role == "positive" else (role,)
        holders = [node, *self._linked(node, ("guider",))]
        return [start for holder in holders for start in self._linked(holder, names)]

    def _texts_in(self, node: Node, role: str) -> list[str]:
        values = [self._value(node, name, _TEXTS) for name in (role, *_TEXTS)]
        return [value for value in values if isinstance(value, str) and value.strip()]

    def _conditionings(self, node: Node, role: str) -> list[Node]:
        """What a node passes on, changed or combined with other."""
        other = "negative" if role == "positive" else "positive"
        names = [name for name in node.inputs.names() if name not in (other, "clip", "model")]
        asked = [name for name in names if name == role or name.startswith("conditioning")]
        return self._linked(node, asked or names)

    def _value(self, node: Node, name: str, names: Iterable[str]) -> object:
        """An input's value; of a link the value of one of ``names`` at its other end."""
        for _ in range(_MAX_HOPS):
            value = node.inputs.get(name)
            if not isinstance(value, list):
                return None if isinstance(value, dict) else value
            linked = self._linked(node, (name,))
            if not linked:
                return None
            node = linked[0]
            name = next((other for other in names if other in node.inputs), "")
        return None

    def _ends(self) -> list[Node]:
        """The nodes that no other needs: those that save or show. Those that save come first."""
        needed = {link.name for node in self._nodes.values() for link in self._linked(node)}
        ends = [node for node in self._nodes.values() if node.name not in needed]
        return sorted(ends, key=lambda node: "Save" not in node.kind)

    def _upstream(self, nodes: Iterable[Node]) -> Iterator[Node]:
        """These nodes and all that lead to them, the nearest first."""
        waiting, passed = list(nodes), set[str]()
        for node in waiting:
            if node.name not in passed:
                passed.add(node.name)
                yield node
                waiting += self._linked(node)

    def _linked(self, node: Node, names: Iterable[str] | None = None) -> list[Node]:
        """The nodes at the other ends of an input's links, or of all inputs'."""
        values = map(node.inputs.get, node.inputs.names() if names is None else names)
        links = [cast("list[object]", value) for value in values if isinstance(value, list)]
        found = (self._nodes.get(str(link[0])) for link in links if len(link) == 2)
        return [other for other in found if other is not None]


def _is_sampler(node: Node) -> bool:
    is_named = "KSampler" in node.kind or "SamplerCustom" in node.kind
    return is_named or ("steps" in node.inputs and any(n in node.inputs for n in _SAMPLER_INPUTS))
