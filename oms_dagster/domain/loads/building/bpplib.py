"""Reader of BPPLIB text: number of items, capacity, then one size a line."""

from __future__ import annotations

from oms_dagster.domain.loads.building.problem import Item, Problem, Trailer


def read_bpplib(text: str) -> Problem:
    """A lane of one kind of trailer and one dimension from the text of a BPPLIB file; a trailer costs 1.

    Raises
    ------
    ValueError
        Something isn't a whole number, or there are more or fewer sizes than announced.
    """
    try:
        numbers = [int(part) for part in text.split()]
    except ValueError as error:
        raise ValueError(f"a BPPLIB file holds whole numbers only: {error}") from None
    if len(numbers) < 2 or len(numbers) != numbers[0] + 2:
        announced = numbers[0] if numbers else 0
        raise ValueError(f"{announced} items announced, {max(0, len(numbers) - 2)} sizes found")
    items = tuple(Item(str(n), (size,)) for n, size in enumerate(numbers[2:]))
    return Problem(items, (Trailer("bin", (numbers[1],)),), ("size",))
