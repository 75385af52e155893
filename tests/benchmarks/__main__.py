"""Runs the benchmarks: ``python3 packaging/dev.py bench [NAME...] [--json FILE]``."""

import argparse
import compileall
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import algovera_desktop

HERE = Path(__file__).parent
# Beside this folder stand the helpers that the end-to-end tests use too.
sys.path.insert(0, str(HERE.parent))

from measurement import Measurement  # noqa: E402  Needs the line above like all that follows.


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all of them, and print each figure as it is known."""
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="dev.py bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(known):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {known}")

    # As an installed program has it, also where Python is told to write no bytecode of its own.
    compileall.compile_dir(Path(algovera_desktop.__file__).parent, quiet=1)
    print(_row("figure", "value", "unit", "baseline", "ratio"), flush=True)
    found: list[Measurement] = []
    for measurement in _measure(options.names or known):
        found.append(measurement)
        print(_row(*map(_cell, measurement.as_dict().values())), flush=True)
    if options.json:
        content = json.dumps([each.as_dict() for each in found], indent=2)
        options.json.write_text(content + "\n", "utf-8")
    return 0


def _measure(names: Sequence[str]) -> Iterator[Measurement]:
    for name in names:
        yield from importlib.import_module(f"bench_{name}").measure()


def _cell(value: str | float | None) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:.3g}"


def _row(name: str, value: str, unit: str, baseline: str, ratio: str) -> str:
    return f"{name:<44}{value:>10} {unit:<8}{baseline:>10}{ratio:>8}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
