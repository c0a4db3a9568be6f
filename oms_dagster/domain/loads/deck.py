"""Where goods stand on a trailer's floor, and what the front support and the rear axles carry.

Belongs here: the order of loading under last in first out, and axle loads by moments about the two supports. Does not
belong here: what rides on the trailer (`building/`).

Length is millimetres from the front of the floor, weight grams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deck:
    """A trailer's floor and supports. The limits are for the goods alone, without the trailer's own weight.

    Raises
    ------
    ValueError
        The supports are not in order on the floor, or a limit is negative.
    """

    length_mm: int
    front_mm: int
    rear_mm: int
    front_max_g: int
    rear_max_g: int

    def __post_init__(self) -> None:
        if not 0 <= self.front_mm < self.rear_mm <= self.length_mm:
            raise ValueError(f"deck: supports at {self.front_mm} and {self.rear_mm} mm of {self.length_mm} mm")
        if min(self.front_max_g, self.rear_max_g) < 0:
            raise ValueError("deck: a limit is negative")


@dataclass(frozen=True, slots=True)
class Piece:
    """A shipment on the floor: its stop (1 is delivered first), its weight, and the length of floor it takes."""

    shipment_id: str
    stop: int
    weight_g: int
    length_mm: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Shipments from the front of the floor to the doors, and the worst load of each support on the way.

    `start_mm` is the empty floor before the first; `within` says whether both limits hold at departure and after each
    stop, as far as the order that the stops force allows.
    """

    shipment_ids: tuple[str, ...]
    start_mm: int
    front_g: int
    rear_g: int
    within: bool


def arrange(deck: Deck, pieces: Sequence[Piece]) -> Arrangement:
    """The order of loading: later stops further in front; within a stop the order, and the empty floor in front, that spare the supports.

    Tried are, within each stop, heaviest first, heaviest last and heaviest in the middle, and all goods as far to the front,
    to the rear and between as the floor lets them. The one with the least overload counts, then the most even use of both
    limits.

    Raises
    ------
    ValueError
        The goods are longer than the floor.
    """
    free_mm = deck.length_mm - sum(p.length_mm for p in pieces)
    if free_mm < 0:
        raise ValueError(f"deck: {-free_mm} mm of goods too much")
    best: tuple[tuple[int, int, int, int], Arrangement] | None = None
    for way in range(3):
        order = _order(pieces, way)
        for part in range(5):
            start_mm = free_mm * part // 4
            front_g, rear_g = worst(deck, order, start_mm)
            over = max(0, front_g - deck.front_max_g) + max(0, rear_g - deck.rear_max_g)
            used = max(_permille(front_g, deck.front_max_g), _permille(rear_g, deck.rear_max_g))
            found = Arrangement(tuple(p.shipment_id for p in order), start_mm, front_g, rear_g, over == 0)
            key = (over, used, start_mm, way)
            if best is None or key < best[0]:
                best = (key, found)
    assert best is not None
    return best[1]


def worst(deck: Deck, order: Sequence[Piece], start_mm: int) -> tuple[int, int]:
    """The greatest load of the front support and of the rear axles, at departure and after each stop (grams, rounded up)."""
    middles: list[tuple[Piece, int]] = []
    at_mm = start_mm
    for piece in order:
        middles.append((piece, 2 * at_mm + piece.length_mm))
        at_mm += piece.length_mm
    front_g = rear_g = 0
    span = 2 * (deck.rear_mm - deck.front_mm)
    for done in sorted({0, *(p.stop for p in order)}):
        on_board = [(p.weight_g, twice) for p, twice in middles if p.stop > done]
        total = sum(weight for weight, _ in on_board)
        moment = sum(weight * (twice - 2 * deck.front_mm) for weight, twice in on_board)
        rear = -(-moment // span)
        rear_g, front_g = max(rear_g, rear), max(front_g, total - moment // span)
    return front_g, rear_g


def _order(pieces: Sequence[Piece], way: int) -> list[Piece]:
    """From the front: later stops first; within a stop by weight, falling, rising, or heaviest in the middle."""
    order: list[Piece] = []
    for stop in sorted({p.stop for p in pieces}, reverse=True):
        group = sorted((p for p in pieces if p.stop == stop), key=lambda p: (-p.weight_g, p.shipment_id))
        if way == 1:
            group.reverse()
        elif way == 2:
            group = group[::2][::-1] + group[1::2]
        order += group
    return order


def _permille(load_g: int, limit_g: int) -> int:
    return 1000 * load_g // limit_g if limit_g else (1_000_000 if load_g else 0)
