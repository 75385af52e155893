"""Which painter paints which setting."""

from collections.abc import Callable

from algovera_desktop.server.pipelines.sketch.abstract import paint_abstract
from algovera_desktop.server.pipelines.sketch.beyond import paint_open_sky, paint_space
from algovera_desktop.server.pipelines.sketch.built import paint_city, paint_room, paint_table
from algovera_desktop.server.pipelines.sketch.commission import Setting
from algovera_desktop.server.pipelines.sketch.forest import paint_forest
from algovera_desktop.server.pipelines.sketch.land import (
    paint_desert,
    paint_field,
    paint_meadow,
    paint_mountains,
    paint_snow,
)
from algovera_desktop.server.pipelines.sketch.underpainting import Underpainting
from algovera_desktop.server.pipelines.sketch.waters import (
    paint_beach,
    paint_lake,
    paint_sea,
    paint_underwater,
)
from algovera_desktop.server.pipelines.sketch.weather import paint_weather

_PAINTERS: dict[Setting, Callable[[Underpainting], None]] = {
    Setting.MEADOW: paint_meadow,
    Setting.FIELD: paint_field,
    Setting.FOREST: paint_forest,
    Setting.MOUNTAINS: paint_mountains,
    Setting.SEA: paint_sea,
    Setting.BEACH: paint_beach,
    Setting.LAKE: paint_lake,
    Setting.UNDERWATER: paint_underwater,
    Setting.SNOW: paint_snow,
    Setting.DESERT: paint_desert,
    Setting.CITY: paint_city,
    Setting.ROOM: paint_room,
    Setting.TABLE: paint_table,
    Setting.SPACE: paint_space,
    Setting.SKY: paint_open_sky,
    Setting.ABSTRACT: paint_abstract,
}


def paint_ground(work: Underpainting) -> None:
    """The setting in its weather, with nothing standing in it yet."""
    _PAINTERS[work.commission.setting](work)
    paint_weather(work)
