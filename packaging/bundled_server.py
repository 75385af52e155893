"""What the bundle's ``algovera-server`` runs: the server, or the painter that a server starts."""

import sys

from algovera_desktop.programs import PAINT

if sys.argv[1:2] == [PAINT]:
    from algovera_desktop.server.worker import run_worker

    sys.exit(run_worker(sys.argv[2:]))

from algovera_desktop.on_windows import tell_installer
from algovera_desktop.server.__main__ import main

tell_installer()
sys.exit(main())
