"""Every setting, declared once: its key in the file, type, default, and words.

A setting's value is what the program works with; ``encode`` and ``decode`` turn it into what
JSON can hold and back. ``decode`` believes nothing: whatever stands in the file, it returns a
good value or raises ValueError.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeAlias, TypeVar, cast

from algovera_desktop.domain.images import SortOrder
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, MOST_AT_ONCE, ServerConfig

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One setting. ``label`` and ``help`` are English, translated by the interface in the
    context ``Settings``; both are empty where the program remembers by itself."""

    key: str
    default: T
    encode: Callable[[T], Json]
    decode: Callable[[Json], T]
    label: str = ""
    help: str = ""


class Theme(Enum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class SideListWish(Enum):
    """Whether the gallery's side list is open; by the window's width until the user says."""

    BY_WIDTH = "by_width"
    SHOWN = "shown"
    HIDDEN = "hidden"


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text for lupdate, which looks for this name; the text stays as it is."""
    del context
    return text


def _itself(value: T) -> T:
    return value


def _text(key: str, default: str, label: str = "", help: str = "") -> Setting[str]:
    def decode(value: Json) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{key}: not a text")
        return value

    return Setting(key, default, _itself, decode, label, help)


def _choice(key: str, default: E, label: str = "", help: str = "") -> Setting[E]:
    kind = type(default)

    def decode(value: Json) -> E:
        return kind(value)

    def encode(value: E) -> Json:
        return cast(Json, value.value)

    return Setting(key, default, encode, decode, label, help)


def _whole_number(
    key: str, default: int, minimum: int, maximum: int, label: str = "", help: str = ""
) -> Setting[int]:
    def decode(value: Json) -> int:
        number = _whole(key, value)
        if not minimum <= number <= maximum:
            raise ValueError(f"{key}: {number} is not from {minimum} to {maximum}")
        return number

    return Setting(key, default, _itself, decode, label, help)


def _yes_or_no(key: str, default: bool, label: str = "", help: str = "") -> Setting[bool]:
    def decode(value: Json) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{key}: neither yes nor no")
        return value

    return Setting(key, default, _itself, decode, label, help)


def _whole_numbers(key: str) -> Setting[tuple[int, ...]]:
    def decode(value: Json) -> tuple[int, ...]:
        if not isinstance(value, list):
            raise ValueError(f"{key}: not a list")
        return tuple(_whole(key, item) for item in value)

    return Setting(key, (), lambda numbers: list(numbers), decode)


def _texts(key: str) -> Setting[tuple[str, ...]]:
    def decode(value: Json) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError(f"{key}: not a list")
        return tuple(item for item in value if isinstance(item, str))

    return Setting(key, (), lambda texts: list(texts), decode)


def _opaque(key: str) -> Setting[bytes]:
    """Bytes that only their writer understands, such as Qt's window geometry."""

    def decode(value: Json) -> bytes:
        if not isinstance(value, str):
            raise ValueError(f"{key}: not base64")
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError(f"{key}: not base64") from error

    return Setting(key, b"", lambda data: base64.b64encode(data).decode(), decode)


def _form(key: str) -> Setting[Mapping[str, str | int | float | bool]]:
    """Named plain values; those of any other type are dropped one by one."""

    def decode(value: Json) -> Mapping[str, str | int | float | bool]:
        if not isinstance(value, dict):
            raise ValueError(f"{key}: not a mapping")
        return {name: item for name, item in value.items() if isinstance(item, str | int | float)}

    return Setting(key, {}, lambda values: dict(values), decode)


def _whole(key: str, value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key}: not a whole number")
    return value


def _encode_servers(servers: tuple[ServerConfig, ...]) -> Json:
    return [
        {
            "id": server.id,
            "name": server.name,
            "address": server.address,
            "allow_plain_http": server.allow_plain_http,
            "at_once": server.at_once,
        }
        for server in servers
    ]


def _decode_servers(value: Json) -> tuple[ServerConfig, ...]:
    if not isinstance(value, list):
        raise ValueError("servers: not a list")
    servers = [_decode_server(item) for item in value]
    if len({server.id for server in servers}) != len(servers):
        raise ValueError("servers: two have the same id")
    return tuple(servers)


def _decode_server(value: Json) -> ServerConfig:
    entry = value if isinstance(value, dict) else {}
    server_id, name, address = entry.get("id"), entry.get("name"), entry.get("address")
    if not (isinstance(server_id, str) and isinstance(name, str) and isinstance(address, str)):
        raise ValueError("servers: an entry is not a server")
    if server_id in ("", LOCAL_SERVER_ID):
        raise ValueError(f"servers: {server_id!r} cannot be an id")
    try:
        at_once = _decode_at_once(entry.get("at_once"))
    except ValueError:
        at_once = None  # Older files say nothing of it; it is no reason to lose the server.
    # Only an explicit yes counts; anything else in the file is a no.
    agreed = entry.get("allow_plain_http") is True
    return ServerConfig(server_id, name, address, agreed, at_once)


def _decode_at_once(value: Json) -> int | None:
    if value is None:
        return None
    number = _whole("at_once", value)
    if not 1 <= number <= MOST_AT_ONCE:
        raise ValueError(f"at_once: {number} is not from 1 to {MOST_AT_ONCE}")
    return number


THEME = _choice(
    "theme",
    Theme.SYSTEM,
    QT_TRANSLATE_NOOP("Settings", "Appearance"),
    QT_TRANSLATE_NOOP("Settings", "Light, dark, or as the system is set."),
)
PICTURES_FOLDER = _text(
    "pictures_folder",
    "",
    QT_TRANSLATE_NOOP("Settings", "Pictures folder"),
    QT_TRANSLATE_NOOP("Settings", "Where every picture is kept, in a folder for each month."),
)
"""An absolute path; empty for the default of ``services.paths``."""

THUMBNAIL_SIZE = _whole_number(
    "thumbnail_size",
    192,
    64,
    512,
    QT_TRANSLATE_NOOP("Settings", "Thumbnail size"),
    QT_TRANSLATE_NOOP("Settings", "The longer side of a picture in the gallery, in pixels."),
)
TRASH_DAYS = _whole_number(
    "trash_days",
    30,
    0,
    3650,
    QT_TRANSLATE_NOOP("Settings", "Empty the trash after"),
    QT_TRANSLATE_NOOP("Settings", "Pictures that lie in it for longer are deleted for good."),
)
"""In days; 0 for never."""

THUMBNAIL_MEMORY_MB = _whole_number(
    "thumbnail_memory_mb",
    192,
    64,
    4096,
    QT_TRANSLATE_NOOP("Settings", "Memory for thumbnails"),
    QT_TRANSLATE_NOOP("Settings", "More lets you scroll back without a wait. From the next start."),
)
SLIDESHOW_SECONDS = _whole_number(
    "slideshow_seconds",
    5,
    1,
    120,
    QT_TRANSLATE_NOOP("Settings", "Slideshow"),
    QT_TRANSLATE_NOOP("Settings", "How long each picture is shown."),
)
SORT_ORDER = _choice("sort_order", SortOrder.NEWEST)
"""In which order the gallery shows pictures."""

GALLERY_PLACE = _form("gallery_place")
"""What the gallery showed when the program ended, what was typed and selected, and how far it was
scrolled."""

SIDE_LIST = _choice("side_list", SideListWish.BY_WIDTH)
"""Whether the list of albums, tags and searches stands beside the gallery."""

SIDE_LIST_FOLDS = _texts("side_list_folds")
"""The sections of the side list that are folded."""

IMPORT_COPIES = _yes_or_no("import_copies", True)
"""Whether pictures that are imported are copied, or left where they are."""

NOTIFY_GROUP_END = _yes_or_no(
    "notify_group_end",
    True,
    QT_TRANSLATE_NOOP("Settings", "Notifications"),
    QT_TRANSLATE_NOOP("Settings", "Only while another window is in front. They name no prompt."),
)
"""Whether the desktop tells that the pictures of one press of Generate are finished."""

ACTIVE_SERVER_ID = _text(
    "active_server_id",
    LOCAL_SERVER_ID,
    QT_TRANSLATE_NOOP("Settings", "Server"),
    QT_TRANSLATE_NOOP("Settings", "Where pictures are made."),
)
SERVERS: Setting[tuple[ServerConfig, ...]] = Setting(
    "servers",
    (),
    _encode_servers,
    _decode_servers,
    QT_TRANSLATE_NOOP("Settings", "Servers"),
    QT_TRANSLATE_NOOP("Settings", "The Algovera servers that you can use. Keys are not in here."),
)
LOCAL_AT_ONCE: Setting[int | None] = Setting("local_at_once", None, _itself, _decode_at_once)
"""``ServerConfig.at_once`` of this computer, which is not among ``SERVERS``."""

OPENAI_KEY_KEPT = _yes_or_no("openai_key_kept", False)
"""Whether the keyring was given an OpenAI key; it is asked for one only then."""

OPENAI_ADDRESS = _text("openai_address", "")
"""Where OpenAI's Images API is asked; empty for OpenAI itself."""

OPENAI_MODEL = _text("openai_model", "")
"""Which of its models paints for ``dalle``; empty for the usual one."""

MODEL_OFFER_CLOSED = _yes_or_no("model_offer_closed", False)
"""Whether the user wants no model offered any more."""

QUEUE_PAUSED = _yes_or_no("queue_paused", False)
"""Whether the user has paused every server."""

PAUSED_SERVERS = _texts("paused_servers")
"""The ids of the servers that the user has paused one by one."""

WINDOW_GEOMETRY = _opaque("window_geometry")
COLUMN_SIZES = _whole_numbers("column_sizes")
"""The widths of the window's columns, in pixels; empty for the default."""

QUEUE_HEIGHT = _whole_number("queue_height", 280, 100, 10_000)
"""The height of the open queue panel, in pixels."""

FORM_DRAFT = _form("form_draft")
"""What stands in the prompt form, so that a crash does not take what was typed."""

FORM_EDIT = _form("form_edit")
"""The waiting job that the form is changing (``job_id``) and what stands in the form for it; empty
while it changes none. What was typed before is in FORM_DRAFT meanwhile."""
