"""Run at the start of each executable of the bundle, before the program.

On Linux the bundle's start puts its folder into LD_LIBRARY_PATH. That is read once, by the
loader; what the program starts later, a browser or the file manager, must not find our
libraries before its own. What the start notes for its second self, _PYI_…, is taken back too: the
server is this executable by another name, and would be taken for a part of this process, which has
found its libraries; so would this program be when the file manager starts it again.

A package manager may replace the executable while it runs. Modules are read out of it when they
are first needed: from here on of the one that was started, and not of the next version's.
"""

import os
import sys

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if before is not None:
    os.environ["LD_LIBRARY_PATH"] = before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
for name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[name]

if os.access("/proc/self/fd", os.R_OK):
    # PyInstaller's own, which opens the file by its name each time.
    archive = sys.modules["pyimod02_importers"].pyz_archive
    archive._filename = f"/proc/self/fd/{os.open(archive._filename, os.O_RDONLY)}"
