"""What can be said on ``algovera-server``'s command line."""

import argparse
import ipaddress
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from algovera_desktop import __version__
from algovera_desktop.server.model_commands import add_model_commands
from algovera_desktop.server.openai_options import openai_options

Number = TypeVar("Number", int, float)
DEFAULT_PORT = 8965
_LIMITS = ("waiting", "pixels", "steps")


class Arguments(Protocol):
    """A parser, or a group of one."""

    def add_argument(self, *names: str, **how: Any) -> Any: ...


def parser() -> argparse.ArgumentParser:
    """What is not given has no attribute where it could stand before and after a command."""
    common, database = _data_dir_option(), _database_option()
    limits, painting, cluster = _limit_options(), _painting_options(), _cluster_options()
    studio, openai, log = _studio_options(), openai_options(), _log_options()
    parser = argparse.ArgumentParser(
        "algovera-server",
        description="Serves Algovera's API: words become pictures. Stop it with Ctrl-C.",
        parents=[common, database, limits, painting, studio, log, openai, cluster],
    )
    _add_serve_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="keys, models, worker")
    stored = argparse.ArgumentParser(add_help=False, parents=[common, database])
    keys = commands.add_parser("keys", help="make, list and revoke API keys", parents=[stored])
    _add_key_actions(keys, stored, limits)
    add_model_commands(commands, common)
    worker = commands.add_parser(
        "worker", help="paint for a server", parents=[common, painting, log, cluster]
    )
    worker.add_argument(
        "--models", type=Path, metavar="DIR", help="folder of models; else that of the data folder"
    )
    return parser


def limits_in(options: argparse.Namespace) -> dict[str, int | None]:
    """Those that were given, by their names in KeyLimits."""
    given = vars(options)
    return {name: given[f"max_{name}"] for name in _LIMITS if f"max_{name}" in given}


def is_log_json(options: argparse.Namespace) -> bool:
    """Whether the log is for programs, and holds no prompts."""
    return getattr(options, "log_format", "text") == "json"


def _data_dir_option() -> argparse.ArgumentParser:
    return _with_option("--data-dir", "DIR", "folder of keys, jobs and pictures", Path)


def _database_option() -> argparse.ArgumentParser:
    words = "postgresql://…, or @FILE that holds it; else a file in the data folder"
    return _with_option("--database", "ADDRESS", words)


def _with_option(
    flag: str, metavar: str, words: str, kind: Callable[[str], object] = str
) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    # Suppressed: else a command's own default would undo one given before it.
    options.add_argument(flag, type=kind, default=argparse.SUPPRESS, metavar=metavar, help=words)
    return options


def _painting_options() -> argparse.ArgumentParser:
    """What whoever paints must know."""
    words = "auto: the best that is found (default); cpu, gpu, or a name such as GPU.1 or cuda:1"
    painting = _with_option("--device", "NAME", words)
    words = "let a model go that nobody has needed for so long (15)"
    _add_number(painting, "--unload-after", words, 0.0, 1e6, metavar="MINUTES")
    painting.add_argument("--pipeline", action="append", help=argparse.SUPPRESS)
    return painting


def _cluster_options() -> argparse.ArgumentParser:
    """What the server and its workers must agree on."""
    words = "redis://…, or @FILE that holds it: workers paint"
    cluster = _with_option("--broker", "ADDRESS", words)
    for flag, words in (
        ("--visibility-timeout", "seconds after which a worker's unfinished job is given out anew"),
        ("--worker-timeout", "seconds of silence after which a worker is thought dead"),
    ):
        _add_number(cluster, flag, words, 0.5, 1e6)
    return cluster


def _limit_options() -> argparse.ArgumentParser:
    """For the server: what a key without limits of its own may ask for; for a key: its own."""
    limits = argparse.ArgumentParser(add_help=False)
    for name, words in zip(
        _LIMITS,
        (
            "jobs that a key may have waiting",
            "width times height of a key's pictures, at most",
            "steps of a key's pictures, at most",
        ),
        strict=True,
    ):
        limits.add_argument(
            f"--max-{name}",
            type=_limit,
            default=argparse.SUPPRESS,
            metavar="N",
            help=f"{words}; 'default' for the server's own limit",
        )
    return limits


