"""A server's certificate, looked at before anybody connects."""

import ssl
from dataclasses import dataclass
from pathlib import Path


class TlsError(Exception):
    """The certificate cannot be used; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Two PEM files: the certificate with those that signed it, and its private key."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Raise TlsError unless both can be read and fit each other."""
        for file in (self.certificate, self.key):
            try:
                file.read_bytes()
            except OSError as error:
                raise TlsError(f"{file} cannot be read: {error.strerror}.") from error
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # A key with a password would have OpenSSL ask for it at the terminal, for ever.
            context.load_cert_chain(self.certificate, self.key, password=lambda: b"")
        except ssl.SSLError as error:
            raise TlsError(self._in_words(error)) from error

    def _in_words(self, error: ssl.SSLError) -> str:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"The key {self.key} is not that of the certificate {self.certificate}."
        if "ENCRYPTED" in self.key.read_text(errors="replace"):
            return f"The key {self.key} has a password; the server needs one without."
        return f"{self.certificate} and {self.key} are no certificate and key in PEM form."
