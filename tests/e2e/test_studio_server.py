"""A server that five people share: it drains, keeps its log clean, counts, and slows guessers."""

import json
import re
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from support.algovera_server import TRIAL, ServerProcess, run_command, running_server

PROMPT = "pomegranate orchard at dusk"
WRONG_KEY = "0" * 64


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def key(data_dir: Path) -> str:
    made = run_command("keys", "create", "Ana", "--data-dir", str(data_dir))
    return made.stdout.strip()


def job(key: str, **fields: Any) -> dict[str, Any]:
    small = {"base_model": "trial", "width": 128, "height": 128, "inf_steps": 4}
    return small | {"prompt": "paint", "api_key": key} | fields


def wait_for_line(server: ServerProcess, words: str) -> None:
    while words not in server.log.read_text():
        assert server.process.poll() is None
        time.sleep(0.02)


def test_the_first_signal_lets_the_picture_be_finished_and_takes_no_more(
    data_dir: Path, key: str
) -> None:
    with running_server(data_dir, *TRIAL, child=False) as server:
        running, waiting = server.post_job("hold", key), server.post_job(key=key, client_ref="w")
        server.wait_for_progress(running, key)
        server.process.terminate()
        wait_for_line(server, "Ending when what is being painted is done, after 60 s at most")
        refused = server.http.post(f"{server.address}/api/txt2img", json=job(key))
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "about to end" in refused.json()["detail"]
        assert server.post_job(key=key, client_ref="w") == waiting
        assert server.status(waiting, key)["queue_position"] == 1
        server.gate.touch()
        assert server.end() == 0
    with running_server(data_dir, *TRIAL, child=False) as server:
        assert server.picture(running, key).status_code == 200
        assert server.wait_for_end(waiting, key)["job_status"] == "done"


@pytest.mark.parametrize("is_impatient", [True, False])
def test_a_second_signal_or_the_end_of_patience_leaves_the_job_to_the_next_start(
    data_dir: Path, key: str, is_impatient: bool
) -> None:
    patience = () if is_impatient else ("--drain-seconds", "0.2")
    with running_server(data_dir, *TRIAL, *patience, child=False) as server:
        running = server.post_job("hold", key)
        server.wait_for_progress(running, key)
        server.process.terminate()
        if is_impatient:
            wait_for_line(server, "Ending when")
            server.process.send_signal(signal.SIGINT)
        assert server.end() == 0
    server.gate.touch()
    with running_server(data_dir, *TRIAL, child=False) as server:
        assert server.wait_for_end(running, key)["job_status"] == "done"


def test_a_server_at_rest_ends_at_the_first_signal(data_dir: Path, key: str) -> None:
    with running_server(data_dir, *TRIAL, child=False) as server:
        server.wait_for_end(server.post_job(key=key), key)
        assert server.send(signal.SIGTERM) == 0
        assert server.log.read_text() == ""


def be_busy(server: ServerProcess, key: str) -> None:
    """Do what people do, and let go wrong what can."""
    for prompt in (f"paint {PROMPT}", f"raise {PROMPT}", f"print {PROMPT}", f"exit 3 {PROMPT}"):
        server.wait_for_end(server.post_job(prompt, key), key)
    done = server.post_job(PROMPT, key, neg_prompt=PROMPT)
    server.wait_for_end(done, key)
    assert server.picture(done, key).status_code == 200
    server.cancel(server.post_job(PROMPT, key), key)
    post = f"{server.address}/api/txt2img"
    server.http.post(post, json=job(key, prompt=PROMPT, width=1))
    server.http.post(post, json=job(key, prompt=[PROMPT]))
    cut_off = f'{{"prompt": "{PROMPT}", "api_key": "{key}"'
    server.http.post(post, data=cut_off, headers={"Content-Type": "application/json"})
    for _ in range(12):
        server.http.post(post, json=job(WRONG_KEY, prompt=PROMPT))
    server.http.get(f"{server.address}/nowhere/{PROMPT}", params={"api_key": key})
    server.http.request("POMEGRANATE", f"{server.address}/api/health?{PROMPT}")


