"""What a process has at a moment: memory, descriptors, threads; and whether that grows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MB = 1e6
HOUR = 3600.0
COUNTED = 2 / 3  # the last part of a run, in which memory has to be flat: the first fills what is bounded


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds since the load began, resident memory in MB, open descriptors, threads."""

    at: float
    memory: float
    descriptors: int
    threads: int


def sample(pid: int, at: float) -> Sample:
    """What a process has now. Raises OSError if it has ended."""
    process = Path(f"/proc/{pid}")
    said = (process / "status").read_text("ascii")
    memory, threads = (int(re.findall(rf"{name}:\s+(\d+)", said)[0]) for name in ("VmRSS", "Threads"))
    return Sample(at, memory * 1024 / MB, len(list((process / "fd").iterdir())), threads)


def slope(samples: Sequence[Sample]) -> float:
    """How memory grows over the last two thirds of a run, in MB an hour, by least squares; 0 if there is too little."""
    if not samples:
        return 0.0
    first = samples[0].at + (1 - COUNTED) * (samples[-1].at - samples[0].at)
    points = [(one.at / HOUR, one.memory) for one in samples if one.at >= first]
    at, memory = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - at) ** 2 for x, _ in points)
    return sum((x - at) * (y - memory) for x, y in points) / spread if spread else 0.0
