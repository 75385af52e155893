"""The program is killed at each point between two steps of a job's life, and started again."""

import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from PIL import Image

from algovera_desktop.domain.servers import LOCAL_SERVER_ID
from support.algovera_server import TRIAL, run_command, running_server
from support.crash_world import CrashWorld, server_seeds
from support.http_server import (
    Conversation,
    ScriptedServer,
    hangs_up,
    reply,
    reply_json,
    scripted_server,
)
from support.prepared_data import keyring_with

BEFORE_IT_IS_SURE = (
    "the claim is being committed",
    "the claim is committed",
    "the recovery is being committed",
    "the recovery is committed",
    "the second claim is being committed",
    "the second claim is committed",
    "the POST is sent",
    "the POST is answered",
    "the remote id is being committed",
    "the remote id is committed",
)
UNTIL_IT_IS_THERE = (
    "the status is told",
    "the end is being committed",
    "the end is committed",
    "the picture is fetched",
    "the file is begun",
    "half-written files are removed",
    "the file is written",
    "the file is renamed",
    "the adoption is being committed",
    "the adoption is committed",
    "the file is stored",
    "the record is being committed",
    "the record is committed",
)
"""Where each life of the program ends, one after the other over the same data: what a death
leaves is what the next life, and its death, begin with."""

AT_START = (
    "the recovery is being committed",
    "the recovery is committed",
    "half-written files are removed",
    "the adoption is being committed",
    "the adoption is committed",
    "the second claim is being committed",
    "the second claim is committed",
)
"""Passed once in a life, before any job is sent."""

WITH_SEVERAL_AT_ONCE = (
    "the claim is committed",
    "the second claim is committed",
    "the POST is sent",
    "the POST is answered",
    "the remote id is being committed",
    "the status is told",
    "the picture is fetched",
    "the file is renamed",
    "the record is being committed",
    "the record is committed",
)
"""As above; the other jobs that run at the moment are anywhere."""

UNSURE = (
    "the claim is committed",
    "the POST is sent",
    "the POST is answered",
    "the remote id is being committed",
)
"""A job that dies here may have been charged, for all that is written down."""

NEW_JOBS = 2
STUDIO = "studio"


def live_and_die(
    world: CrashWorld, deaths: Sequence[str], charged: Callable[[], Counter[int]]
) -> None:
    """One life for each death, and a last one that finishes what is left."""
    for point in deaths:
        if point in AT_START:
            world.die_at(point, passage=1)
        else:
            world.add(NEW_JOBS)
            world.die_at(point, passage=NEW_JOBS)
        world.assert_whole()
        assert max(charged().values(), default=0) <= 1, f"charged twice after: {point}"
    world.finish()
    world.assert_whole()
    world.assert_nothing_else()
    assert charged() == Counter(range(world.seeds))


def test_nothing_is_lost_where_the_server_dies_with_the_program(tmp_path: Path) -> None:
    world = CrashWorld(tmp_path / "data", LOCAL_SERVER_ID, "sketch")
    deaths = BEFORE_IT_IS_SURE + UNTIL_IT_IS_THERE
    live_and_die(world, deaths, lambda: server_seeds(world.paths.server_data))


def test_nothing_is_lost_where_the_server_lives_on(tmp_path: Path) -> None:
    made = run_command("keys", "create", "crash", "--data-dir", str(tmp_path / "studio"))
    key = made.stdout.strip()
    with running_server(tmp_path / "studio", *TRIAL, child=False) as server:
        world = CrashWorld(tmp_path / "data", STUDIO, "trial", keyring_with(key, tmp_path))
        world.enter_server(server.address, at_once=3)
        live_and_die(world, WITH_SEVERAL_AT_ONCE, lambda: server_seeds(tmp_path / "studio"))


class PlainServer:
    """One that only knows the documentation: ``takes`` makes a job of every POST."""

    def __init__(self, http: ScriptedServer) -> None:
        self.charged: Counter[int] = Counter()
        picture = io.BytesIO()
        Image.new("RGB", (128, 128), (20, 90, 160)).save(picture, "PNG")
        http.on("/api/basemodels", reply_json({"base_models": ["stable"]}))
        http.on("/api/txt2img", self.takes)
        http.on("/api/status", reply_json({"job_status": "done"}))
        http.on("/api/getAsset", reply(picture.getvalue(), media_type="image/png"))

    def takes(self, talk: Conversation) -> None:
        self.charged[talk.request.json()["seed"]] += 1
        reply_json({"job_uuid": uuid4().hex}, 201)(talk)


def test_what_a_plain_server_may_have_taken_is_not_sent_again_by_itself(tmp_path: Path) -> None:
    """One job at a time, so that each of these deaths leaves one job unknown."""
    with scripted_server() as http:
        server = PlainServer(http)
        world = CrashWorld(tmp_path / "data", STUDIO, "stable", keyring_with("0" * 64, tmp_path))
        world.enter_server(http.address, at_once=1)
        for point in UNSURE:
            world.add(NEW_JOBS)
            world.die_at(point, passage=NEW_JOBS)
        world.finish(unknown=len(UNSURE))
        assert max(server.charged.values()) == 1

        world.send_again()
        world.finish()
        assert max(server.charged.values()) == 2
        assert server.charged.total() <= world.seeds + len(UNSURE)
    world.assert_whole()
    world.assert_nothing_else()


BUSY = reply_json({"detail": "busy"}, 429, Retry_After="1")
INVALID = reply_json({"detail": [{"loc": ["body", "seed"], "msg": "odd", "type": "value"}]}, 422)
TROUBLES = (
    ("the hold is being committed", BUSY),
    ("the hold is committed", BUSY),
    ("the doubt is being committed", hangs_up),
    ("the doubt is committed", hangs_up),
    ("the failure is being committed", INVALID),
    ("the failure is committed", INVALID),
)


def test_no_job_is_lost_or_sent_again_when_trouble_is_written_down(tmp_path: Path) -> None:
    """A death before it is written leaves the job unknown, whatever the server has said."""
    with scripted_server() as http:
        server = PlainServer(http)
        world = CrashWorld(tmp_path / "data", STUDIO, "stable", keyring_with("0" * 64, tmp_path))
        world.enter_server(http.address, at_once=1)
        for point, answer in TROUBLES:
            http.on("/api/txt2img", answer)
            world.add(1)
            world.die_at(point, passage=1)
        http.on("/api/txt2img", server.takes)
        world.finish(unknown=4, failed=1)
        posts = Counter(request.json()["seed"] for request in http.to("/api/txt2img"))
    # Only the one that was held, for the server was busy, was sent once more.
    assert posts == {0: 1, 1: 2, 2: 1, 3: 1, 4: 1, 5: 1}
    assert server.charged == {5: 1}
    world.assert_whole()
    world.assert_nothing_else()
