"""Where a model that was converted from ONNX lies among what can be made again."""

import hashlib
import json
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from algovera_desktop.server.pipelines.base import Weights
from algovera_desktop.server.pipelines.model_folder import files_stamp

UNFINISHED = ".unfinished-"
"""What the names of folders begin with that nothing may be read from."""


def converted_folder(cache: Path) -> Path:
    """The folder of all that were converted."""
    return cache / "converted"


def converted_place(folder: Path, weights: Weights) -> Path:
    """Where this model lies, or would, by the files that it has now; raises OSError."""
    stamp = json.dumps(sorted(files_stamp(weights)))
    return folder / hashlib.sha256(stamp.encode()).hexdigest()[:32]


def drop_converted(place: Path) -> None:
    """Delete one, in a step out of sight first; one that is in use (Windows) stays for later."""
    leaving = place.with_name(f"{UNFINISHED}{uuid.uuid4().hex}")
    with suppress(OSError):
        place.rename(leaving)
        shutil.rmtree(leaving, ignore_errors=True)
