"""Another company's image service: a real server that answers as OpenAI's Images API does."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from support.http_server import Behaviour, ScriptedServer, reply_json, scripted_server

IMAGES = "/v1/images/generations"
PAINTED_ELSEWHERE = (10, 200, 30)
"""The colour of every picture."""


def image_answer() -> Behaviour:
    """A picture of 1024 by 1024."""
    picture = io.BytesIO()
    Image.new("RGB", (1024, 1024), PAINTED_ELSEWHERE).save(picture, "PNG")
    encoded = base64.b64encode(picture.getvalue()).decode()
    return reply_json({"created": 1, "data": [{"b64_json": encoded}]})


@contextmanager
def image_service() -> Iterator[ScriptedServer]:
    """A server for the length of a block that paints whatever it is asked for."""
    with scripted_server() as server:
        server.on(IMAGES, image_answer())
        yield server
