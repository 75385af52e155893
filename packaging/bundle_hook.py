"""Run at the start of each executable of the bundle, before the program.

On Linux the bundle's start puts its folder into LD_LIBRARY_PATH. That is read once, by the
loader; what the program starts later, a browser or the file manager, must not find our
libraries before its own.
"""

import os

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if before is not None:
    os.environ["LD_LIBRARY_PATH"] = before
else:
    os.environ.pop("LD_LIBRARY_PATH", None)
