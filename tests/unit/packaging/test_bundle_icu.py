"""ICU's tables: a small block made here, and Qt's own from PySide6."""

import ctypes
import shutil
import struct
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundle_icu import slim_icu, without_unused

KEPT = ("coll/root.res", "root.res", "zone/de.res", "nfc.nrm")
UNUSED = ("gb18030.cnv", "brkitr/ja.dict", "curr/de.res", "unames.icu")
HEADER = struct.pack("<H2BHH4B4s8B", 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD", *range(8))


def block(tables: dict[str, bytes]) -> bytes:
    """As ICU's ``pkgdata`` lays it out: each table on a multiple of 16 bytes."""
    names, data, entries = b"", b"", []
    place = 4 + 8 * len(tables)
    first = -(-(place + sum(len(name) + 1 for name in tables)) // 16) * 16
    for name, table in tables.items():
        entries.append(struct.pack("<II", place + len(names), first + len(data)))
        names += name.encode() + b"\0"
        data += table.ljust(-(-len(table) // 16) * 16, b"\0")
    listed = struct.pack("<I", len(tables)) + b"".join(entries) + names
    return HEADER.ljust(32, b"\0") + listed.ljust(first, b"\0") + data


@given(st.dictionaries(st.sampled_from(KEPT + UNUSED), st.binary(min_size=1, max_size=90)))
def test_what_is_used_stays_as_it_was_and_the_rest_goes(tables):
    named = {f"icudt73l/{name}": table for name, table in sorted(tables.items())}
    used = {name: table for name, table in named.items() if name.removeprefix("icudt73l/") in KEPT}
    assert without_unused(block(named)) == block(used)


@pytest.mark.skipif(shutil.which("ld") is None, reason="needs binutils")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this library")
def test_qts_own_library_becomes_smaller_and_still_offers_its_tables(tmp_path):
    found = [file for file in files("PySide6-Essentials") or [] if "libicudata" in file.name]
    library = tmp_path / found[0].name
    shutil.copyfile(Path(str(found[0].locate())), library)
    before = library.stat().st_size
    slim_icu(library)
    assert library.stat().st_size < before / 2
    assert list(tmp_path.iterdir()) == [library]
    symbol = f"icudt{library.name.rpartition('.')[2]}_dat"
    assert bytes((ctypes.c_char * 4).in_dll(ctypes.CDLL(str(library)), symbol))[2:] == b"\xda\x27"
    told = subprocess.run(["objdump", "-p", library], capture_output=True, text=True).stdout
    assert f"SONAME               {library.name}" in told
