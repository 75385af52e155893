"""How long pictures took on this machine's servers: what estimates of time left are made of."""

import sqlite3

from algovera_desktop.domain.jobs import Job
from algovera_desktop.library.rows import to_stamp
from algovera_desktop.services.estimates import KEPT_OF_A_KIND, Timing
from algovera_desktop.services.queue_rows import now

_KIND = """server_id = :server_id AND model = :model
           AND width = :width AND height = :height AND steps = :steps"""
_INSERT = """INSERT INTO timings (server_id, model, width, height, steps, seconds, ended_at)
             VALUES (:server_id, :model, :width, :height, :steps, :seconds, :ended_at)"""
_FORGET = f"""DELETE FROM timings WHERE number IN (
              SELECT number FROM timings WHERE {_KIND}
              ORDER BY number DESC LIMIT -1 OFFSET :kept)"""


def write_timing(connection: sqlite3.Connection, job: Job, seconds: float) -> None:
    """Keep how long a job took, and of its kind only the newest few."""
    request = job.request
    values = {
        "server_id": job.server_id,
        "model": request.model,
        "width": request.width,
        "height": request.height,
        "steps": request.steps,
        "seconds": seconds,
        "ended_at": to_stamp(now()),
        "kept": KEPT_OF_A_KIND,
    }
    connection.execute(_INSERT, values)
    connection.execute(_FORGET, values)


def read_timings(connection: sqlite3.Connection) -> list[Timing]:
    """All that is kept, the oldest first."""
    columns = "server_id, model, width, height, steps, seconds"
    rows = connection.execute(f"SELECT {columns} FROM timings ORDER BY number")
    return [Timing(*row) for row in rows]
