"""What the bundle runs: by its name the window or the server, or the painter that a server starts.

On Linux one file has both names, for the two share most of their modules. On Windows they are
two, because a program there is made with a console or without.
"""

import sys
from pathlib import Path

from algovera_desktop import programs

if Path(sys.argv[0]).stem.lower() != programs.SERVER:
    from algovera_desktop.__main__ import main

    sys.exit(main())

if sys.argv[1:2] == [programs.PAINT]:
    from algovera_desktop.server.worker import run_worker

    sys.exit(run_worker(sys.argv[2:]))

from algovera_desktop.on_windows import tell_installer
from algovera_desktop.server.__main__ import main as serve

tell_installer()
sys.exit(serve())
