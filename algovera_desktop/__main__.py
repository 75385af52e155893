"""The command ``algovera-desktop``: arguments and logging, then the application."""

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from algovera_desktop import __version__
from algovera_desktop.on_windows import answer_in_terminal

EXIT_CANNOT_START = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="algovera-desktop",
        description="Turns words into pictures and keeps every picture you ever made.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a picture to open")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help="keep everything (pictures, history, settings, logs) in this folder",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="print what a bug report needs, without secrets; exit code 1 if something is missing",
    )
    parser.add_argument(
        "--rebuild-library",
        action="store_true",
        help="make the library's database anew from the picture files; the one before is kept",
    )
    parser.add_argument(
        "--reset-settings",
        action="store_true",
        help="give every setting its default; the file before is kept, and all else untouched",
    )
    parser.add_argument("--print-first-paint", action="store_true", help=argparse.SUPPRESS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0, 1 (``--check`` found something), 2 (it cannot
    start, or was refused) or 130 (``--rebuild-library`` was cancelled)."""
    answer_in_terminal(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(arguments)
    # Imported late: --version and --help answer without Qt and on a machine without a screen.
    from algovera_desktop.services.paths import Paths

    paths = Paths.under(options.data_dir) if options.data_dir else Paths.default()
    if options.check:
        from algovera_desktop.check import run_check

        return run_check(paths)
    if options.rebuild_library:
        from algovera_desktop.rebuild_command import run_rebuild

        return run_rebuild(paths)
    if options.reset_settings:
        from algovera_desktop.reset_command import run_reset

        return run_reset(paths)
    from algovera_desktop.display import missing_display

    if reason := missing_display():
        print(f"algovera-desktop: {reason}", file=sys.stderr)
        return EXIT_CANNOT_START
    # What is loaded from here on stays: to look for garbage in it takes 7 ms. ``run`` does again.
    gc.disable()
    from algovera_desktop.app import run

    files = tuple(options.files)
    return run(paths, files=files, print_first_paint=options.print_first_paint)


if __name__ == "__main__":
    sys.exit(main())
