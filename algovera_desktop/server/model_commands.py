"""``algovera-server models …``: lists, downloads, checks and removes models, also while the server
runs.

Exit status: 0 done, 1 failed, 2 refused (no such model, licence not accepted …), 130 interrupted,
which pauses a download.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from algovera_desktop.domain.cancellation import CancelToken

if TYPE_CHECKING:
    from algovera_desktop.server.models.store import ModelStore
    from algovera_desktop.server.models.views import ModelView

_LOOK_EVERY_S = 0.2
_SAY_EVERY_PERCENT = 10
_INTERRUPTED = 130


def add_model_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add ``models`` and its actions to the commands, what ``add_subparsers`` returned."""
    models = commands.add_parser(
        "models", help="list, download and remove models", parents=[common]
    )
    actions = models.add_subparsers(dest="action", required=True)

    def action(name: str, words: str, *arguments: str) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, help=words, parents=[common])
        for argument in arguments:
            parser.add_argument(argument.lower(), metavar=argument)
        return parser

    action("list", "show what can be had and what is installed")
    pull = action("pull", "download a model, or go on with it", "NAME")
    pull.add_argument(
        "--accept-licence", action="store_true", help="say yes to the model's licence beforehand"
    )
    action("remove", "take a model away; a folder of your own stays where it is", "NAME")
    action("verify", "check a model's files, and download damaged ones again", "NAME")
    action("add", "make a folder of your own, or a .safetensors file, a model", "NAME", "FOLDER")
    mirror = action("mirror", "show or set where models are downloaded from")
    mirror.add_argument("address", metavar="ADDRESS", nargs="?", help='"" goes back to the Hub')


def run_model_command(options: argparse.Namespace, data_dir: Path) -> int:
    """Do what was asked for; returns an exit status."""
    from algovera_desktop.server.models.catalogue import load_catalogue
    from algovera_desktop.server.models.errors import DownloadError, ModelsError
    from algovera_desktop.server.models.store import ModelStore

    folder = data_dir / "models"
    try:
        store = ModelStore(folder, load_catalogue(folder), cache=data_dir / "cache")
        try:
            return _ACTIONS[options.action](store, options)
        finally:
            store.close()
    except ModelsError as error:
        print(error, file=sys.stderr)
        return 1 if isinstance(error, DownloadError) else 2


def _list(store: "ModelStore", _options: argparse.Namespace) -> int:
    print(f"{'STATE':12}  {'SIZE':>8}  {'LICENCE':26}  NAME")
    for view in store.views():
        size_bytes = view.disk_bytes or view.pace.total_bytes or view.download_bytes
        licence = view.licence.name if view.licence else ""
        mark = "  (a good first one)" if view.recommended else ""
        size = _sized(size_bytes) if size_bytes else "–"
        print(f"{view.state.value:12}  {size:>8}  {licence:26}  {view.name}{mark}")
    return 0


def _pull(store: "ModelStore", options: argparse.Namespace) -> int:
    name: str = options.name
    view = store.view(name)
    if view.state.value == "installed":
        print(f"{name} is installed already.")
        return 0
    accepted = options.accept_licence or view.licence_accepted or _ask_for_licence(view)
    store.pull(name, licence_accepted=accepted)
    return _follow(store, name)


def _ask_for_licence(view: "ModelView") -> bool:
    """Ask who sits at a terminal; nobody else can have read it."""
    if view.licence is None or not view.downloadable or not sys.stdin.isatty():
        return False
    print(f"{view.title} comes under the licence {view.licence.name}: {view.licence.address}")
    return input("Do you accept it? [y/N] ").strip().lower() in ("y", "yes")


def _remove(store: "ModelStore", options: argparse.Namespace) -> int:
    if store.view(options.name).state.value in ("paused", "failed"):
        store.cancel(options.name)
    else:
        store.remove(options.name)
    print(f"{options.name} is removed.")
    return 0


def _verify(store: "ModelStore", options: argparse.Namespace) -> int:
    name: str = options.name
    store.verify(name)
    status = _follow(store, name)
    for path in store.damaged(name):
        print(f"Damaged, and {'downloaded again' if status == 0 else 'taken away'}: {path}")
    if status == 0 and not store.damaged(name):
        print(f"{name} is as it should be.")
    return status


def _add(store: "ModelStore", options: argparse.Namespace) -> int:
    store.add(Path(options.folder).absolute(), options.name)
    print(f"{options.name} is installed.")
    return 0


def _mirror(store: "ModelStore", options: argparse.Namespace) -> int:
    if options.address is not None:
        store.set_mirror(options.address)
    print(store.hub_address)
    return 0


def _follow(store: "ModelStore", name: str) -> int:
    """Say how it goes until it has ended, here or in another program that is at it."""
    line, pause = _ProgressLine(), CancelToken()
    try:
        while (view := store.view(name)).state.value in ("waiting", "downloading", "checking"):
            line.show(view)
            pause.wait(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        line.end()
        return _interrupt(store, name)
    line.end()
    if view.state.value == "installed":
        print(f"{name} is installed.")
        return 0
    print(f"{name}: {view.reason or view.state.value}", file=sys.stderr)
    return 1


def _interrupt(store: "ModelStore", name: str) -> int:
    from algovera_desktop.server.models.errors import WrongStateError

    try:
        store.pause(name)
        print("Pausing…", file=sys.stderr, flush=True)  # the network may keep it waiting
        store.wait(name)
    except WrongStateError:
        print("Another program goes on with it.", file=sys.stderr)
        return _INTERRUPTED
    print(f"Paused. To go on: algovera-server models pull {name!r}", file=sys.stderr)
    return _INTERRUPTED


class _ProgressLine:
    """One line that is written over on a terminal; elsewhere one for each tenth."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._said = ""

    def show(self, view: "ModelView") -> None:
        pace = view.pace
        percent = 100 * pace.done_bytes // pace.total_bytes if pace.total_bytes else 0
        if self._is_terminal:
            print(f"\r{_in_words(view, percent):<78}", end="", file=sys.stderr, flush=True)
            return
        tenth = percent - percent % _SAY_EVERY_PERCENT
        if (said := f"{view.state.value} {tenth} % {view.reason}".rstrip()) != self._said:
            self._said = said
            print(said, file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._is_terminal:
            print(file=sys.stderr)


def _in_words(view: "ModelView", percent: int) -> str:
    pace = view.pace
    words = f"{view.state.value} {percent:3} %  {_sized(pace.done_bytes)} of "
    words += _sized(pace.total_bytes)
    if view.reason:
        return f"{words}  {view.reason}"
    if pace.bytes_per_s:
        words += f"  {pace.bytes_per_s / 1e6:.1f} MB/s"
    if pace.seconds_left is not None:
        words += f"  {_duration(pace.seconds_left)} left"
    return words


def _sized(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 10**8 else f"{size_bytes / 1e6:.1f} MB"


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"


_ACTIONS: dict[str, Callable[["ModelStore", argparse.Namespace], int]] = {
    "list": _list,
    "pull": _pull,
    "remove": _remove,
    "verify": _verify,
    "add": _add,
    "mirror": _mirror,
}
