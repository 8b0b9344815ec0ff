"""Records: values that are made by the million and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A dataclass with slots, equality and a hash, that nobody may change. The type checker holds everybody to it.

    ``frozen=True`` would hold them to it while running, too, at six times the cost of making one: for every field a
    call by name. What is made for each entry, lot or counted fact is a record; what is made once for a programme is a
    frozen dataclass.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
