"""How a studio's server is reached: by https, or through nginx with the file that we ship."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

from support.algovera_server import TRIAL, ServerProcess, run_command, running_server
from support.certificates import Certificate, make_certificate
from support.nginx import SHIPPED, running_nginx


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def key(data_dir: Path) -> str:
    made = run_command("keys", "create", "Ana", "--data-dir", str(data_dir))
    return made.stdout.strip()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Certificate]:
    folder = tmp_path_factory.mktemp("certificates")
    return {name: make_certificate(folder, name) for name in ("ours", "other")}


def tls(file: Path, key: Path) -> tuple[str, ...]:
    return ("--tls-certificate", str(file), "--tls-key", str(key))


def test_a_picture_comes_by_https(
    data_dir: Path, key: str, certificates: dict[str, Certificate]
) -> None:
    ours = certificates["ours"]
    options = (*TRIAL, *ours.options, "--metrics-port", "0")
    with running_server(data_dir, *options, child=False) as server:
        server.http.verify = str(ours.file)
        assert server.address.startswith("https://127.0.0.1:")
        made = server.post_job(key=key)
        assert server.wait_for_end(made, key)["job_status"] == "done"
        assert server.picture(made, key).headers["content-type"] == "image/png"
        origin = {"Origin": server.address, "Sec-Fetch-Site": "same-origin"}
        listed = server.http.get(f"{server.address}/keys", headers=origin)
        assert listed.json()["keys"][0]["name"] == "Ana"
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{server.address}/api/health", timeout=30)
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(f"{server.address.replace('https', 'http')}/api/health", timeout=30)


@pytest.mark.parametrize("idle_s", [0, 6], ids=["at once", "when it is told to go"])
def test_a_client_that_is_connected_and_says_nothing_holds_up_no_end(
    data_dir: Path, key: str, certificates: dict[str, Certificate], idle_s: float
) -> None:
    options = (*TRIAL, *certificates["ours"].options)
    with running_server(data_dir, *options, child=False) as server:
        server.http.verify = str(certificates["ours"].file)
        assert server.http.get(f"{server.address}/api/health").status_code == 200
        time.sleep(idle_s)  # uvicorn closes idle connections after five seconds
        assert server.send(signal.SIGTERM) == 0
        assert server.log.read_text() == ""


def test_certificates_that_cannot_serve_are_told_in_one_sentence(
    data_dir: Path, tmp_path: Path, certificates: dict[str, Certificate]
) -> None:
    certificate, key = certificates["ours"].file, certificates["ours"].key
    other_key = certificates["other"].key
    locked, nonsense = tmp_path / "locked.key", tmp_path / "nonsense.pem"
    command = ["openssl", "ec", "-aes256", "-passout", "pass:secret", "-in", str(key)]
    subprocess.run([*command, "-out", str(locked)], check=True, capture_output=True, timeout=30)
    nonsense.write_text("no certificate\n")
    missing = tmp_path / "missing.pem"
    for options, words in (
        (tls(certificate, other_key), f"The key {other_key} is not that of the certificate"),
        (tls(certificate, locked), f"The key {locked} has a password"),
        (tls(nonsense, key), f"{nonsense} and {key} are no certificate and key in PEM form."),
        (tls(missing, key), f"{missing} cannot be read: No such file or directory."),
        (("--tls-key", str(key)), "--tls-certificate and --tls-key belong together."),
    ):
        refused = run_command("--port", "0", "--data-dir", str(data_dir), *options)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith(words)
        assert refused.stderr.count("\n") == 1


def test_behind_a_proxy_a_key_is_needed_first(data_dir: Path) -> None:
    refused = run_command("--behind-proxy", "--port", "0", "--data-dir", str(data_dir))
    assert refused.returncode == 2
    assert refused.stderr.startswith("A proxy lets other computers in, so a key is needed first")


def guess_until_slowed(server: ServerProcess, forwarded_for: str) -> list[int]:
    query = {"job_uuid": "x", "api_key": "0" * 64}
    headers = {"X-Forwarded-For": forwarded_for}
    status = f"{server.address}/api/status"
    return [server.http.get(status, params=query, headers=headers).status_code for _ in range(11)]


@pytest.mark.parametrize(
    ("options", "is_believed"),
    [
        (("--behind-proxy",), True),
        (("--proxy", "127.0.0.0/8"), True),
        (("--proxy", "192.0.2.0/24"), False),
        ((), False),
    ],
)
def test_only_a_trusted_proxy_is_believed_who_asks(
    data_dir: Path, key: str, options: tuple[str, ...], is_believed: bool
) -> None:
    with running_server(data_dir, *TRIAL, *options, child=False) as server:
        assert guess_until_slowed(server, "198.51.100.9") == [403] * 10 + [429]
        place = "198.51.100.9" if is_believed else "127.0.0.1"
        assert f"10 wrong keys from {place};" in server.log.read_text()
        told = server.http.get(f"{server.address}/keys", headers={"X-Forwarded-For": "127.0.0.1"})
        assert told.status_code == 403


def test_through_the_shipped_nginx_file_all_goes_as_without(
    data_dir: Path, key: str, tmp_path: Path, certificates: dict[str, Certificate]
) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    options = (*TRIAL, "--behind-proxy", "--log-format", "json")
    with (
        running_server(data_dir, *options, child=False) as server,
        running_nginx(folder, server.address, certificates["ours"]) as address,
    ):
        direct, server.address = server.address, address
        server.http.verify = str(certificates["ours"].file)
        held = server.post_job("hold", key, width=256, height=256)
        server.wait_for_progress(held, key)
        server.gate.touch()
        assert server.wait_for_end(held, key)["job_status"] == "done"
        by_proxy = server.picture(held, key).content  # a GET with a body
        too_large = {"prompt": "x" * 70_000, "api_key": key, "base_model": "trial"}
        assert server.http.post(f"{address}/api/txt2img", json=too_large).status_code == 413
        assert server.http.get(f"{address}/metrics").status_code == 404
        for path in ("/", "/keys"):
            assert server.http.get(address + path).status_code == 403
        assert guess_until_slowed(server, "203.0.113.5")[-1] == 429
        server.address = direct
        assert server.picture(held, key).content == by_proxy
        log = server.log.read_text()
        server.send(signal.SIGTERM)
        query = {"job_uuid": held, "api_key": key}
        verify = str(certificates["ours"].file)
        gone = requests.get(f"{address}/api/status", params=query, verify=verify, timeout=30)
        assert gone.status_code == 502
    assert "10 wrong keys from 127.0.0.1;" in log  # not from where the client claimed to be
    written = (folder / "algovera.log").read_text()
    assert re.search(r'"GET /api/status" 200 \d+', written)
    for file in folder.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file
    assert not any((folder / "proxy").iterdir())


def test_systemd_finds_no_fault_in_the_shipped_unit(tmp_path: Path) -> None:
    unit = tmp_path / "algovera-server.service"
    text = (SHIPPED / unit.name).read_text()
    program = re.findall(r"^ExecStart=(\S+)", text, re.MULTILINE)[0]
    unit.write_text(text.replace(program, "/bin/true"))
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    security = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert security.returncode == 0, security.stdout


def test_the_page_for_studios_names_no_option_that_is_not_there() -> None:
    page = (SHIPPED / "README.md").read_text()
    named = set(re.findall(r"^    algovera-server .*", page, re.MULTILINE))
    options = {option for line in named for option in re.findall(r"--[a-z-]+", line)}
    assert len(options) >= 10
    commands = ((), ("keys", "create"), ("keys", "limit"))
    told = "".join(run_command(*command, "--help").stdout for command in commands)
    assert {option for option in options if option not in told} == set()
