"""``algovera-server``: arguments, and what to do with them."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from algovera_desktop import __version__
from algovera_desktop.server.addresses import AddressError, broker_address, database_address
from algovera_desktop.server.model_commands import add_model_commands, run_model_command
from algovera_desktop.server.openai_options import openai_access, openai_options

if TYPE_CHECKING:
    from algovera_desktop.server.cluster.pace import Pace
    from algovera_desktop.server.http_rules import HttpRules
    from algovera_desktop.server.process import OnStarted, Started

Number = TypeVar("Number", int, float)

DEFAULT_PORT = 8965
_QUEUE_LIMIT = 100
_KEEP_DAYS = 30.0
_DRAIN_S = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server or one of its key commands; returns an exit status."""
    options = _parser().parse_args(arguments)
    given_dir: Path | None = getattr(options, "data_dir", None)
    data_dir = (given_dir or _default_data_dir()).absolute()
    try:
        return _run(options, data_dir)
    except AddressError as error:
        print(error, file=sys.stderr)
        return 2


def _run(options: argparse.Namespace, data_dir: Path) -> int:
    if options.command == "keys":
        from algovera_desktop.server.key_commands import run_key_command

        argument = getattr(options, "argument", "")
        place = database_address(getattr(options, "database", None)) or data_dir
        return run_key_command(options.action, argument, place, _limits(options))
    if options.command == "models":
        return run_model_command(options, data_dir)
    if options.command == "worker":
        return _work(options, data_dir)
    return _serve(options, data_dir)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data-dir",
        type=Path,
        default=argparse.SUPPRESS,  # else a command's own default would undo one given before it
        metavar="DIR",
        help="folder of keys, jobs and pictures",
    )
    database = argparse.ArgumentParser(add_help=False)
    database.add_argument(
        "--database",
        default=argparse.SUPPRESS,
        metavar="ADDRESS",
        help="postgresql://…, or @FILE that holds it; else a file in the data folder",
    )
    cluster = _cluster_options()
    limits = _limit_options()
    painting = _painting_options()
    parser = argparse.ArgumentParser(
        "algovera-server",
        description="Serves Algovera's API: words become pictures. Stop it with Ctrl-C.",
        parents=[common, database, limits, painting, _studio_options(), openai_options(), cluster],
    )
    _add_serve_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="keys, models, worker")
    stored = argparse.ArgumentParser(add_help=False, parents=[common, database])
    keys = commands.add_parser("keys", help="make, list and revoke API keys", parents=[stored])
    _add_key_actions(keys, stored, limits)
    add_model_commands(commands, common)
    worker = commands.add_parser(
        "worker", help="paint for a server", parents=[common, painting, cluster]
    )
    worker.add_argument(
        "--models", type=Path, metavar="DIR", help="folder of models; else that of the data folder"
    )
    return parser


def _painting_options() -> argparse.ArgumentParser:
    """What whoever paints must know."""
    painting = argparse.ArgumentParser(add_help=False)
    painting.add_argument(
        "--device",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="auto: the best that is found (default); cpu, gpu, or a name such as GPU.1 or cuda:1",
    )
    painting.add_argument(
        "--unload-after",
        type=_number(float, 0, 1e6),
        default=argparse.SUPPRESS,
        metavar="MINUTES",
        help="let a model go that nobody has needed for so long (15)",
    )
    painting.add_argument("--pipeline", action="append", help=argparse.SUPPRESS)
    return painting


def _painting_command(options: argparse.Namespace) -> tuple[str, ...]:
    from algovera_desktop.server.pipelines.shipped import SHIPPED_PIPELINES
    from algovera_desktop.server.process import worker_command

    arguments: list[str] = []
    if (device := getattr(options, "device", None)) is not None:
        arguments.append(f"--device={device}")
    if (idle_min := getattr(options, "unload_after", None)) is not None:
        arguments.append(f"--idle-s={idle_min * 60}")
    return worker_command([*arguments, *(options.pipeline or SHIPPED_PIPELINES)])