def _add_key_actions(
    keys: argparse.ArgumentParser,
    common: argparse.ArgumentParser,
    limits: argparse.ArgumentParser,
) -> None:
    actions = keys.add_subparsers(dest="action", required=True)
    both = [common, limits]
    create = actions.add_parser("create", help="make a key and show it once", parents=both)
    create.add_argument("argument", metavar="NAME", help="what the key is for")
    actions.add_parser("list", help="show the keys in use", parents=[common])
    limit = actions.add_parser("limit", help="change what a key may ask for", parents=both)
    limit.add_argument("argument", metavar="ID", help="the key's first 8 characters")
    revoke = actions.add_parser("revoke", help="make a key worthless", parents=[common])
    revoke.add_argument("argument", metavar="ID", help="the key's first 8 characters")


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action="version", version=f"algovera-server {__version__}")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (%(default)s); one that others can reach needs a key first",
    )
    words = "0 for any free one (%(default)s)"
    _add_number(parser, "--port", words, 0, 65_535, DEFAULT_PORT, metavar=None)
    words = "jobs that may wait (%(default)s)"
    _add_number(parser, "--queue-limit", words, 1, 1_000_000, 100)
    words = "delete finished pictures after so many days (%(default)g); 0 keeps them"
    _add_number(parser, "--keep-days", words, 0.0, 36_500.0, 30.0)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


def _studio_options() -> argparse.ArgumentParser:
    studio = argparse.ArgumentParser(add_help=False)
    _add_address_options(studio.add_argument_group("for a studio: addresses"))
    group = studio.add_argument_group("for a studio: work")
    words = "after a signal to end let pictures under way be finished for so long (%(default)g)"
    _add_number(group, "--drain-seconds", words, 0.0, 86_400.0, 60.0)
    return studio


def _log_options() -> argparse.ArgumentParser:
    log = argparse.ArgumentParser(add_help=False)
    group = log.add_argument_group("for a studio: log")
    group.add_argument(
        "--log-format",
        choices=("text", "json"),
        default=argparse.SUPPRESS,
        help="json: one object a line, each request too, no prompts; the worker's own words go "
        "to worker.log in the data folder",
    )
    return log


def _add_address_options(group: Arguments) -> None:
    for flag, words in (
        ("certificate", "serve https: the certificate, followed by those that signed it (PEM)"),
        ("key", "the certificate's private key (PEM)"),
    ):
        group.add_argument(f"--tls-{flag}", type=Path, metavar="FILE", help=words)
    group.add_argument(
        "--behind-proxy",
        action="store_true",
        help="believe what a proxy on this computer says in X-Forwarded-For and -Proto",
    )
    group.add_argument(
        "--proxy",
        action="append",
        type=_network,
        metavar="ADDRESS",
        help="believe the proxy at this address or in this network; may be given again",
    )
    words = "serve /metrics on a port of its own as well, to whoever can reach it"
    _add_number(group, "--metrics-port", words, 0, 65_535, None)
    group.add_argument(
        "--metrics-host",
        default="127.0.0.1",
        metavar="HOST",
        help="address of that port (%(default)s)",
    )


def _add_number(
    place: Arguments,
    flag: str,
    words: str,
    lowest: Number,
    highest: Number,
    default: Number | str | None = argparse.SUPPRESS,
    metavar: str | None = "N",
) -> None:
    """An option for a number between two of its kind."""
    kind = _number(type(lowest), lowest, highest)
    place.add_argument(flag, type=kind, default=default, metavar=metavar, help=words)


def _limit(text: str) -> int | None:
    return None if text == "default" else _number(int, 1, 2**31 - 1)(text)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise argparse.ArgumentTypeError("must be an IP address or network") from None


def _number(kind: type[Number], lowest: Number, highest: Number) -> Callable[[str], Number]:
    """What turns an argument into a number between these two."""

    def parse(text: str) -> Number:
        with suppress(ValueError):
            if lowest <= (number := kind(text)) <= highest:
                return number
        raise argparse.ArgumentTypeError(f"must be a number from {lowest} to {highest}")

    return parse
