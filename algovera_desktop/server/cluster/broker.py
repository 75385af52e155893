"""Celery's side of a cluster: the broker's address, the settings, the one task."""

from typing import Any, cast
from urllib.parse import urlsplit

import celery  # pyright: ignore[reportMissingTypeStubs]

from algovera_desktop.server.cluster.board import ANSWER_S
from algovera_desktop.server.cluster.pace import Pace

PAINT = "algovera.paint"
"""The name of the only task."""

Celery = Any
"""celery.Celery, which has no types."""


class BrokerAddressError(Exception):
    """The address of the broker cannot be used; the text says why, without the address."""


def checked_address(text: str) -> str:
    """The address if it is one of Redis. Raises BrokerAddressError."""
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in ("redis", "rediss") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_usable = False
    if not is_usable:
        raise BrokerAddressError("The broker's address must be like redis://HOST:6379/0.")
    return text


def make_celery(address: str, pace: Pace) -> Celery:
    """One task at a time, given back if it was not finished; nothing is ever unpickled."""
    app = cast(Any, celery).Celery("algovera", broker=address, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_concurrency=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": pace.visibility_s,
            "unacked_restore_interval": max(pace.beat_s, min(10.0, pace.visibility_s / 4)),
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": ANSWER_S / 2,
            "socket_keepalive": True,
        },
    )
    return app


def send(app: Celery, job_id: str, model_name: str) -> None:
    """Put a job's id into its model's queue. Blocks; raises kombu's OperationalError."""
    # A connection of its own: on an old one the queue's binding would not be declared anew
    # after Redis has lost its data, and the message would vanish.
    with app.connection_for_write() as connection:
        app.send_task(PAINT, [job_id], queue=queue_name(model_name), connection=connection)


def queue_name(model_name: str) -> str:
    """Workers listen only to the queues of models that they have."""
    return f"{PAINT}.{model_name}"
