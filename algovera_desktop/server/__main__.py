"""``algovera-server``: arguments, and what to do with them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from algovera_desktop.server.addresses import AddressError, broker_address, database_address
from algovera_desktop.server.model_commands import run_model_command
from algovera_desktop.server.openai_options import openai_access
from algovera_desktop.server.options import is_log_json, limits_in, parser

if TYPE_CHECKING:
    from algovera_desktop.server.cluster.pace import Pace
    from algovera_desktop.server.http_rules import HttpRules
    from algovera_desktop.server.process import OnStarted, Started


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server or one of its key commands; returns an exit status."""
    options = parser().parse_args(arguments)
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
        return run_key_command(options.action, argument, place, limits_in(options))
    if options.command == "models":
        return run_model_command(options, data_dir)
    if options.command == "worker":
        return _work(options, data_dir)
    return _serve(options, data_dir)


def _painting_command(options: argparse.Namespace, data_dir: Path) -> tuple[str, ...]:
    from algovera_desktop.server.pipelines.shipped import SHIPPED_PIPELINES
    from algovera_desktop.server.process import worker_command

    arguments: list[str] = []
    if (device := getattr(options, "device", None)) is not None:
        arguments.append(f"--device={device}")
    if (idle_min := getattr(options, "unload_after", None)) is not None:
        arguments.append(f"--idle-s={idle_min * 60}")
    pipelines = options.pipeline or SHIPPED_PIPELINES
    return worker_command(data_dir / "cache", [*arguments, *pipelines])


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
    from algovera_desktop.server.worker_log import WorkerLogError, worker_log

    is_json = is_log_json(options)
    start_logging(as_json=is_json)
    broker = broker_address(getattr(options, "broker", None))
    if broker is None:
        raise AddressError("A worker needs the broker's address: --broker redis://HOST:6379/0.")
    try:
        from algovera_desktop.server.cluster.worker import WorkerOptions, run_cluster_worker
    except ImportError:
        print(CLUSTER_IS_MISSING, file=sys.stderr)
        return 2
    folder: Path = (options.models or data_dir / "models").absolute()
    command = _painting_command(options, data_dir)
    shelf = ModelShelf(folder, usable_catalogue(folder))
    try:
        with worker_log(data_dir, is_private=is_json) as chatter:
            return run_cluster_worker(
                WorkerOptions(broker, command, shelf, _pace(options), chatter)
            )
    except WorkerLogError as error:
        print(error, file=sys.stderr)
        return 2


def _default_data_dir() -> Path:
    from platformdirs import user_data_path

    return user_data_path("algovera-server", appauthor=False)


def _serve(options: argparse.Namespace, data_dir: Path) -> int:
    from algovera_desktop.server.limits import KeyLimits
    from algovera_desktop.server.logs import start_logging
    from algovera_desktop.server.process import ServeOptions, StartError, read_local_key, serve
    from algovera_desktop.server.studio import StudioRules

    is_json = is_log_json(options)
    start_logging(as_json=is_json)
    try:
        serve_options = ServeOptions(
            host=options.host,
            port=options.port,
            data_dir=data_dir,
            rules=StudioRules(
                options.queue_limit, options.keep_days, KeyLimits(**limits_in(options))
            ),
            worker_command=_painting_command(options, data_dir),
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
        return error.exit_status
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
