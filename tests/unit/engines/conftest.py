"""What the engines' tests share: a scripted server, an engine that talks to it, a real picture."""

import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import settings
from PIL import Image

from algovera_desktop.domain.cancellation import CancelToken
from algovera_desktop.engines.algovera import AlgoveraEngine
from algovera_desktop.engines.endpoint import Endpoint
from algovera_desktop.engines.http import HttpClient, Patience
from support.http_server import ScriptedServer, scripted_server

# Hypothesis would fail an example that a busy computer makes slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

KEY = "deadbeef" + "0123456789abcdef" * 3 + "feedface"
QUICK = Patience(
    connect_s=2,
    read_s=0.5,
    json_s=5,
    picture_s=5,
    attempts=3,
    first_pause_s=0.001,
    retry_after_s=2,
    grace_s=0.2,
)


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def quick() -> Patience:
    """Patience for tests: everything that takes half a minute in earnest is over at once."""
    return QUICK


@pytest.fixture
def token() -> CancelToken:
    return CancelToken()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def engine(server: ScriptedServer) -> Iterator[AlgoveraEngine]:
    engine = AlgoveraEngine(lambda: Endpoint(server.address, KEY), patience=QUICK)
    yield engine
    engine.close()


def encoded(format_name: str, size: tuple[int, int] = (48, 32)) -> bytes:
    """A picture with something in it, so that half of its bytes is not enough to draw it."""
    gradient = Image.radial_gradient("L").resize(size)
    stream = BytesIO()
    Image.merge("RGB", (gradient, gradient.rotate(90), gradient)).save(stream, format_name)
    return stream.getvalue()


@pytest.fixture
def png() -> bytes:
    return encoded("PNG")


@pytest.fixture
def jpeg() -> bytes:
    return encoded("JPEG")


@pytest.fixture
def webp() -> bytes:
    return encoded("WEBP")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its private key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "scripted")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "scripted.pem"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted_server(context) as running:
        yield running


@pytest.fixture
def make_client(quick: Patience) -> Iterator[Callable[..., HttpClient]]:
    made: list[HttpClient] = []

    def make(address: str, **changes: float) -> HttpClient:
        client = HttpClient(lambda: Endpoint(address), patience=replace(quick, **changes))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., HttpClient], server: ScriptedServer) -> HttpClient:
    return make_client(server.address)