def _cluster_options() -> argparse.ArgumentParser:
    """What the server and its workers must agree on."""
    cluster = argparse.ArgumentParser(add_help=False)
    cluster.add_argument(
        "--broker",
        default=argparse.SUPPRESS,
        metavar="ADDRESS",
        help="redis://…, or @FILE that holds it: workers paint",
    )
    for name, words in (
        ("visibility-timeout", "seconds after which a worker's unfinished job is given out anew"),
        ("worker-timeout", "seconds of silence after which a worker is thought dead"),
    ):
        cluster.add_argument(
            f"--{name}",
            type=_number(float, 0.5, 1e6),
            default=argparse.SUPPRESS,
            metavar="N",
            help=words,
        )
    return cluster


def _pace(options: argparse.Namespace) -> "Pace":
    from algovera_desktop.server.cluster.pace import Pace

    pace = Pace()
    if (silence_s := getattr(options, "worker_timeout", None)) is not None:
        pace = replace(pace, silence_s=silence_s, beat_s=silence_s / 6)
    if (visibility_s := getattr(options, "visibility_timeout", None)) is not None:
        pace = replace(pace, visibility_s=visibility_s)
    return pace


def _work(options: argparse.Namespace, data_dir: Path) -> int:
    from algovera_desktop.server.logs import start_logging
    from algovera_desktop.server.models.catalogue import usable_catalogue
    from algovera_desktop.server.models.shelf import ModelShelf
    from algovera_desktop.server.process import CLUSTER_IS_MISSING

    start_logging()
    broker = broker_address(getattr(options, "broker", None))
    if broker is None:
        raise AddressError("A worker needs the broker's address: --broker redis://HOST:6379/0.")
    try:
        from algovera_desktop.server.cluster.worker import WorkerOptions, run_cluster_worker
    except ImportError:
        print(CLUSTER_IS_MISSING, file=sys.stderr)
        return 2
    folder: Path = (options.models or data_dir / "models").absolute()
    command = _painting_command(options)
    shelf = ModelShelf(folder, usable_catalogue(folder))
    return run_cluster_worker(WorkerOptions(broker, command, shelf, _pace(options)))


def _limit_options() -> argparse.ArgumentParser:
    """For the server: what a key without limits of its own may ask for; for a key: its own."""
    limits = argparse.ArgumentParser(add_help=False)
    for name, words in (
        ("waiting", "jobs that a key may have waiting"),
        ("pixels", "width times height of a key's pictures, at most"),
        ("steps", "steps of a key's pictures, at most"),
    ):
        limits.add_argument(
            f"--max-{name}",
            type=_limit,
            default=argparse.SUPPRESS,
            metavar="N",
            help=f"{words}; 'default' for the server's own limit",
        )
    return limits


def _limit(text: str) -> int | None:
    return None if text == "default" else _number(int, 1, 2**31 - 1)(text)


def _limits(options: argparse.Namespace) -> dict[str, int | None]:
    """Those that were given, by their names in KeyLimits."""
    given = vars(options)
    names = ("waiting", "pixels", "steps")
    return {name: given[f"max_{name}"] for name in names if f"max_{name}" in given}


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
    parser.add_argument(
        "--port",
        type=_number(int, 0, 65_535),
        default=DEFAULT_PORT,
        help="0 for any free one (%(default)s)",
    )
    parser.add_argument(
        "--queue-limit",
        type=_number(int, 1, 1_000_000),
        default=_QUEUE_LIMIT,
        metavar="N",
        help="jobs that may wait (%(default)s)",
    )
    parser.add_argument(
        "--keep-days",
        type=_number(float, 0, 36_500),
        default=_KEEP_DAYS,
        metavar="N",
        help="delete finished pictures after so many days (%(default)g); 0 keeps them",
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


def _studio_options() -> argparse.ArgumentParser:
    studio = argparse.ArgumentParser(add_help=False)
    _add_address_options(studio)
    group = studio.add_argument_group("for a studio: work and log")
    group.add_argument(
        "--drain-seconds",
        type=_number(float, 0, 86_400),
        default=_DRAIN_S,
        metavar="N",
        help="after a signal to end let pictures under way be finished for so long (%(default)g)",
    )
    group.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="json: one object a line, each request too, no prompts; the worker's own words go "
        "to worker.log in the data folder",
    )
    return studio


