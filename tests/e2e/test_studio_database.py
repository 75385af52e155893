"""A studio's PostgreSQL that goes away is missed in words, and costs no job when it is back."""

from pathlib import Path

from support.algovera_server import TRIAL, ServerProcess, run_command, running_server
from support.postgres import postgres_server
from support.waiting import wait_until


def answer_of(server: ServerProcess, key: str, job: str) -> int:
    query = {"job_uuid": job, "api_key": key}
    return server.http.get(f"{server.address}/api/status", params=query).status_code


def test_jobs_outlive_their_database(tmp_path: Path) -> None:
    with postgres_server() as postgres:
        (tmp_path / "database").write_text(postgres.address)
        options = ("--database", f"@{tmp_path / 'database'}")
        key = run_command("keys", "create", "Ana", *options).stdout.strip()
        with running_server(tmp_path / "data", *TRIAL, *options, child=False) as server:
            painted, waiting = (server.post_job("hold", key, seed=seed) for seed in (7, 8))
            server.wait_for_progress(painted, key)
            postgres.kill()
            assert answer_of(server, key, painted) == 503
            server.gate.touch()
            body = {"base_model": "trial", "prompt": "paint", "api_key": key}
            refused = server.http.post(f"{server.address}/api/txt2img", json=body)
            assert refused.status_code == 503
            missed = f"Job {painted}'s end could not be recorded"
            wait_until(lambda: missed in server.log.read_text(), lambda: "the picture's end", 30)
            postgres.start()
            for job in (painted, waiting):
                assert server.wait_for_end(job, key)["job_status"] == "done"
                assert server.picture(job, key).status_code == 200
            log = server.log.read_text()
    assert key not in log
