"""Reader of BPPLIB text: number of items, capacity, then one size a line."""

from __future__ import annotations

from oms_dagster.domain.loads.binpack.problem import Problem


def read_bpplib(text: str) -> Problem:
    """A one-dimensional problem from the text of a BPPLIB file.

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
    return Problem(tuple((size,) for size in numbers[2:]), (numbers[1],))
