"""Chance that repeats: streams for drawing many at once, and dice thrown for one subject.

Belongs here: every source of randomness of the simulation. Does not belong here: what the outcome means.
"""

from __future__ import annotations

import hashlib

import numpy as np

Key = str | int


def _digest(seed: int, key: tuple[Key, ...]) -> bytes:
    return hashlib.sha256("|".join([str(seed), *map(str, key)]).encode()).digest()


def stream(seed: int, *key: Key) -> np.random.Generator:
    """A generator of its own for each key: what one part draws never shifts what another draws."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(_digest(seed, key)[:16], "big")))


def chance(seed: int, *key: Key) -> float:
    """A number in [0, 1) that depends on the seed and the key only, not on the order of asking."""
    return (int.from_bytes(_digest(seed, key)[:8], "big") >> 11) / float(1 << 53)


def between(seed: int, low: int, high: int, *key: Key) -> int:
    """A whole number from `low` to `high`, both included, by the seed and the key only."""
    return low + int(chance(seed, *key) * (high - low + 1))


def token(prefix: str, *key: Key) -> str:
    """An id that follows from its subject: the same subject always gets the same id."""
    return f"{prefix}-{_digest(0, key).hex()[:14].upper()}"
