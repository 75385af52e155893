"""The models of this computer's own server: which there are, and getting more of them.

The calls are those of ``server/models_api.py`` and ``server/remote_api.py``, which only the
application that started the server may make.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import EngineFailedError, JobForgottenError
from algovera_desktop.domain.generation import Size
from algovera_desktop.domain.managed_models import (
    ManagedModel,
    ManagedModels,
    ModelAction,
    ModelState,
)
from algovera_desktop.engines.answers import expect_object, whole_number, words
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import Answer, Call, HttpClient

LONGEST_WAIT_S = 25.0

_MODELS = "/api/manage/models"
_MOST_BYTES = 1 << 60


class ModelManager:
    """Every call blocks, belongs on a worker thread, and raises EngineError or JobCancelledError;
    EngineFailedError has the server's reason in words for the user."""

    def __init__(self, endpoint: Callable[[], Endpoint]) -> None:
        self._http = HttpClient(endpoint)

    def models(
        self, token: CancelToken, *, revision: int = 0, wait_s: float = 0.0
    ) -> ManagedModels:
        """All of them; with ``wait_s`` as soon as something is different from ``revision``."""
        query = {"revision": str(revision), "wait": f"{min(wait_s, LONGEST_WAIT_S):g}"}
        call = Call(_MODELS, query=query, wait_s=wait_s, bearer=True)
        return _models_from(self._http.read(lambda _: call, token))

    def pull(self, name: str, token: CancelToken) -> ManagedModels:
        """Download a model whose licence the user has accepted."""
        return self._post("pull", {"name": name, "licence_accepted": True}, token)

    def act(self, action: ModelAction, name: str, token: CancelToken) -> ManagedModels:
        return self._post(action.value, {"name": name}, token)

    def add(self, name: str, folder: Path, token: CancelToken) -> ManagedModels:
        """Make a folder, or one file, of the user's own a model."""
        return self._post("add", {"name": name, "folder": str(folder)}, token)

    def set_mirror(self, address: str, token: CancelToken) -> ManagedModels:
        """Download from elsewhere; "" is the usual place."""
        return self._post("mirror", {"address": address}, token)

    def hand_over(self, key: str, address: str, model: str, token: CancelToken) -> None:
        """Let ``dalle`` be painted with this key, or with "" no longer; an empty address or model
        is the usual one."""
        body = {"key": key, "address": address, "model": model}
        call = Call("/api/manage/remote", "POST", json=body, bearer=True)
        _expect(self._http.read(lambda _: call, token))

    def close(self) -> None:
        self._http.close()

    def _post(
        self, action: str, body: Mapping[str, str | int | float], token: CancelToken
    ) -> ManagedModels:
        # Asking twice changes nothing that asking once has not, so it is tried again like a read.
        call = Call(f"{_MODELS}/{action}", "POST", json=body, bearer=True)
        return _models_from(self._http.read(lambda _: call, token, attempts=2))


def _expect(answer: Answer) -> dict[str, Any]:
    try:
        return expect_object(answer)
    except JobForgottenError as error:
        raise EngineFailedError(str(error), url=answer.url) from error


def _models_from(answer: Answer) -> ManagedModels:
    body = _expect(answer)
    entries: object = body.get("models")
    listed = cast("list[object]", entries) if isinstance(entries, list) else []
    return ManagedModels(
        revision=_count(body.get("revision")),
        models=tuple(_model(cast("dict[str, Any]", each)) for each in listed if _is_model(each)),
        mirror=words(body.get("mirror")),
        free_bytes=_count(body.get("free_bytes")),
    )


def _is_model(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    facts = cast("dict[str, object]", value)
    states = {state.value for state in ModelState}
    return isinstance(facts.get("name"), str) and facts.get("state") in states


def _model(facts: dict[str, Any]) -> ManagedModel:
    licence, size = _part(facts.get("licence")), _part(facts.get("native_size"))
    return ManagedModel(
        name=facts["name"],
        title=words(facts.get("title")) or words(facts["name"]),
        state=ModelState(facts["state"]),
        description=words(facts.get("description")),
        note=words(facts.get("note")),
        reason=words(facts.get("reason")),
        runtime=words(facts.get("runtime")),
        native_size=Size(_count(size.get("width")) or 512, _count(size.get("height")) or 512),
        default_steps=_count(facts.get("default_steps")),
        recommended=facts.get("recommended") is True,
        downloadable=facts.get("downloadable") is True,
        licence_name=words(licence.get("name")),
        licence_address=words(licence.get("address")),
        licence_accepted=facts.get("licence_accepted") is True,
        download_bytes=_count(facts.get("download_bytes")),
        disk_bytes=_count(facts.get("disk_bytes")),
        memory_bytes=_count(facts.get("memory_bytes")),
        folder=words(facts.get("folder")),
        done_bytes=_count(facts.get("done_bytes")),
        total_bytes=_count(facts.get("total_bytes")),
        bytes_per_s=_pace(facts.get("bytes_per_s")),
        seconds_left=_pace(facts.get("seconds_left")),
        expected_s=_pace(facts.get("expected_s")),
    )


def _part(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _count(value: object) -> int:
    """A number of bytes, steps or pixels; 0 for what is none, or more than there can be."""
    number = whole_number(value) or 0
    return number if number <= _MOST_BYTES else 0


def _pace(value: object) -> float | None:
    """Seconds, or bytes a second; None for what nobody can know."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MOST_BYTES else None
