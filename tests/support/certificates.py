"""Certificates for tests, made by Debian's openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """Files in PEM form: one for 127.0.0.1 that signs itself, and its private key."""

    file: Path
    key: Path

    @property
    def options(self) -> tuple[str, ...]:
        """With which ``algovera-server`` serves by https."""
        return ("--tls-certificate", str(self.file), "--tls-key", str(self.key))


def make_certificate(folder: Path, name: str) -> Certificate:
    """A certificate of this name, good for two days."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    request = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"]
    about = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-nodes"]
    files = ["-keyout", str(made.key), "-out", str(made.file)]
    subprocess.run(
        ["openssl", "req", *request, *about, *files], check=True, capture_output=True, timeout=30
    )
    return made
