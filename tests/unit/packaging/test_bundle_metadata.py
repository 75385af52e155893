import re
from pathlib import Path

from bundle_metadata import bundled_distributions

ROOT = Path(__file__).parents[3]


def test_the_bundle_is_made_of_what_the_users_lock_holds_and_of_no_tool():
    locked = (ROOT / "packaging" / "requirements.lock").read_text("utf-8")
    users = set(re.findall(r"^([\w.-]+)==", locked, re.MULTILINE)) | {"algovera-desktop"}
    bundled = set(bundled_distributions(ROOT))
    assert bundled <= users
    assert {"algovera-desktop", "pyside6-essentials", "numpy", "fastapi"} <= bundled
    assert not bundled & {"hatchling", "editables", "pyinstaller", "pytest"}


def test_nothing_is_bundled_that_tells_others_of_its_use():
    assert "openvino-telemetry" not in bundled_distributions(ROOT)
