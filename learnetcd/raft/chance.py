"""Chance that can be repeated: each draw is a function of (seed, member, counter).

    draw(7, member=2, counter=5, below=10)    always the same digit, on every machine

One shared random generator would make every draw depend on all draws before it: leave one message
out of a run, and all that follows is another story. Here each member counts its own draws, so a
run stays recognisable when something is taken out of it.

The mixing is SplitMix64's finaliser (Steele, Lea and Flood, 2014), three rounds of
multiply-and-shift on 64 bits.

Next page: `entry`.
"""

from __future__ import annotations

_MASK = (1 << 64) - 1


def draw(seed: int, member: int, counter: int, below: int) -> int:
    """Draw a number from 0 to below - 1."""
    mixed = _mix(_mix(_mix(seed) ^ member) ^ counter)
    return mixed % below


def _mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
