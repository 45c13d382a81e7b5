"""Whether a text holds parts of an evaluation set: windows of eight words shared with it, and how far they reach.

An evaluation text is kept as the hashes of its windows in their order, never as words. The hashes are stored, so a
changed constant or rule needs a new SCHEME. The rule is that of Tülu 3 and the GPT-3 family: candidates by 8-grams,
then at least half of the evaluation text's words, or thirteen of them in a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from curation.late import np
from curation.methods.arrays import Bools, Floats, Hashes, Ints, rounded, spread
from curation.methods.shingles import (
    BASE,
    INVERSE,
    SPACE,
    WORD,
    batches,
    character_kinds,
    mixed,
    normalised,
)

SCHEME = "words8-1"
WIDTH = 8
IN_A_ROW = 13
SHARE = 0.5
SLOTS = 1 << 20  # of the table that sorts out nearly every window before it is searched for
_DEFINED = re.compile(r"\b(?:def|function|func|fn)\s+(\w+)\s*\(([^()]{0,400})\)")
_PARAMETER = re.compile(r"(?:^|,)\s*\*{0,2}(\w+)")
MOST_PLACES = 64  # a window that an evaluation set has more often is its own boilerplate, and looked up no further


@dataclass(frozen=True, kw_only=True)
class EvaluationText:
    """One text of a registered set: the set's name, its own, and the hashes of its windows in their order."""

    set: str
    name: str
    windows: Hashes

    @property
    def words(self) -> int:
        return len(self.windows) + WIDTH - 1


