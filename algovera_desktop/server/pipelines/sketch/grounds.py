"""Which painter paints which setting."""

from collections.abc import Callable

from algovera_desktop.server.pipelines.sketch.commission import Setting
from algovera_desktop.server.pipelines.sketch.land import paint_meadow
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting

GROUNDS: dict[Setting, Callable[[Underpainting], None]] = dict.fromkeys(Setting, paint_meadow)
