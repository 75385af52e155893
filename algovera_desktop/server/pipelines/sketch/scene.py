"""Where everything stands: composition by role, in depth, before a colour is chosen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from algovera_desktop.server.pipelines.sketch.commission import (
    Commission,
    Placement,
    Setting,
    Subject,
    TimeOfDay,
)
from algovera_desktop.server.pipelines.sketch.placing import HEAD, Placed, Shape
from algovera_desktop.server.pipelines.sketch.randomness import Dice
from algovera_desktop.server.pipelines.sketch.seating import carried, with_riders

MOST_THINGS = 14
"""More of one kind would be confetti."""
CROWD = 5
"""From so many of a kind on they stand at all distances."""

_HORIZONS = {
    Setting.MEADOW: 0.56,
    Setting.FIELD: 0.5,
    Setting.FOREST: 0.6,
    Setting.MOUNTAINS: 0.62,
    Setting.SEA: 0.5,
    Setting.BEACH: 0.44,
    Setting.LAKE: 0.5,
    Setting.UNDERWATER: 0.8,
    Setting.SNOW: 0.58,
    Setting.DESERT: 0.58,
    Setting.CITY: 0.66,
    Setting.ROOM: 0.66,
    Setting.TABLE: 0.58,
    Setting.SPACE: 0.8,
    Setting.SKY: 0.78,
    Setting.ABSTRACT: 0.72,
}

WATER = frozenset({Setting.SEA, Setting.BEACH, Setting.LAKE})
INDOORS = frozenset({Setting.ROOM, Setting.TABLE})
_FLOATING = frozenset({Placement.AIR, Placement.UNDERWATER})
SKYLESS = INDOORS | {Setting.UNDERWATER, Setting.SPACE, Setting.ABSTRACT}


@dataclass(frozen=True, slots=True)
class Scene:
    """``things`` from back to front; ``horizon`` as a share of the height; ``light_from`` -1.0
    left or 1.0 right; ``glow`` where the light stands in the sky, as shares of both sides;
    ``shore`` where land begins in front of water, as a share of the height (1.0: nowhere)."""

    width: int
    height: int
    horizon: float
    light_from: float
    glow: tuple[float, float]
    shore: float
    things: tuple[Placed, ...]

    @property
    def short(self) -> int:
        return min(self.width, self.height)


def lay_out(
    commission: Commission,
    shapes: Mapping[str, Shape],
    width: int,
    height: int,
    seed: int,
    emphasis: float = 1.0,
) -> Scene:
    """Place the commission's subjects. ``shapes``: the outline of each emoji.
    ``emphasis`` 1.0 is plain; more makes the main subject a little larger."""
    return _Layout(commission, shapes, width, height, seed, emphasis).scene()


class _Layout:
    def __init__(
        self,
        commission: Commission,
        shapes: Mapping[str, Shape],
        width: int,
        height: int,
        seed: int,
        emphasis: float,
    ) -> None:
        self._commission, self._shapes = commission, shapes
        self._width, self._height = width, height
        self._short = min(width, height)
        self._dice = Dice(seed, "layout")
        self._emphasis = emphasis
        setting = commission.setting
        self._horizon = _HORIZONS[setting] + self._dice.between(-0.03, 0.03)
        if height > width * 1.25:
            self._horizon = min(self._horizon + 0.05, 0.85)
        self._side = 1.0 if self._dice.chance(0.5) else -1.0
        self._placed: list[Placed] = []
        self._riders = carried(commission.subjects, shapes.__getitem__)
        self._has_ground = any(
            self._role(subject) in (Placement.STANDING, Placement.SMALL)
            for subject in commission.subjects
        )
        self._shore = self._shore_line()

    def _shore_line(self) -> float:
        """Water gets a near shore where something has to stand."""
        setting = self._commission.setting
        if setting is Setting.BEACH:
            return 0.62
        return 0.76 if setting in WATER and self._has_ground else 1.0

    def scene(self) -> Scene:
        subjects = self._commission.subjects
        roles = [self._role(subject) for subject in subjects]
        main = self._main(roles)
        light = -self._side
        low = self._commission.time in (TimeOfDay.SUNSET, TimeOfDay.DAWN)
        high = self._horizon * 0.8 if low else self._dice.between(0.16, 0.26)
        glow = (0.5 + light * self._dice.between(0.18, 0.3), high)
        order = sorted(
            (index for index in range(len(subjects)) if not self._rides(subjects[index])),
            key=lambda i: (i != main, roles[i] is Placement.CELESTIAL, i),
        )
        for index in order:
            self._place_kind(subjects[index], roles[index], index == main)
        for thing in self._placed:
            if thing.placement is Placement.CELESTIAL:
                glow = (thing.centre / self._width, (thing.y + thing.height / 2) / self._height)
        things = tuple(self._manned(sorted(self._placed, key=_back_to_front)))
        return Scene(self._width, self._height, self._horizon, light, glow, self._shore, things)

    def _rides(self, subject: Subject) -> bool:
        return subject.seat is not None and subject.seat.emoji in self._riders

    def _manned(self, things: list[Placed]) -> list[Placed]:
        """The things with their riders, shared out where there are several to ride on."""
        manned: list[Placed] = []
        met: dict[str, int] = {}
        for thing in things:
            emoji = thing.subject.emoji
            of_its_kind = sum(other.subject.emoji == emoji for other in things)
            riders = self._riders.get(emoji, [])[met.get(emoji, 0) :: of_its_kind]
            met[emoji] = met.get(emoji, 0) + 1
            frame = (self._width, self._height)
            manned += with_riders(thing, riders, frame, self._dice) if riders else [thing]
        return manned

    def _role(self, subject: Subject) -> Placement:
        """What a placement comes to in this setting."""
        setting, role = self._commission.setting, subject.placement
        if role is Placement.UNDERWATER and setting is not Setting.UNDERWATER:
            role = Placement.AFLOAT if setting in WATER else Placement.STANDING
        if role is Placement.AFLOAT and setting not in WATER:
            role = Placement.UNDERWATER if setting is Setting.UNDERWATER else Placement.STANDING
        if role is Placement.STANDING and subject.height <= 0.3:
            role = Placement.SMALL
        return role

    def _main(self, roles: list[Placement]) -> int:
        """The first that can carry a picture, or what it is on; a sun or mountain only if it is
        alone."""
        emojis = [subject.emoji for subject in self._commission.subjects]
        for index, role in enumerate(roles):
            seat = self._commission.subjects[index].seat
            if seat is not None and seat.emoji in self._riders:
                return emojis.index(seat.emoji)
            if role not in (Placement.CELESTIAL, Placement.BACKDROP):
                return index
        return 0

    def _place_kind(self, subject: Subject, role: Placement, main: bool) -> None:
        count = max(1, min(subject.count, MOST_THINGS))
        if subject.emoji in self._riders:
            count = min(count, len(self._riders[subject.emoji]))
        for number in range(count):
            thing = self._thing(subject, role, main, number, count)
            self._placed.append(self._settled(thing, number, count))

    def _thing(
        self, subject: Subject, role: Placement, main: bool, number: int, count: int
    ) -> Placed:
        """A thing with its size and height above ground; where across comes after."""
        depth, height = self._measure(subject, role, main, count)
        shape = self._shapes[subject.emoji]
        ratio, head = shape.ratio, 1.0
        span = self._span(subject)
        if span:
            span = span if count == 1 else span * 1.3 / count
            height, depth = min(self._width * span / ratio, self._height * 0.47), max(depth, 0.72)
            return self._carrying(subject, role, height * ratio, height, depth)
        if role is Placement.FACE and shape.is_bust:
            height *= 0.82
        elif role is Placement.FACE:
            head = HEAD
            ratio = ratio * head * 1.3
        widest = self._width * self._widest(role, main, count)
        if subject.scale > 1.25 and not main and count == 1:
            widest *= 1.4
        if height * ratio > widest:
            height = widest / ratio
        if count >= CROWD and role in (Placement.STANDING, Placement.SMALL):
            near = ((number * 5 + 2) % count + 0.5) / count
            depth, height = 0.14 + 0.8 * near, height * (0.7 + 1.05 * near)
        if number:
            height *= self._dice.between(0.8, 1.06)
        y = self._top(role, depth, height)
        mirrored = self._dice.chance(0.5)
        return Placed(subject, role, 0.0, y, height * ratio, height, depth, mirrored, main, head)

    def _span(self, subject: Subject) -> float:
        """The share of the width that a thing takes because it carries others; 0.0: it does not."""
        riders = self._riders.get(subject.emoji)
        seat = riders[0][0].seat if riders else None
        return seat.span if seat else 0.0

    def _carrying(
        self, subject: Subject, role: Placement, width: float, height: float, depth: float
    ) -> Placed:
        y = self._top(role, depth, height)
        if role is Placement.AIR:
            y = self._height * 0.62 - height / 2
        mirrored = self._dice.chance(0.5)
        return Placed(subject, role, 0.0, y, width, height, depth, mirrored, True)

    def _widest(self, role: Placement, main: bool, count: int) -> float:
        """The share of the width that one thing may take, so that others find room."""
        if count > 1:
            return min(0.56, (1.3 if role is Placement.FACE else 1.06) / count)
        company = sum(
            subject.placement not in (Placement.CELESTIAL, Placement.AIR, Placement.BACKDROP)
            for subject in self._commission.subjects
        )
        if company > 1:
            return 0.56 if main else 0.44
        return 0.9 if role is Placement.BACKDROP else 0.78

    def _measure(
        self, subject: Subject, role: Placement, main: bool, count: int
    ) -> tuple[float, float]:
        """Depth, and height in pixels."""
        short, scale = self._short, subject.scale
        spread = self._dice.between(-0.08, 0.08)
        crowd = 1.0 if count == 1 else max(0.42, 1.12 - 0.12 * count)
        emphasis = self._emphasis if main else 1.0
        tall = _root(subject.height)
        if role is Placement.CELESTIAL:
            return 0.0, short * 0.21 * min(scale, 1.8) * crowd * (1.25 if main else 1.0)
        if role is Placement.BACKDROP:
            return 0.05, min(short * 0.5 * _root(scale) * crowd, self._height * 0.52)
        if role is Placement.AIR:
            far = 0.22 if subject.height < 0.8 else 0.34
            size = (0.46 if main else far) * (0.5 + 0.5 * tall)
            return 0.4, short * size * scale * max(crowd, 0.6) * emphasis
        if role is Placement.FACE:
            size = 0.86 if main and count == 1 else 0.62
            return (1.0 if main else 0.96) - abs(spread), short * size * min(scale, 1.2) * emphasis
        if role is Placement.SMALL:
            size = (0.52 if main else 0.24) * max(crowd, 0.6)
            return 0.86 + spread, short * size * scale * emphasis
        if role is Placement.AFLOAT:
            size = (0.5 if main else 0.26) * (0.55 + 0.45 * min(tall, 1.3)) * crowd
            return (0.5 if main else 0.25) + spread, short * size * scale * emphasis
        if role is Placement.UNDERWATER:
            size = (0.5 if main else 0.24) * (0.5 + 0.5 * min(tall, 1.6)) * max(crowd, 0.55)
            return 0.6 + spread, short * size * scale * emphasis
        return self._measure_standing(subject, main, crowd, spread)

    def _measure_standing(
        self, subject: Subject, main: bool, crowd: float, spread: float
    ) -> tuple[float, float]:
        tall = _root(subject.height)
        if main:
            size = 0.42 + 0.12 * min(tall, 1.6)
            depth = 0.66 if tall < 1.25 else 0.45
            return depth + spread, self._short * size * crowd * subject.scale * self._emphasis
        leading = next((p for p in self._placed if p.main), None)
        ratio = tall
        if leading is not None:
            ratio = tall / max(_root(leading.subject.height), 0.3)
            said = subject.scale / leading.subject.scale
            if said < 0.8:
                return 0.7 + spread, self._short * 0.4 * crowd * max(min(ratio, 1.1) * said, 0.3)
        if ratio > 1.2:
            return 0.22 + spread, self._short * min(0.3 * ratio, 0.52) * crowd * subject.scale
        return 0.55 + 2.5 * spread, self._short * 0.4 * max(ratio, 0.4) * crowd * subject.scale

    def _top(self, role: Placement, depth: float, height: float) -> float:
        horizon = self._horizon * self._height
        setting = self._commission.setting
        if role is Placement.CELESTIAL:
            return self._dice.between(0.06, 0.12) * self._height
        if role is Placement.BACKDROP:
            return horizon - height * 0.94
        if role in (Placement.AIR, Placement.UNDERWATER):
            floor = horizon * 0.92
            if setting is Setting.SPACE and not self._has_ground:
                floor = self._height * 0.94
            room = max(floor - height, self._height * 0.03)
            return self._dice.between(self._height * 0.04, room)
        if role is Placement.FACE:
            return self._height - height
        if setting in WATER and role in (Placement.STANDING, Placement.SMALL):
            horizon = (self._shore + 0.06) * self._height
        feet = horizon + (0.95 * self._height - horizon) * min(max(depth, 0.0), 1.0)
        if role is Placement.AFLOAT:
            water = min(self._shore - 0.03, 0.9) * self._height - horizon
            feet = horizon + water * min(depth + 0.15, 1.0)
        return feet - height

    def _settled(self, thing: Placed, number: int, count: int) -> Placed:
        """The best of some places across: near its wish, hiding nobody's face."""
        best, best_cost = thing, 1e9
        for attempt in range(28):
            wish = self._wish(thing, number, count)
            shrink = 1.0 if attempt < 18 else 0.86
            reach = 0.17 if count == 1 else min(0.17, 0.3 / count)
            tried = thing
            if thing.placement is Placement.CELESTIAL:
                reach = 0.45
                tried = replace(thing, y=thing.y * self._dice.between(0.5, 1.7))
            elif thing.placement in _FLOATING and not self._span(thing.subject):
                tried = replace(thing, y=self._top(thing.placement, thing.depth, thing.height))
            reach *= 1.0 + attempt / 9.0  # the longer the search, the further from its wish
            across = wish + self._dice.between(-reach, reach)
            candidate = self._inside(tried, across, shrink)
            cost = self._cost(candidate, wish) + (0.0 if attempt < 18 else 0.12)
            if cost < best_cost:
                best, best_cost = candidate, cost
        return best

    def _wish(self, thing: Placed, number: int, count: int) -> float:
        """Where across it should stand, as a share of the width."""
        if count > 1:
            slot = (number * 2 + (1 if thing.main else 2)) / (2 * count)  # others in the gaps
            return 0.5 + (slot - 0.5) * 0.86
        if thing.placement is Placement.CELESTIAL:
            return 0.5 - self._side * 0.26
        alone = len(self._commission.subjects) == 1
        if thing.main:
            return 0.5 + self._side * (0.06 if alone else 0.15)
        return 0.5 - self._side * 0.24

    def _inside(self, thing: Placed, across: float, shrink: float) -> Placed:
        """The thing at ``across``, whole inside the frame; a bust keeps to the lower edge."""
        margin = self._short * 0.02
        height = min(thing.height * shrink, self._height - 2 * margin)
        width = thing.width * height / thing.height
        if width > self._width - 2 * margin:
            height *= (self._width - 2 * margin) / width
            width = self._width - 2 * margin
        x = min(max(across * self._width - width / 2, margin), self._width - margin - width)
        bottom = thing.y + thing.height
        if thing.placement is Placement.FACE:
            y = self._height - height
        elif thing.placement in (Placement.CELESTIAL, Placement.AIR):
            y = min(max(thing.y, margin), self._height - margin - height)
        else:
            y = max(min(bottom, self._height - margin) - height, margin)
        return replace(thing, x=x, y=y, width=width, height=height)

    def _cost(self, thing: Placed, wish: float) -> float:
        cost = abs(thing.centre / self._width - wish)
        if thing.placement is Placement.CELESTIAL:
            cost *= 0.3
        for other in self._placed:
            behind, front = sorted((thing, other), key=_back_to_front)
            if behind.placement is Placement.BACKDROP:
                cost += 0.4 * _covered(front, behind, 1.0)
                continue
            soft = 0.5 if front.placement is Placement.BACKDROP else 1.0
            cost += soft * (
                2.4 * _covered(front, behind, 0.55) + 0.8 * _covered(front, behind, 1.0)
            )
        return cost


_RANK = {Placement.CELESTIAL: 0, Placement.BACKDROP: 1, Placement.AIR: 2}


def _back_to_front(thing: Placed) -> tuple[int, float, float]:
    return _RANK.get(thing.placement, 3), thing.depth, thing.bottom


def _covered(front: Placed, behind: Placed, upper: float) -> float:
    """How much of the upper part of ``behind`` the box of ``front`` hides, 0.0 to 1.0."""
    across = min(front.x + front.width, behind.x + behind.width) - max(front.x, behind.x)
    lower_edge = behind.y + behind.height * upper
    down = min(front.bottom, lower_edge) - max(front.y, behind.y)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / (behind.width * behind.height * upper)


def _root(value: float) -> float:
    return math.sqrt(max(value, 0.0))