def test_the_log_for_programs_holds_neither_prompts_nor_keys(data_dir: Path, key: str) -> None:
    with running_server(data_dir, *TRIAL, "--log-format", "json", child=False) as server:
        be_busy(server, key)
        server.send(signal.SIGTERM)
        log = server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    for secret in (*PROMPT.split()[:2], key, key[8:], WRONG_KEY):
        assert secret not in log.lower()
    requests_logged = [line for line in lines if "route" in line]
    posted = next(line for line in requests_logged if line["status"] == 201)
    assert (posted["method"], posted["route"]) == ("POST", "/api/txt2img")
    assert posted["owner"] == key[:8]
    assert posted["milliseconds"] > 0
    assert {line["status"] for line in requests_logged} >= {200, 201, 400, 403, 404, 405, 422, 429}
    assert {line["owner"] for line in requests_logged} == {key[:8], None}
    assert any("failed (PaintingFailedError)" in line["message"] for line in lines)
    assert PROMPT in (data_dir / "worker.log").read_text()
    assert (data_dir / "worker.log").stat().st_mode & 0o077 == 0


def metrics_of(address: str) -> dict[str, float]:
    answer = requests.get(f"{address}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in samples)}


def test_prometheus_can_read_what_the_server_does(data_dir: Path, key: str) -> None:
    with running_server(data_dir, *TRIAL, "--metrics-port", "0", child=False) as server:
        be_busy(server, key)
        waiting = [server.post_job("hold", key), *(server.post_job(key=key) for _ in range(3))]
        server.wait_for_progress(waiting[0], key)
        metrics = metrics_of(server.address)
        text = requests.get(f"{server.address}/metrics", timeout=30).text
        forwarded = {"X-Forwarded-For": "192.0.2.7"}
        refused = requests.get(f"{server.address}/metrics", headers=forwarded, timeout=30)
        assert refused.status_code == 403
        server.gate.touch()
        server.wait_for_end(waiting[-1], key)
    assert metrics["algovera_queue_length"] == 3
    assert metrics['algovera_jobs{state="queued"}'] == 3
    assert metrics['algovera_jobs{state="running"}'] == 1
    assert metrics['algovera_jobs_ended_total{outcome="failed"}'] == 2
    assert metrics["algovera_worker_restarts_total"] == 1
    assert metrics["algovera_step_seconds_count"] >= 3 * 3
    assert metrics["algovera_wait_seconds_count"] >= 6
    answered = 'algovera_http_answers_total{method="POST",route="/api/txt2img",status="%d"}'
    assert (metrics[answered % 403], metrics[answered % 429]) == (10, 2)
    assert metrics['algovera_http_answers_total{method="other",route="/api/health",status="405"}']
    for secret in ("pomegranate", "Ana", key[:8]):
        assert secret not in text


def test_the_port_for_metrics_has_nothing_else(data_dir: Path, key: str) -> None:
    with running_server(data_dir, *TRIAL, "--metrics-port", "0", child=False) as server:
        address = re.findall(r"http://\S+", server.read_line())[0].removesuffix("/metrics")
        assert metrics_of(address)["algovera_queue_length"] == 0
        for path in ("/api/health", "/", "/docs", "/openapi.json", "/keys"):
            assert requests.get(address + path, timeout=30).status_code == 404
        assert server.send(signal.SIGTERM) == 0


def test_whoever_guesses_keys_is_slowed_and_those_who_have_one_are_not(
    data_dir: Path, key: str
) -> None:
    def guess(number: int) -> int:
        query = {"job_uuid": "x", "api_key": f"{number:064x}"}
        answer = requests.get(f"{server.address}/api/status", params=query, timeout=30)
        assert ("Retry-After" in answer.headers) is (answer.status_code == 429)
        return answer.status_code

    with running_server(data_dir, *TRIAL, child=False) as server:
        known = server.post_job(key=key)
        with ThreadPoolExecutor(8) as guessers:
            guesses = [guessers.submit(guess, number) for number in range(1000)]
            for seed in range(5):
                made = server.post_job(key=key, seed=seed)
                assert server.wait_for_end(made, key)["job_status"] == "done"
        statuses = Counter(each.result() for each in guesses)
        assert server.status(known, key)["job_status"] == "done"
        log = server.log.read_text()
    assert set(statuses) == {403, 429}
    assert statuses[403] < 40  # ten, one a pause, and those under way at the same moment
    assert "10 wrong keys from 127.0.0.1" in log
    assert len(log.splitlines()) <= statuses[403]
    assert "0" * 8 not in log