@dataclass(frozen=True, kw_only=True)
class Match:
    """What a text shares with one evaluation text.

    `share` of the evaluation text's words that stand in the text, `own_share` of the text's words that stand in the
    evaluation text, `in_a_row` the most words that stand in both in one order without a gap.
    """

    set: str
    name: str
    share: float
    own_share: float
    in_a_row: int

    @property
    def is_contaminated(self) -> bool:
        return self.share >= SHARE or self.in_a_row >= IN_A_ROW


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Every window of n texts in order: its hash, its text; `words` of each text."""

    hashes: Hashes
    texts: Ints
    words: Ints

    @property
    def places(self) -> Ints:
        """The number of each window inside its text."""
        counts = np.bincount(self.texts, minlength=len(self.words)).astype(np.int64)
        return spread(counts)[1]


@dataclass(frozen=True, kw_only=True)
class Index:
    """All windows of the registered texts, sorted by hash, ready to be searched."""

    texts: tuple[EvaluationText, ...]
    hashes: Hashes
    owners: Ints
    places: Ints

    @classmethod
    def of(cls, texts: Sequence[EvaluationText]) -> Index:
        lengths = np.array([len(text.windows) for text in texts], dtype=np.int64)
        owners, places = spread(lengths)
        flat = np.concatenate([np.zeros(0, np.uint64), *[text.windows for text in texts]])
        order = np.lexsort((places, owners, flat))
        return cls(
            texts=tuple(texts), hashes=flat[order], owners=owners[order], places=places[order]
        )

    @cached_property
    def slots(self) -> Bools:
        table = np.zeros(SLOTS, dtype=np.bool_)
        table[(self.hashes % np.uint64(SLOTS)).astype(np.int64)] = True
        return table


def windows(texts: Sequence[str]) -> Windows:
    """Every window of eight successive words, case folded; a word is a run of letters, digits and marks.

    White space, punctuation and the underscores of identifiers only divide words, so that a changed layout changes
    nothing. Numbers are no words: tables and lists of them are alike everywhere. A text of fewer words has no window.
    """
    parts = [_windows(batch) for batch in batches([normalised(text) for text in texts])]
    counts = [len(part.words) for part in parts]
    starts = np.cumsum([0, *counts])[:-1]
    return Windows(
        hashes=np.concatenate([np.zeros(0, np.uint64), *[part.hashes for part in parts]]),
        texts=np.concatenate(
            [np.zeros(0, np.int64), *[p.texts + s for p, s in zip(parts, starts, strict=True)]]
        ),
        words=np.concatenate([np.zeros(0, np.int64), *[part.words for part in parts]]),
    )


def fast_windows(texts: Sequence[str]) -> Windows:
    """The same as `windows`, by a compiled kernel: for workers, who read texts by the hundred thousand."""
    from curation.methods.contamination_kernels import read

    folded = [normalised(text) for text in texts]
    ends = np.cumsum([len(text) for text in folded], dtype=np.int64)
    raw = "".join(folded).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype="<u4").astype(np.uint32)
    hashes, owners = np.empty(len(points), np.uint64), np.empty(len(points), np.int64)
    words = np.zeros(len(texts), dtype=np.int64)
    tables = (character_kinds(), _letters())
    found = read(points, ends, *tables, np.uint64(BASE), WIDTH, hashes, owners, words)
    return Windows(hashes=hashes[:found].copy(), texts=owners[:found].copy(), words=words)


def as_evaluation(of: str, names: Sequence[str], texts: Sequence[str]) -> list[EvaluationText]:
    """The texts of a set that can be looked for; those of fewer than eight words are left out."""
    named = [*zip(names, texts, strict=True)]
    both = [*named, *[(name, bare) for name, text in named if (bare := nameless(text)) != text]]
    found = windows([text for _, text in both])
    ends = np.searchsorted(found.texts, np.arange(len(both)), side="right")
    starts = np.searchsorted(found.texts, np.arange(len(both)), side="left")
    return [
        EvaluationText(set=of, name=name, windows=found.hashes[start:end])
        for (name, _), start, end in zip(both, starts, ends, strict=True)
        if end > start
    ]


def matches(texts: Sequence[str], index: Index) -> list[list[Match]]:
    """For each text, what it shares with evaluation texts: its contaminated matches, the strongest first."""
    if not len(index.hashes):
        return [[] for _ in texts]
    bare = [(place, other) for place, text in enumerate(texts) if (other := nameless(text)) != text]
    seen = fast_windows([*texts, *[text for _, text in bare]])
    places = [*range(len(texts)), *[place for place, _ in bare]]
    best: list[dict[tuple[str, str], Match]] = [{} for _ in texts]
    for text, match in _judged(_hits(seen, index), seen, index):
        known, key = best[places[text]], (match.set, match.name)
        if match.is_contaminated:
            known[key] = min(match, known.get(key, match), key=_strength)
    return [sorted(found.values(), key=_strength) for found in best]


def nameless(text: str) -> str:
    """`text` without the names of the functions that it defines and of their parameters, wherever they stand in it.

    Renaming is the cheapest way to hide a problem; what is left is the same on both sides. The text itself where it
    defines none.
    """
    if not any(word in text for word in ("def", "func", "fn")):
        return text
    names = {
        name
        for function, parameters in _DEFINED.findall(text)
        for name in (function, *_PARAMETER.findall(parameters))
    }
    if not names:
        return text
    return re.sub(rf"\b(?:{'|'.join(sorted(map(re.escape, names)))})\b", " ", text)


def _strength(match: Match) -> tuple[float, int, str, str]:
    """Sorts the strongest match first."""
    return -match.share, -match.in_a_row, match.set, match.name


@dataclass(frozen=True, kw_only=True)
class _Hits:
    """Windows that a text and an evaluation text share, with the place of each in both."""

    texts: Ints
    places: Ints
    owners: Ints
    theirs: Ints


def _hits(seen: Windows, index: Index) -> _Hits:
    maybe = np.flatnonzero(index.slots[(seen.hashes % np.uint64(SLOTS)).astype(np.int64)])
    hashes = seen.hashes[maybe]
    low = np.searchsorted(index.hashes, hashes, side="left")
    count = np.searchsorted(index.hashes, hashes, side="right") - low
    real = (count > 0) & (count <= MOST_PLACES)
    which, step = spread(count[real])
    at = maybe[real][which]
    entry = low[real][which] + step
    return _Hits(
        texts=seen.texts[at],
        places=seen.places[at],
        owners=index.owners[entry],
        theirs=index.places[entry],
    )


def _judged(hits: _Hits, seen: Windows, index: Index) -> Iterator[tuple[int, Match]]:
    """One match for every (text, evaluation text) that share a window."""
    key = hits.texts * len(index.texts) + hits.owners
    groups, group = np.unique(key, return_inverse=True)
    share = _covered(group, hits.theirs, len(groups))
    own = _covered(group, hits.places, len(groups))
    row = _in_a_row(group, hits, len(groups))
    for i, (text, owner) in enumerate(zip(*np.divmod(groups, len(index.texts)), strict=True)):
        evaluated = index.texts[owner]
        shares: Floats = rounded(
            np.array([share[i] / evaluated.words, own[i] / int(seen.words[text])])
        )
        yield (
            int(text),
            Match(
                set=evaluated.set,
                name=evaluated.name,
                share=float(shares[0]),
                own_share=float(shares[1]),
                in_a_row=int(row[i]),
            ),
        )


def _covered(group: Ints, places: Ints, count: int) -> Ints:
    """How many words the windows at these places cover, for each group."""
    order = np.lexsort((places, group))
    group, places = group[order], places[order]
    reach = np.full(len(group), WIDTH, dtype=np.int64)
    same = group[1:] == group[:-1]
    reach[:-1][same] = np.minimum(np.diff(places)[same], WIDTH)
    return np.bincount(group, weights=reach, minlength=count).astype(np.int64)


def _in_a_row(group: Ints, hits: _Hits, count: int) -> Ints:
    """The longest run of words that both texts have, for each group: windows that go on together."""
    shift = hits.places - hits.theirs
    order = np.lexsort((hits.places, shift, group))
    group, shift, places = group[order], shift[order], hits.places[order]
    begins = np.ones(len(group), dtype=np.bool_)
    begins[1:] = (
        (group[1:] != group[:-1]) | (shift[1:] != shift[:-1]) | (places[1:] != places[:-1] + 1)
    )
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.append(starts, len(group)))
    longest = np.zeros(count, dtype=np.int64)
    np.maximum.at(longest, group[starts], lengths + WIDTH - 1)
    return longest


def _windows(texts: list[str]) -> Windows:
    hashes, owners = _words(texts)
    words = np.bincount(owners, minlength=len(texts)).astype(np.int64)
    inside = max(len(hashes) - WIDTH + 1, 0)
    starts = np.flatnonzero(owners[:inside] == owners[WIDTH - 1 :])
    return Windows(hashes=_spans(hashes, starts, starts + WIDTH), texts=owners[starts], words=words)


def _words(texts: list[str]) -> tuple[Hashes, Ints]:
    """A hash of every word that has a letter, and the text it belongs to."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    owner = spread(lengths)[0]
    raw = "".join(texts).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype="<u4").astype(np.uint32)
    kinds = character_kinds()[points]
    visible = kinds != SPACE
    begins = visible.copy()
    begins[1:] &= (kinds[1:] != WORD) | (kinds[:-1] != WORD) | (owner[1:] != owner[:-1])
    starts = np.flatnonzero(begins)
    ends = visible.copy()
    ends[:-1] &= begins[1:] | ~visible[1:]
    stops = np.flatnonzero(ends) + 1
    has_letter = np.concatenate([np.zeros(1, np.int64), np.cumsum(_letters()[points])])
    kept = has_letter[stops] > has_letter[starts]
    starts, stops = starts[kept], stops[kept]
    return _spans(mixed(points * np.uint64(BASE)), starts, stops), owner[starts]


def _spans(values: Hashes, starts: Ints, stops: Ints) -> Hashes:
    """A hash of each span of values, by differences of one running polynomial (mod 2⁶⁴)."""
    powers = np.cumprod(np.full(len(values), BASE, dtype=np.uint64))
    inverses = np.cumprod(np.full(len(values), INVERSE, dtype=np.uint64))
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * powers, dtype=np.uint64)])
    return mixed((running[stops] - running[starts]) * inverses[starts])


@cache
def _letters() -> Bools:
    """Which code points are letters, signs of scripts without spaces among them."""
    return np.array([chr(point).isalpha() for point in range(0x110000)], dtype=np.bool_)
