"""What the Settings dialog asks of servers and the keyring, on worker threads."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from algovera_desktop.domain import errors
from algovera_desktop.domain.generation import ModelInfo
from algovera_desktop.domain.servers import ServerConfig
from algovera_desktop.engines.base import Engine, EngineHealth
from algovera_desktop.services.credentials import NO_BACKEND, CredentialStore, KeyPlace
from algovera_desktop.ui.tasks import Pool, Task, TaskContext, Tasks
from algovera_desktop.ui.wording import describe_error

_MOST_TITLES = 4

EngineFactory = Callable[[ServerConfig, str | None], Engine]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a server that works said of itself."""

    health: EngineHealth
    models: tuple[ModelInfo, ...]


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """Whether a key is stored, never the key."""

    is_stored: bool
    has_keyring: bool


class ServerProbe:
    """Starts the slow questions as tasks; keys pass through and are never handed back."""

    def __init__(
        self, tasks: Tasks, credentials: CredentialStore, make_engine: EngineFactory
    ) -> None:
        self._tasks = tasks
        self._credentials = credentials
        self._make_engine = make_engine

    def test(self, config: ServerConfig, typed_key: str) -> Task:
        """Ask the address what it is, with the typed key or else the stored one: a Finding."""

        def work(context: TaskContext) -> Finding:
            key = typed_key or self._credentials.get(config.id)
            context.token.raise_if_cancelled()
            engine = self._make_engine(config, key)
            try:
                health = engine.check(context.token)
                models = engine.models(context.token)
            finally:
                engine.close()
            return Finding(health, tuple(models))

        return self._tasks.start(Pool.NETWORK, work)

    def key_status(self, server_id: str) -> Task:
        """Ask whether a key is stored: a KeyStatus."""

        def work(context: TaskContext) -> KeyStatus:
            has_keyring = self._credentials.backend_name() != NO_BACKEND
            return KeyStatus(self._credentials.get(server_id) is not None, has_keyring)

        return self._tasks.start(Pool.NETWORK, work)

    def store_key(self, server_id: str, key: str) -> Task:
        """Keep a key: a KeyPlace."""

        def work(context: TaskContext) -> KeyPlace:
            return self._credentials.set(server_id, key)

        return self._tasks.start(Pool.NETWORK, work)

    def delete_key(self, server_id: str) -> Task:
        def work(context: TaskContext) -> None:
            self._credentials.delete(server_id)

        return self._tasks.start(Pool.NETWORK, work)


def describe_finding(finding: Finding) -> str:
    """What a server that works can make, and on what."""
    titles = [model.title for model in finding.models]
    names = ", ".join(titles[:_MOST_TITLES]) + (", …" if len(titles) > _MOST_TITLES else "")
    sentences = [QCoreApplication.translate("ServerProbe", "It works, and the key is accepted.")]
    if names:
        sentences.append(_with(QCoreApplication.translate("ServerProbe", "Models: {}."), names))
    else:
        sentences.append(QCoreApplication.translate("ServerProbe", "It has no models yet."))
    facts = (finding.health.version, finding.health.device)
    if any(facts):
        known = " · ".join(filter(None, facts))
        sentences.append(_with(QCoreApplication.translate("ServerProbe", "Server: {}."), known))
    return " ".join(sentences)


def _with(words: str, value: str) -> str:
    return words.replace("{}", value)


def describe_test_failure(error: Exception) -> str:
    """What a test found that failed, by the error's class."""
    if isinstance(error, errors.ProtocolError | errors.JobForgottenError):
        return QCoreApplication.translate(
            "ServerProbe", "The address answers, but not as an Algovera server."
        )
    if isinstance(error, errors.AuthenticationError):
        return QCoreApplication.translate(
            "ServerProbe", "The server answers, but the key was refused or is missing."
        )
    described = describe_error(error)
    return f"{described.title} {described.advice}"
