"""Leaves out of ICU's tables what Qt never looks at: 21 of their 32 MB.

Qt asks ICU to sort, for the names of time zones, for letters' cases, and for encodings that are
older than Unicode. The tables are one block of data in a shared library that holds nothing
else: a list of names and what each stands for (the format "CmnD" of ICU's ucmndata.h).
"""

import re
import struct
import subprocess
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

_LEFT_OUT = (
    "*.cnv",  # encodings older than Unicode
    "*/brkitr/*",  # where words and lines end: Qt has tables of its own
    "*/curr/*",  # names of currencies, languages, countries and units
    "*/lang/*",
    "*/region/*",
    "*/unit/*",
    "*/rbnf/*",  # numbers spelt out
    "*/translit/*",  # one script written in another
    "*/unames.icu",  # names of characters
    "*/confusables.cfu",
)
_ALIGNMENT = 16
_ENTRY = struct.Struct("<II")


def slim_icu(library: Path) -> None:
    """Write a ``libicudata.so.N`` anew with less in it. Needs binutils."""
    version = re.fullmatch(r"libicudata\.so\.(\d+)", library.name)
    assert version, library.name
    data = library.with_name("data.bin")
    made = library.with_name("data.o")
    _run("objcopy", "-O", "binary", "--only-section=.rodata", library, data)
    data.write_bytes(without_unused(data.read_bytes()))
    # Named by the file, in the folder that it lies in: the name becomes the symbol's.
    subprocess.run(
        ["ld", "-r", "-b", "binary", "-o", made.name, data.name], cwd=library.parent, check=True
    )
    rodata = ".data=.rodata,alloc,load,readonly,data,contents"
    symbol = f"_binary_data_bin_start=icudt{version[1]}_dat"
    renamed = ("--rename-section", rodata, "--redefine-sym", symbol)
    _run("objcopy", *renamed, f"--set-section-alignment=.rodata={_ALIGNMENT}", made)
    only = library.with_name("only.map")
    only.write_text(f"{{ global: icudt{version[1]}_dat; local: *; }};")
    linked = ("-shared", "-s", "-z", "noexecstack", "-soname", library.name)
    _run("ld", *linked, f"--version-script={only}", "-o", library, made)
    for path in (data, made, only):
        path.unlink()


def without_unused(data: bytes) -> bytes:
    """The block of data with only those of its tables that Qt looks at."""
    header_size = int.from_bytes(data[:2], "little")
    assert data[2:4] == b"\xda\x27", "ICU's mark"
    assert data[12:16] == b"CmnD", "a list of tables"
    header, listed = data[:header_size], data[header_size:]
    return header + _packed(
        {name: table for name, table in _tables(listed).items() if not _is_left_out(name)}
    )


def _tables(listed: bytes) -> dict[str, bytes]:
    count = int.from_bytes(listed[:4], "little")
    entries = [_ENTRY.unpack_from(listed, 4 + _ENTRY.size * i) for i in range(count)]
    ends = [begin for _, begin in entries] + [len(listed)]
    names = [listed[at : listed.index(b"\0", at)].decode("ascii") for at, _ in entries]
    return {name: listed[a:b] for name, (a, b) in zip(names, pairwise(ends), strict=True)}


def _packed(tables: dict[str, bytes]) -> bytes:
    names = b""
    entries: list[tuple[int, int]] = []
    place = 4 + _ENTRY.size * len(tables)
    begin = _aligned(place + sum(len(name) + 1 for name in tables))
    first = begin
    for name, table in tables.items():
        entries.append((place + len(names), begin))
        names += name.encode("ascii") + b"\0"
        begin = _aligned(begin + len(table))
    packed = len(tables).to_bytes(4, "little") + b"".join(_ENTRY.pack(*each) for each in entries)
    packed = (packed + names).ljust(first, b"\0")
    return packed + b"".join(table.ljust(_aligned(len(table)), b"\0") for table in tables.values())


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _is_left_out(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in _LEFT_OUT)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)
