"""The program, which dies at a given point.

python -m support.crash_driver POINT PASSAGE [ARGUMENTS OF algovera-desktop]
"""

import sys

from algovera_desktop.__main__ import main
from support.crash_points import CRASH_POINTS, arm

if __name__ == "__main__":
    arm(CRASH_POINTS[sys.argv[1]], int(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))