def _add_address_options(studio: argparse.ArgumentParser) -> None:
    group = studio.add_argument_group("for a studio: addresses")
    group.add_argument(
        "--tls-certificate",
        type=Path,
        metavar="FILE",
        help="serve https: the certificate, followed by those that signed it (PEM)",
    )
    group.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="the certificate's private key (PEM)"
    )
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
    group.add_argument(
        "--metrics-port",
        type=_number(int, 0, 65_535),
        metavar="N",
        help="serve /metrics on a port of its own as well, to whoever can reach it",
    )
    group.add_argument(
        "--metrics-host",
        default="127.0.0.1",
        metavar="HOST",
        help="address of that port (%(default)s)",
    )


def _network(text: str) -> str:
    import ipaddress

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


def _default_data_dir() -> Path:
    from platformdirs import user_data_path

    return user_data_path("algovera-server", appauthor=False)


def _serve(options: argparse.Namespace, data_dir: Path) -> int:
    from algovera_desktop.server.limits import KeyLimits
    from algovera_desktop.server.logs import start_logging
    from algovera_desktop.server.process import ServeOptions, StartError, read_local_key, serve
    from algovera_desktop.server.studio import StudioRules

    is_json = options.log_format == "json"
    start_logging(as_json=is_json)
    try:
        serve_options = ServeOptions(
            host=options.host,
            port=options.port,
            data_dir=data_dir,
            rules=StudioRules(
                options.queue_limit, options.keep_days, KeyLimits(**_limits(options))
            ),
            worker_command=_painting_command(options),
            local_key=read_local_key() if options.child else None,
            database=database_address(getattr(options, "database", None)),
            broker=broker_address(getattr(options, "broker", None)),
            pace=_pace(options),
            http=_http_rules(options),
            metrics_at=_metrics_at(options),
            is_log_private=is_json,
            access=openai_access(options),
        )
        serve(serve_options, _tell_parent if options.child else _greeting(options))
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the server took over the signal
        return 0
    return 0


def _tell_parent(started: "Started") -> None:
    print(json.dumps({"port": started.port}), flush=True)


def _http_rules(options: argparse.Namespace) -> "HttpRules":
    from algovera_desktop.server.http_rules import HttpRules
    from algovera_desktop.server.process import StartError
    from algovera_desktop.server.tls import TlsFiles

    certificate, key = options.tls_certificate, options.tls_key
    if (certificate is None) is not (key is None):
        raise StartError("--tls-certificate and --tls-key belong together.")
    proxies = options.proxy or (["127.0.0.1", "::1"] if options.behind_proxy else [])
    return HttpRules(
        None if certificate is None else TlsFiles(certificate, key),
        tuple(proxies),
        0.0 if options.child else options.drain_seconds,
    )


def _metrics_at(options: argparse.Namespace) -> tuple[str, int] | None:
    return None if options.metrics_port is None else (options.metrics_host, options.metrics_port)


def _greeting(options: argparse.Namespace) -> "OnStarted":
    scheme = "http" if options.tls_certificate is None else "https"

    def greet(started: "Started") -> None:
        address = f"{scheme}://{_in_url(options.host)}:{started.port}"
        print(f"Serving at {address} (documentation: {address}/docs)", flush=True)
        if started.metrics_port is not None:
            metrics = f"http://{_in_url(options.metrics_host)}:{started.metrics_port}/metrics"
            print(f"Metrics for Prometheus at {metrics}", flush=True)
        if not started.has_keys:
            print(
                f"There is no key yet. Make one at {address}/ or with: "
                "algovera-server keys create NAME",
                flush=True,
            )

    return greet


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    sys.exit(main())
