"""Parts of canonical worlds by their numbers, each with a sample: the thing itself, as it stood in some world."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from struct import Struct
from typing import Any, overload

from attrs import field, frozen

Key = tuple[int, ...]
"""A canonical world: numbers of its parts, in the codebook."""
BYTES = 4
"""Bytes of a number."""
_SAMPLE = 997
"""Every so many worlds the size of one is measured."""


@cache
def _layout(count: int) -> Struct:
    return Struct(f"={count}i")


def packed(key: Sequence[int]) -> bytes:
    """A canonical world in as few bytes as may be: of millions each byte counts."""
    return _layout(len(key)).pack(*key)


def unpacked(key: bytes, begin: int = 0) -> Key:
    """The canonical world again, from a byte on."""
    return _layout((len(key) - begin) // BYTES).unpack_from(key, begin)


@frozen
class Keys(Sequence[Key]):
    """Canonical worlds, in the order in which they were found."""

    packed: list[bytes] = field(factory=list)
    """Each as few bytes."""

    @overload
    def __getitem__(self, place: int) -> Key: ...

    @overload
    def __getitem__(self, place: slice) -> Keys: ...

    def __getitem__(self, place: int | slice) -> Key | Keys:
        found = self.packed[place]
        return Keys(found) if isinstance(found, list) else unpacked(found)

    def __len__(self) -> int:
        return len(self.packed)

    def bytes(self) -> int:
        """What they take, with the list that holds them; of many worlds a sample is measured."""
        sample = self.packed[::_SAMPLE]
        return sys.getsizeof(self.packed) + sum(map(sys.getsizeof, sample)) * len(self) // max(1, len(sample))


@frozen
class Codebook:
    """The parts of worlds by their numbers: it makes a canonical world readable, and a world again."""

    parts: list[Any] = field(factory=list)
    """The parts in order of their numbers."""
    numbers: dict[Hashable, int] = field(factory=dict)
    """Their numbers."""
    samples: dict[int, Any] = field(factory=dict)
    """For the numbers of what a world is made of again, the thing itself."""

    def number(self, part: Hashable) -> int:
        """The number of a part; the next one for a part that was not seen before."""
        found = self.numbers.get(part)
        if found is None:
            found = self.numbers[part] = len(self.parts)
            self.parts.append(part)
        return found

    def sampled(self, part: Hashable, sample: Callable[[], Any]) -> int:
        """The number of a part; of one that was not seen before a sample is kept."""
        found = self.numbers.get(part)
        if found is None:
            found = self.number(part)
            self.samples[found] = sample()
        return found

    def without_samples(self) -> Codebook:
        """The same parts and numbers alone: enough to read worlds, and to send them to other processes."""
        return Codebook(self.parts, self.numbers)

    def to_go_on_with(self) -> Codebook:
        """The same parts and numbers, to which more can be added without changing this."""
        return Codebook([*self.parts], {**self.numbers})

    def __len__(self) -> int:
        return len(self.parts)
