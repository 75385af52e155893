"""The studio's own OpenAI key: from a file, as systemd's LoadCredential= makes one."""

import argparse
import re
from pathlib import Path

from algovera_desktop.server.addresses import AddressError
from algovera_desktop.server.pipelines.base import RemoteAccess
from algovera_desktop.server.remote import LIVING_MODEL, OPENAI_ADDRESS

_KEY = re.compile(r"[!-~]{1,500}")
_ADDRESS = re.compile(r"https?://[!-~]+")


def openai_options() -> argparse.ArgumentParser:
    """The options, for the server's parser to take over."""
    parser = argparse.ArgumentParser(add_help=False)
    group = parser.add_argument_group("for a studio: dalle, painted by OpenAI for money")
    group.add_argument("--openai-key", type=Path, metavar="FILE", help="the file with its key")
    group.add_argument(
        "--openai-address",
        default=OPENAI_ADDRESS,
        metavar="URL",
        help="a server that speaks OpenAI's Images API (%(default)s)",
    )
    group.add_argument(
        "--openai-model",
        default=LIVING_MODEL,
        metavar="NAME",
        help="its model for dalle (%(default)s)",
    )
    return parser


def openai_access(options: argparse.Namespace) -> RemoteAccess | None:
    """What the options give access to; None without a key. Raises AddressError."""
    if options.openai_key is None:
        return None
    try:
        key = options.openai_key.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise AddressError("The file of --openai-key cannot be read.") from error
    if _KEY.fullmatch(key) is None:
        raise AddressError("The file of --openai-key holds no key.")
    if _ADDRESS.fullmatch(options.openai_address) is None:
        raise AddressError("--openai-address must be like https://api.openai.com/v1.")
    return RemoteAccess(key, options.openai_address, options.openai_model)
