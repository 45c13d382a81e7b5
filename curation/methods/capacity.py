"""What a run of a given size needs: seconds, memory, disk. Straight lines through figures that `benchmarks.scale` measured.

One core of the machine of `docs/benchmarks.md`; another core is a factor on every second. Phases that are cut into chunks are
shared by the workers, the others are one worker's. Sizes are bytes, times seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MICRO, MIB = 1e-6, 1 << 20
LENGTH = 582.0  # characters of a response where the figures were measured; prompts had 214, and two responses each
NEAR = (
    0.11  # share of the prompts there that were near an earlier one; one response in a hundred was
)
TEXTS = 1.5  # of a response: itself, and half a prompt
CHUNK_REVIEWS, READS_PER_SORT, PARTITION_TEXTS = 15_000, 8, 1_000_000  # as runs are cut
BASE = 300 * MIB  # a worker that has loaded what it works with
READ_PAIR = 205.0  # µs, measured with three reviews a pair
# µs and bytes of a pair, without the search for near texts: with it, a line through 40,000 pairs and 300,000. It has ended when
# the fits begin, which take nearly as much.
DECIDE_PAIR, DECIDE_BYTES, DECIDE_BASE = 101.0, 3_180.0, 515 * MIB
DUCKDB = 768 * MIB  # of one worker; beyond it DuckDB writes to disk
MOST = 2**31 - 1  # what counts reviews in a run


@dataclass(frozen=True)
class Load:
    """What a run is made of: two responses a pair, `length` characters each; `near` of the prompts are near another."""

    responses: int
    length: float = LENGTH
    near: float = NEAR
    reviews: float = 3.0  # of a pair; seconds are those of three
    workers: int = 2
    in_memory: int = 1_000_000

    @property
    def pairs(self) -> float:
        return self.responses / 2

    @property
    def texts(self) -> float:
        return self.responses * TEXTS

    @property
    def partitioned(self) -> bool:
        """Whether near texts are looked for by all workers."""
        return self.texts > self.in_memory

    @property
    def partitions(self) -> int:
        """How many, as a run is cut."""
        return 1 << max(int(self.texts) // PARTITION_TEXTS, 1).bit_length()

    @property
    def files(self) -> float:
        """How many files a run has while it is at work."""
        reads = self.pairs * self.reviews / CHUNK_REVIEWS
        sides = self.partitions * (reads / READS_PER_SORT + self.partitions + 1)
        return 5 * reads + (2 * sides if self.partitioned else 0)


@dataclass(frozen=True)
class Phase:
    """A part of a run: its processor seconds over all workers, how many share it, and the memory of each, `base` of it however little there is."""

    name: str
    cpu: float
    workers: int
    memory: float
    base: float = BASE

    @property
    def seconds(self) -> float:
        return self.cpu / self.workers


def phases(load: Load) -> list[Phase]:
    """Every phase of a run, in order."""
    longer = load.length / LENGTH
    read = READ_PAIR * load.pairs * (0.5 + 0.5 * longer)
    search = 0.0 if load.partitioned else 9.4 * load.responses
    held = 0.0 if load.partitioned else 120.0 * load.responses
    return [
        Phase("read", MICRO * read, load.workers, BASE + 280 * MIB * longer),
        *(_joining(load, longer) if load.partitioned else ()),
        Phase(
            "decide",
            MICRO * (search + DECIDE_PAIR * load.pairs),
            1,
            DECIDE_BASE + held + DECIDE_BYTES * load.pairs,
            DECIDE_BASE,
        ),
    ]


def _joining(load: Load, longer: float) -> Iterator[Phase]:
    """The search in partitions. Checking reads all texts once a partition, hence the square in it."""
    n, part, everybody = load.responses, load.texts / load.partitions, load.workers
    check = 1.6 * longer * load.near / NEAR + CHECK_PARTITION * load.partitions
    counting = min(250 * n * longer, DUCKDB)
    yield Phase("shared", MICRO * 0.8 * longer * n, 1, BASE + counting)
    yield Phase("sort", MICRO * 14.2 * n, everybody, BASE + 230 * MIB)
    yield Phase("join", MICRO * 5.1 * n, everybody, BASE + 700 * part)
    yield Phase("check", MICRO * check * n, everybody, BASE + 350 * part * load.near / NEAR)
    yield Phase("labels", MICRO * 0.5 * n, 1, BASE + 140 * n)


CHECK_PARTITION = 1.0  # µs a response and partition


@dataclass(frozen=True)
class Space:
    """Bytes while a run is at work (`frames`, `partitions`), and for good in PostgreSQL (`reviews` with items, `run`)."""

    frames: float
    partitions: float
    reviews: float
    run: float

    @property
    def files(self) -> float:
        return self.frames + self.partitions

    @property
    def database(self) -> float:
        return self.reviews + self.run


def space(load: Load) -> Space:
    """What a run and what it is made of take on disk."""
    longer = load.length / LENGTH
    items = load.pairs * (1_000 + 1_300 * longer)
    return Space(
        frames=load.texts * 200 + load.responses * 333 * longer,
        partitions=load.responses * _rows(load.partitions) if load.partitioned else 0.0,
        reviews=items + load.pairs * load.reviews * 1_000,
        run=load.pairs * 1_890,
    )


def _rows(partitions: int) -> float:
    """Bytes of a response's band rows: the more files they are spread over, the less often Parquet meets a name again."""
    return min(355.0 + 143.0 * (partitions.bit_length() - 2), 1_000.0)


@dataclass(frozen=True)
class Limit:
    """Something that ends, and at how many responses of this kind it does."""

    what: str
    responses: float


def limits(load: Load, memory: float, disk: float) -> list[Limit]:
    """What breaks first, second, … where a worker may hold `memory` bytes, and files and PostgreSQL `disk` bytes each."""
    each, needs = load.responses, space(load)
    alone = [phase for phase in phases(load) if phase.name in {"labels", "decide"}]
    found = [
        *(_within(f"memory of the worker at “{one.name}”", each, one, memory) for one in alone),
        Limit("disk of the files of one run", each * disk / needs.files),
        Limit("disk of PostgreSQL", each * disk / needs.database),
        Limit("the 32-bit number of a run's reviews", MOST / load.reviews * 2),
    ]
    return sorted(found, key=lambda limit: limit.responses)


def _within(what: str, responses: float, phase: Phase, memory: float) -> Limit:
    return Limit(what, responses * max(memory - phase.base, 0) / (phase.memory - phase.base))
