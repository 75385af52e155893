"""Another company's image service: a real server that answers as OpenAI's Images API does."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from support.http_server import Behaviour, ScriptedServer, reply, reply_json, scripted_server

IMAGES = "/v1/images/generations"
FILE = "/files/a-secret-of-9f3c.png"
"""Where a picture lies that is answered by its address."""
PAINTED_ELSEWHERE = (10, 200, 30)
"""The colour of every picture."""


def image_answer() -> Behaviour:
    """A picture of 1024 by 1024."""
    encoded = base64.b64encode(_picture()).decode()
    return reply_json({"created": 1, "data": [{"b64_json": encoded}]})


def answer_by_address(service: ScriptedServer, *first: Behaviour) -> None:
    """Answer from now on by the address of a picture, whose readers meet ``first``, each in turn,
    and then find it."""
    service.on(IMAGES, reply_json({"created": 1, "data": [{"url": f"{service.address}{FILE}"}]}))
    service.on(FILE, *first, reply(_picture(), media_type="image/png"))


def _picture() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (1024, 1024), PAINTED_ELSEWHERE).save(picture, "PNG")
    return picture.getvalue()


@contextmanager
def image_service() -> Iterator[ScriptedServer]:
    """A server for the length of a block that paints whatever it is asked for."""
    with scripted_server() as server:
        server.on(IMAGES, image_answer())
        yield server
