"""The user's own OpenAI key: kept in the keyring, and lent to this computer's server."""

from dataclasses import dataclass

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.servers import needs_plain_http_consent
from algovera_desktop.domain.settings import OPENAI_ADDRESS, OPENAI_KEY_KEPT, OPENAI_MODEL
from algovera_desktop.engines.endpoint import checked_address
from algovera_desktop.engines.model_manager import ModelManager
from algovera_desktop.services.credentials import CredentialStore, KeyPlace
from algovera_desktop.services.settings_store import SettingsStore

KEY_ENTRY = "openai"
"""Under this name the keyring has the key; the ids of servers are UUIDs."""


@dataclass(frozen=True, slots=True)
class OpenAiWish:
    """What was entered. An empty ``key`` keeps the one that is stored; an empty ``address`` or
    ``model`` is the usual one."""

    key: str = ""
    address: str = ""
    model: str = ""


class OpenAiAccess:
    """Every call but ``wish`` and ``has_key`` may wait for the keyring or the server, and belongs
    on a worker."""

    def __init__(
        self, credentials: CredentialStore, settings: SettingsStore, manager: ModelManager
    ) -> None:
        self._credentials = credentials
        self._settings = settings
        self._manager = manager
        self._is_for_session = False

    @property
    def wish(self) -> OpenAiWish:
        """What was entered last, without the key."""
        return OpenAiWish("", self._settings.get(OPENAI_ADDRESS), self._settings.get(OPENAI_MODEL))

    @property
    def has_key(self) -> bool:
        """Whether a key was entered; the keyring is not asked."""
        return self._is_for_session or self._settings.get(OPENAI_KEY_KEPT)

    def store(self, wish: OpenAiWish) -> KeyPlace | None:
        """Keep what was entered; where the key was put, None if none was entered.

        Raises InvalidRequestError with field ``address``: a key goes unencrypted to nowhere but
        this computer.
        """
        address = checked_address(wish.address) if wish.address.strip() else ""
        if address and needs_plain_http_consent(address):
            raise InvalidRequestError("address", "must begin with https://", address)
        place = self._credentials.set(KEY_ENTRY, wish.key) if wish.key else None
        self._settings.set(OPENAI_ADDRESS, address)
        self._settings.set(OPENAI_MODEL, wish.model.strip())
        if place is not None:
            self._is_for_session = place is KeyPlace.SESSION
            # Else the next start would make the keyring ask for what it does not have.
            self._settings.set(OPENAI_KEY_KEPT, place is KeyPlace.KEYRING)
        return place

    def forget(self, token: CancelToken) -> None:
        """Take the key back from the server and out of the keyring.

        Raises CredentialError when the keyring may still hold it, EngineError when the server
        may still use it, until it ends.
        """
        self._credentials.delete(KEY_ENTRY)
        self._is_for_session = False
        self._settings.set(OPENAI_KEY_KEPT, False)
        self._manager.hand_over("", "", "", token)

    def hand_over(self, token: CancelToken) -> bool:
        """Lend the key to the server that runs now; whether there is one.

        Raises CredentialError or EngineError.
        """
        if not self.has_key:
            return False
        key = self._credentials.get(KEY_ENTRY)
        if key is None:  # only a session's key, or taken out by another program
            return False
        wish = self.wish
        self._manager.hand_over(key, wish.address, wish.model, token)
        return True
