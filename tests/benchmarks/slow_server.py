"""A server that speaks only what the documentation says, and takes its time for every answer.

python slow_server.py ANSWER_S QUESTIONS

Each answer comes ANSWER_S seconds after its request; every job has its picture when it has been
asked about QUESTIONS times. Prints its address. ``GET /count`` tells at once how many requests
came, by path.
"""

import asyncio
import io
import json
import sys
import uuid
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from PIL import Image

_JSON, _PNG = "application/json", "image/png"
_Answer = tuple[int, str, bytes]


class SlowServer:
    """Answers any number of connections at once."""

    def __init__(self, answer_s: float, questions: int) -> None:
        self._answer_s = answer_s
        self._questions = questions
        self._picture = _picture()
        self._came: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()

    async def serve(self) -> None:
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, backlog=1024)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                target = urlsplit(line.split()[1].decode())
                await reader.readexactly(await _body_length(reader))
                if target.path != "/count":
                    self._came[target.path] += 1
                    await asyncio.sleep(self._answer_s)
                writer.write(_framed(*self._answer(target.path, parse_qs(target.query))))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # The program has gone.
        finally:
            writer.close()

    def _answer(self, path: str, query: dict[str, list[str]]) -> _Answer:
        match path:
            case "/count":
                return _told(self._came)
            case "/api/basemodels":
                return _told({"base_models": ["stable"]})
            case "/api/txt2img":
                return _told({"job_uuid": uuid.uuid4().hex}, 201)
            case "/api/status":
                return _told({"job_status": self._state(query["job_uuid"][0])})
            case "/api/getAsset":
                return 200, _PNG, self._picture
        return _told({"detail": "Not Found"}, 404)

    def _state(self, job_uuid: str) -> str:
        self._asked[job_uuid] += 1
        return "done" if self._asked[job_uuid] >= self._questions else "created"


def _picture() -> bytes:
    data = io.BytesIO()
    Image.effect_noise((256, 256), 60).save(data, "PNG")
    return data.getvalue()


async def _body_length(reader: asyncio.StreamReader) -> int:
    length = 0
    while header := (await reader.readline()).strip():
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length


def _told(value: object, status: int = 200) -> _Answer:
    return status, _JSON, json.dumps(value).encode()


def _framed(status: int, media_type: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Slow\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(SlowServer(float(sys.argv[1]), int(sys.argv[2])).serve())
