"""Celery's side of a cluster: the settings and the one task."""

import ssl
from typing import Any, cast

import celery  # pyright: ignore[reportMissingTypeStubs]

from algovera_desktop.server.cluster.board import ANSWER_S
from algovera_desktop.server.cluster.pace import Pace

PAINT = "algovera.paint"
"""The name of the only task."""

Celery = Any
"""celery.Celery, which has no types."""


def make_celery(address: str, pace: Pace) -> Celery:
    """One task at a time, given back if it was not finished; nothing is ever unpickled.

    A ``rediss://`` broker must show a certificate that this computer trusts, or the one that the
    address names (``?ssl_ca_certs=FILE``).
    """
    app = cast(Any, celery).Celery("algovera", broker=address, set_as_current=False)
    app.conf.update(
        # Unless it is told so, kombu asks for none, and would hand the password to anybody.
        broker_use_ssl={"ssl_cert_reqs": ssl.CERT_REQUIRED}
        if address.startswith("rediss:")
        else None,
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
