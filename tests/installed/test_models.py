"""Neural models with the runtime's package."""

import shutil
from importlib.util import find_spec

from support.chroot import Chroot
from support.desktop import DesktopSession
from support.installed import HOME, Packages, pictures, quit_program, start, type_prompt
from support.random_models import tiny_models

SERVER = ("algovera-server", "--data-dir", f"/home/{HOME}/.local/share/algovera-desktop/server")


def test_with_the_runtime_a_neural_model_paints(
    desktop: DesktopSession, changeable: Chroot, packages: Packages
) -> None:
    # A check that leaves this out would say of models what it does not know.
    assert find_spec("torch"), "PyTorch, which makes the model of this test, is not installed."
    changeable.environment(HOME)
    model = f"/home/{HOME}/model"
    shutil.copytree(tiny_models().folder / "openvino", f"{changeable.folder}{model}")
    assert "none: only sketches can be painted" in check(changeable)
    changeable.install(packages.runtime)
    assert "openvino-genai" in check(changeable)
    changeable.run(*SERVER, "models", "add", "Tiny", model)
    (line,) = (
        line
        for line in changeable.run(*SERVER, "models", "list").splitlines()
        if line.endswith("Tiny")
    )
    assert line.startswith("installed")
    app = start(desktop, changeable)
    app.click(app.find("combo box", "Sketch (no neural network) · 512×512"))
    app.press("Down", "Return")
    app.find("combo box", "Tiny · 128×128")
    type_prompt(app, "a red boat")
    app.find("spin box", "Steps").set_value(2)
    app.press("ctrl+Return")
    app.wait_for(lambda: pictures(changeable), "a picture", 60)
    assert b"Model: Tiny" in pictures(changeable)[0].read_bytes()
    quit_program(app)


def check(chroot: Chroot) -> str:
    """What the program says of its installation; it fails, for there is no screen."""
    return chroot.attempt("algovera-desktop", "--check").stdout
