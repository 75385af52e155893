"""Makes the numpy that was built here the same wherever that was."""

import re
from pathlib import Path

_BUILDERS_PYTHON = re.compile(r'(?<="path": r")[^"]*(?=")')


def forget_builder(packages: Path) -> None:
    """Take the interpreter that built numpy out of what ``numpy.show_config`` tells."""
    config = packages / "numpy" / "__config__.py"
    told = config.read_text("utf-8")
    config.write_text(_BUILDERS_PYTHON.sub("", told), "utf-8")
