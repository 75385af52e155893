"""The keys' page in a real browser: it serves the person at the machine, and no other page."""

import http.server
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.wait import WebDriverWait

from support.algovera_server import TRIAL, ServerProcess, run_command, running_server

PATIENCE_S = 20
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
)

ATTACK = """<!doctype html><title>running</title>
<iframe src="TARGET/" id="frame"></iframe>
<form method="post" action="TARGET/keys" enctype="text/plain" target="hole">
<input name='{"name": "form", "x": "' value='"}'></form><iframe name="hole"></iframe>
<script type="module">
const got = [];
const tries = [
  ["GET", {}], ["GET", {mode: "no-cors"}],
  ["POST", {mode: "no-cors", body: '{"name": "plain"}'}],
  ["POST", {headers: {"Content-Type": "application/json"}, body: '{"name": "json"}'}],
];
for (const [method, options] of tries) {
  try {
    const answer = await fetch("TARGET/keys", {method, credentials: "include", ...options});
    got.push(`${answer.type}:${answer.status}:${await answer.text()}`);
  } catch { got.push("blocked"); }
}
document.forms[0].submit();
await new Promise((done) => { document.querySelector("[name=hole]").onload = done; });
try { got.push(document.getElementById("frame").contentDocument?.body.innerText ?? "blocked"); }
catch { got.push("blocked"); }
document.title = JSON.stringify(got);
</script>"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with running_server(tmp_path / "data", *TRIAL, child=False) as server:
        yield server


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'browser'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    yield browser
    browser.quit()


@pytest.fixture
def attacker_port(server: ServerProcess) -> Iterator[int]:
    """Where another site answers, whatever name the browser knows it by."""
    page = ATTACK.replace("TARGET", server.address).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site.server_port
        site.shutdown()
        thread.join()


def find(browser: webdriver.Chrome, selector: str) -> WebElement:
    condition = expected_conditions.visibility_of_element_located((By.CSS_SELECTOR, selector))
    return WebDriverWait(browser, PATIENCE_S).until(condition)


def wait_for_text(browser: webdriver.Chrome, selector: str, text: str) -> None:
    condition = expected_conditions.text_to_be_present_in_element((By.CSS_SELECTOR, selector), text)
    WebDriverWait(browser, PATIENCE_S).until(condition)


def keys_of(server: ServerProcess) -> str:
    return run_command("keys", "list", "--data-dir", str(server.data_dir)).stdout


def test_a_person_creates_uses_and_revokes_a_key_by_keyboard(
    server: ServerProcess, browser: webdriver.Chrome
) -> None:
    browser.get(f"{server.address}/")
    wait_for_text(browser, "#no-keys", "no key yet")
    find(browser, "#name").send_keys("<b>Ana's</b> laptop", Keys.ENTER)
    key = find(browser, "#created-key").text
    job = server.post_job(key=key)
    assert server.wait_for_end(job, key)["job_status"] == "done"
    assert key[:8] in keys_of(server)

    assert browser.get_cookies() == []
    assert browser.execute_script("return localStorage.length + sessionStorage.length") == 0
    browser.refresh()
    wait_for_text(browser, "#keys tbody", "<b>Ana's</b> laptop")
    assert key not in browser.page_source
    find(browser, "#keys button").send_keys(Keys.ENTER)
    find(browser, "dialog [value=revoke]").send_keys(Keys.ENTER)
    wait_for_text(browser, "#message", "revoked")
    assert server.picture(job, key).status_code == 403
    assert browser.get_log("browser") == []


def test_the_documentation_shows_every_call_without_help_from_elsewhere(
    server: ServerProcess, browser: webdriver.Chrome
) -> None:
    browser.get(f"{server.address}/docs")
    wait_for_text(browser, "#operations", "/api/health")
    for path in ("basemodels", "txt2img", "status", "getAsset", "cancel", "models"):
        assert f"/api/{path}" in find(browser, "#operations").text
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map((each) => new URL(each.name).origin)"
    )
    assert set(loaded) == {server.address}
    assert browser.get_log("browser") == []


def test_a_page_from_another_origin_can_neither_create_a_key_nor_read_the_list(
    server: ServerProcess, browser: webdriver.Chrome, attacker_port: int
) -> None:
    run_command("keys", "create", "secret name", "--data-dir", str(server.data_dir))
    before = keys_of(server)
    for name in ("evil.example", "localhost", "127.0.0.1"):
        browser.get(f"http://{name}:{attacker_port}/")
        WebDriverWait(browser, PATIENCE_S).until(expected_conditions.title_contains("["))
        assert browser.title == '["blocked","opaque:0:","opaque:0:","blocked","blocked"]'
    assert keys_of(server) == before


def test_a_foreign_name_rebound_to_this_machine_is_refused(
    server: ServerProcess, browser: webdriver.Chrome
) -> None:
    run_command("keys", "create", "secret name", "--data-dir", str(server.data_dir))
    before = keys_of(server)
    port = urllib.parse.urlsplit(server.address).port
    browser.get(f"http://evil.example:{port}/")
    assert "loopback address" in browser.page_source
    browser.get(f"http://evil.example:{port}/docs")  # a page of that origin that does load
    answers = browser.execute_async_script(
        "const done = arguments[0];"
        "const body = JSON.stringify({name: 'evil'});"
        "const headers = {'Content-Type': 'application/json'};"
        "const posted = fetch('/keys', {method: 'POST', headers, body});"
        "Promise.all([fetch('/keys'), posted]).then((all) => done(all.map((each) => each.status)));"
    )
    assert answers == [403, 403]
    assert keys_of(server) == before
