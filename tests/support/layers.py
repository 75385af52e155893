"""Reads every import of the package from its source and judges it by the rings it stands in."""

import ast
import graphlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "algovera_desktop"

_MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "": frozenset({"resources"}),
    "resources": frozenset({""}),
    "programs": frozenset(),
    "domain": frozenset({"domain"}),
    "engines": frozenset({"", "resources", "programs", "domain", "engines"}),
    "library": frozenset({"", "resources", "domain", "library"}),
    "services": frozenset({"", "resources", "domain", "engines", "library", "services"}),
    "server": frozenset({"", "resources", "programs", "domain", "server"}),
    "ui": frozenset({"", "resources", "domain", "engines", "library", "services", "ui"}),
}
"""Which rings a ring may import; "" is the package itself, which holds the version.

What is not named here (``app``, ``__main__`` ...) composes: no ring imports it."""

_ONLY_STANDARD_LIBRARY = frozenset({"", "resources", "programs", "domain"})
WITHOUT_QT = frozenset(_MAY_IMPORT) - {"ui"}
_QT = frozenset({"PySide6", "shiboken6"})


@dataclass(frozen=True)
class Import:
    """One import statement's one target, as a dotted module name."""

    module: str
    target: str
    line: int

    @property
    def target_root(self) -> str:
        """The distribution's top name."""
        return self.target.split(".")[0]


def ring_of(module: str) -> str:
    """The ring of a module of the package: the name after the package's own."""
    return f"{module}.".split(".")[1]


def read_imports(source_root: Path) -> list[Import]:
    """Every import below ``source_root/algovera_desktop``, lazy and type-checking ones too."""
    files = {_module_name(path, source_root): path for path in _sources(source_root)}
    found: list[Import] = []
    for module, path in files.items():
        tree = ast.parse(path.read_text("utf-8"), str(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found += [Import(module, name, node.lineno) for name in _targets(node, files)]
    return found


def violations(imports: list[Import]) -> list[str]:
    """Every import that points outwards, and every ring of modules that import one another."""
    found = [f"{it.module}:{it.line}: {reason}" for it in imports for reason in _faults(it)]
    return [*sorted(found), *_cycles(imports)]


def _sources(source_root: Path) -> Iterator[Path]:
    yield from sorted((source_root / PACKAGE).rglob("*.py"))


def _module_name(path: Path, source_root: Path) -> str:
    parts = path.relative_to(source_root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _targets(node: ast.Import | ast.ImportFrom, files: Mapping[str, Path]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = "." * node.level + (node.module or "")
    names = [f"{base}.{alias.name}" for alias in node.names]
    return [name if name in files else base for name in names]


def _faults(it: Import) -> Iterator[str]:
    ring = ring_of(it.module)
    if it.target.startswith("."):
        yield f"imports {it.target} by a relative name"
    elif it.target_root == PACKAGE:
        target_ring = ring_of(it.target)
        if ring in _MAY_IMPORT and target_ring not in _MAY_IMPORT[ring]:
            yield f"{ring or PACKAGE} must not import {it.target}"
        if ring not in _MAY_IMPORT and target_ring == "server":
            yield "the server is another process: it is started, not imported"
    elif it.target_root in _QT and ring in WITHOUT_QT:
        yield f"{ring or PACKAGE} must do without Qt"
    elif ring in _ONLY_STANDARD_LIBRARY and it.target_root not in sys.stdlib_module_names:
        yield f"{ring or PACKAGE} must do with the standard library, not {it.target_root}"


def _cycles(imports: list[Import]) -> list[str]:
    graph: dict[str, set[str]] = {}
    for it in imports:
        if it.target_root == PACKAGE:
            graph.setdefault(it.module, set()).add(it.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return ["modules import one another: " + " -> ".join(reversed(error.args[1]))]
    return []
