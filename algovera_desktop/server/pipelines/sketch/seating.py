"""Places for what is on, in or astride another thing."""

from collections.abc import Callable, Sequence

from algovera_desktop.server.pipelines.sketch.commission import Hold, Placement, Seat, Subject
from algovera_desktop.server.pipelines.sketch.placing import HEAD, Placed, Shape
from algovera_desktop.server.pipelines.sketch.randomness import Dice

HEAPED = 6
"""More would hide behind one another."""


def with_riders(
    carrier: Placed,
    riders: Sequence[tuple[Subject, Shape]],
    frame: tuple[int, int],
    dice: Dice,
) -> list[Placed]:
    """The carrier and those whom it carries, from back to front."""
    seat = riders[0][0].seat
    if seat is None:
        return [carrier]
    place = _heaped if seat.hold is Hold.HEAP else _in_a_row
    placed = place(carrier, seat, riders, frame, dice)
    return [carrier, *placed] if seat.hold is Hold.ON else [*placed, carrier]


def _in_a_row(
    carrier: Placed,
    seat: Seat,
    kinds: Sequence[tuple[Subject, Shape]],
    frame: tuple[int, int],
    dice: Dice,
) -> list[Placed]:
    room = (seat.right - seat.left) * carrier.width
    share = room / len(kinds) * (1.2 if len(kinds) > 1 else 2.4)
    floor = carrier.y + seat.level * carrier.height
    placed: list[Placed] = []
    for number, (subject, shape) in enumerate(kinds):
        tall = min(frame) * (0.17 + 0.24 * subject.height**0.5) * subject.scale
        narrow = share / shape.ratio
        if seat.hold is Hold.BEHIND:
            narrow = max(narrow, 0.62 * tall)
        height = min(tall, narrow, floor * 0.96) * (1.0 - 0.12 * (number % 2))
        slot = (number + 0.5) / len(kinds) + dice.between(-0.06, 0.06) / len(kinds)
        x = _across(carrier, seat, slot)
        mirrored = dice.chance(0.5)
        placed.append(_on(carrier, subject, shape, (x, floor, height), frame, mirrored))
    return placed


def _heaped(
    carrier: Placed,
    seat: Seat,
    kinds: Sequence[tuple[Subject, Shape]],
    frame: tuple[int, int],
    dice: Dice,
) -> list[Placed]:
    """Two rows, the upper one behind and between."""
    below = (len(kinds) + 1) // 2 if len(kinds) > 2 else len(kinds)
    above = len(kinds) - below
    height = (seat.right - seat.left) * carrier.width / max(below, 2) * 1.28
    rim = carrier.y + (seat.level + 0.12) * carrier.height
    placed: list[Placed] = []
    for number, (subject, shape) in enumerate(kinds):
        upper = number < above
        row, index = (above, number) if upper else (below, number - above)
        slot = (index + 0.5) / row * (0.62 if upper else 1.0) + (0.19 if upper else 0.0)
        tall = height * dice.between(0.92, 1.04)
        floor = rim - (0.52 * height if upper else 0.0) + 0.3 * tall
        x = _across(carrier, seat, slot)
        mirrored = dice.chance(0.5)
        placed.append(_on(carrier, subject, shape, (x, floor, tall), frame, mirrored))
    return placed


def _across(carrier: Placed, seat: Seat, slot: float) -> float:
    share = seat.left + (seat.right - seat.left) * slot
    return carrier.x + carrier.width * (1.0 - share if carrier.mirrored else share)


def _on(
    carrier: Placed,
    subject: Subject,
    shape: Shape,
    spot: tuple[float, float, float],
    frame: tuple[int, int],
    mirrored: bool,
) -> Placed:
    """A rider with its feet at ``spot``: middle, floor, height; whole inside the frame."""
    x, floor, height = spot
    height = min(height, floor, frame[0] / shape.ratio)
    head = HEAD if subject.placement is Placement.FACE and not shape.is_bust else 1.0
    width = height * shape.ratio * (head * 1.3 if head < 1.0 else 1.0)
    left = min(max(x - width / 2, 0.0), frame[0] - width)
    top, role, main = floor - height, Placement.AIR, carrier.main
    return Placed(subject, role, left, top, width, height, carrier.depth, mirrored, main, head)


def carried(
    subjects: Sequence[Subject], shapes: Callable[[str], Shape]
) -> dict[str, list[tuple[Subject, Shape]]]:
    """The riders of each carrier in the picture, one by one, by its emoji."""
    present = {subject.emoji for subject in subjects if subject.seat is None}
    riders: dict[str, list[tuple[Subject, Shape]]] = {}
    for subject in subjects:
        if subject.seat is not None and subject.seat.emoji in present:
            pair = (subject, shapes(subject.emoji))
            each = [pair] * max(1, min(subject.count, HEAPED))
            riders.setdefault(subject.seat.emoji, []).extend(each)
    return riders
