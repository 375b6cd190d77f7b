"""The index as one commit left it, as arrays: who holds a word and what that counts, facets, columns.

Documents are numbered through all segments. What a word counts is Whoosh's own BM25F, summed over the fields. Postings
of segments outlive the snapshot in a cache, since segments never change; everything else is of this commit alone.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from math import log
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb.cache import Cache
from kb.parts import LENGTHS, Part
from kb.postings import Numbers
from kb.spelling import Vocabulary

K1, B = 1.2, 0.75  # Whoosh's defaults, and the literature's (Robertson and Zaragoza 2009)
Places = npt.NDArray[np.intp]  # numbers of documents, ascending
Scores = npt.NDArray[np.float32]
T = TypeVar("T")
_NOWHERE: Places = np.zeros(0, np.intp)
_FEW = 8  # up to one in so many documents, going through theirs is faster than through all
_BITS = 64  # values of a filter; for so many it is fastest to count bits
_NEVER = np.iinfo(np.intp).max  # behind every spot


def generation(storage: FileStorage, name: str) -> int:
    """Return the number of the newest commit; -1 where there is none."""
    return int(TOC._latest_generation(storage, name))


def newest(
    storage: FileStorage, name: str, weights: Mapping[str, float], memory: int, before: "Snapshot | None"
) -> "Snapshot":
    """Open the newest commit of an index; what *before* has read of segments that stay is read no more.

    *memory* (bytes) is what postings may take, and as much what is made of them. Whatever is wrong with the files
    comes out as any exception at all.
    """
    toc = TOC.read(storage, name)
    kept = before.kept if before else Cache(memory)
    opened: list[Part] = []
    try:
        opened += (Part(storage, segment) for segment in toc.segments)
    except Exception:
        for part in opened:
            part.close()
        raise
    names = {part.name for part in opened}
    kept.drop(lambda key: key[0] not in names)
    return Snapshot(opened, weights, toc.generation, kept, Cache(memory))


class Scored(NamedTuple):
    """Documents and what each is worth."""

    documents: Places
    scores: Scores


class Holding(NamedTuple):
    """Who holds a word, what that counts, and in which fields: a bit for each, in the order of the weights."""

    documents: Places
    scores: Scores
    fields: npt.NDArray[np.uint8]


class Values(NamedTuple):
    """A filter of all documents."""

    names: list[str]  # in order
    said: Places  # which of the names, of one document after the other
    starts: Places  # where in *said* a document's begin; one more at the end
    owners: Places  # whose each of *said* is
    bits: npt.NDArray[np.uint64] | None  # of few names: a row each, with a bit for every document that has it

    def counts(self, documents: Places) -> Places:
        """Return how many of these documents have each name."""
        if self.bits is not None:
            wanted = _bits(documents, len(self.starts) - 1)
            found: Places = np.bitwise_count(self.bits & wanted).sum(axis=1, dtype=np.intp)
            return found
        if len(documents) * _FEW < len(self.starts):
            starts = self.starts[documents]
            said = self.said[_ranges(starts, self.starts[documents + 1] - starts)]
        else:
            is_wanted = np.zeros(len(self.starts) - 1, np.bool_)
            is_wanted[documents] = True
            said = self.said[is_wanted[self.owners]]
        return np.bincount(said, minlength=len(self.names))

    def having(self, names: Sequence[int] | range) -> Places:
        """Return the documents that have any of the names, by place."""
        is_one = np.zeros(len(self.names), np.bool_)
        is_one[list(names)] = True
        found = self.owners[is_one[self.said]] if len(self.said) else _NOWHERE
        return found[np.diff(found, prepend=-1) > 0]


class Snapshot:
    """All segments of one commit. Not for several threads at once."""

    def __init__(
        self,
        parts: Sequence[Part],
        weights: Mapping[str, float],
        generation: int,
        kept: Cache,
        made: Cache,
    ) -> None:
        self.parts = parts
        self.weights = weights
        self.generation = generation
        self.kept = kept
        self._made = made
        self.size = sum(part.size for part in parts)
        self._firsts = np.cumsum([0, *(part.size for part in parts)]).tolist()
        self._scores = np.zeros(self.size, np.float32)  # scratch, all zeros between two uses
        self._fields = np.zeros(self.size, np.uint8)

    def close(self) -> None:
        """Close the files."""
        for part in self.parts:
            part.close()

    @cached_property
    def ids(self) -> Numbers:
        """The ids of the documents."""
        return self._joined([part.ids for part in self.parts])

    def columns(self, name: str) -> Numbers:
        """Return a number of each document."""
        return self.keep(("column", name), lambda: self._joined([part.column(name) for part in self.parts]))

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made of this snapshot before under that key, as long as there is room for it."""
        return self._made.get(key, make)

    @cached_property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which documents are not gone."""
        there = np.ones(self.size, np.bool_)
        for part, first in self._numbered():
            there[part.gone + first] = False
        return there

    @cached_property
    def everything(self) -> Places:
        """The documents that are not gone."""
        return np.flatnonzero(self.there)

    def word(self, stem: str) -> Holding:
        """Return who holds a word in any field."""
        return self.keep(("word", stem), lambda: self._word(stem))

    def rarity(self, stem: str) -> float:
        """Return how much a word tells for being rare: Whoosh's idf, of all fields together."""
        return log(self.size / (len(self.word(stem).documents) + 1)) + 1 if self.size else 1.0

    def field(self, field: str, stem: str) -> Places:
        """Return who holds a word in one field."""
        found = [documents + first for _, first, documents, _ in self._postings(field, stem)]
        return self._still(np.concatenate(found)) if found else _NOWHERE

    def phrase(self, stems: Sequence[str], fields: Sequence[str]) -> Places:
        """Return who holds these words one right behind the other in any of the fields."""
        found = [
            self._phrase(part, first, field, stems) for field in fields for part, first in self._numbered()
        ]
        return self._still(np.unique(np.concatenate(found))) if found else _NOWHERE

    def near(self, one: str, other: str, field: str, within: int, documents: Places) -> npt.NDArray[np.bool_]:
        """Say of each document (ascending) whether *other* follows *one* within so many words in the field."""
        close = np.zeros(len(documents), np.bool_)
        for part, first in self._numbered():
            inside = slice(*np.searchsorted(documents, (first, first + part.size)).tolist())
            if inside.start < inside.stop:
                close[inside] = self._near(part, one, other, field, within, documents[inside] - first)
        return close

    def values(self, field: str) -> Values:
        """Return a filter of all documents."""
        return self.keep(("values", field), lambda: self._values(field))

    def counts(self, field: str, documents: Places) -> dict[str, int]:
        """Return how many of these documents have each value of a filter, the most frequent first."""
        values = self.values(field)
        counts = values.counts(documents)
        there = np.flatnonzero(counts)
        order = there[np.argsort(-counts[there], kind="stable")]
        return dict(
            zip([values.names[place] for place in order.tolist()], counts[order].tolist(), strict=True)
        )

    @cached_property
    def vocabulary(self) -> tuple[Vocabulary, Mapping[str, str]]:
        """The words as written with how often they are said, and the stem of each."""
        often: dict[str, int] = {}
        stems: dict[str, str] = {}
        for part in self.parts:
            for word, stem, count in zip(*part.spelling(), strict=True):
                often[word] = often.get(word, 0) + int(count)
                stems[word] = stem
        return Vocabulary(often), stems

    def _joined(self, arrays: Sequence[Numbers]) -> Numbers:
        return np.concatenate(arrays) if arrays else np.zeros(0, np.uint32)

    def _numbered(self) -> Iterator[tuple[Part, int]]:
        return zip(self.parts, self._firsts, strict=False)

    def _still(self, documents: Places) -> Places:
        return documents[self.there[documents]]

    def _postings(self, field: str, stem: str) -> Iterator[tuple[Part, int, Places, Numbers]]:
        """Yield the segments that hold the word, with their first document, who holds it there, and how often."""
        for part, first in self._numbered():
            documents, often = self.kept.get((part.name, field, stem), partial(_postings, part, field, stem))
            if len(documents):
                yield part, first, documents, often

    def _word(self, stem: str) -> Holding:
        for bit, (field, weight) in enumerate(self.weights.items()):
            self._add(field, stem, weight, 1 << bit)
        documents = np.flatnonzero(self._fields.view(np.bool_))  # six times as fast as of numbers
        scores, fields = self._scores[documents], self._fields[documents]
        self._scores[documents] = self._fields[documents] = 0
        stays = self.there[documents]
        return Holding(documents[stays], scores[stays], fields[stays])

    def _add(self, field: str, stem: str, weight: float, bit: int) -> None:
        """Add what a word counts in a field to the scratch arrays, as Whoosh counts it."""
        found = list(self._postings(field, stem))
        holders = sum(len(documents) for _, _, documents, _ in found)
        most = weight * (log(self.size / (holders + 1)) + 1) * (K1 + 1) if found else 0
        average = sum(part.field_words[field] for part in self.parts) / max(self.size, 1) or 1
        norms = (K1 * ((1 - B) + B * LENGTHS / average)).astype(np.float32)
        for part, first, documents, often in found:
            lengths = self.kept.get((part.name, field), partial(part.rough_lengths, field))[documents]
            self._scores[documents + first] += most * often / (often + norms[lengths])
            self._fields[documents + first] |= bit

    def _phrase(self, part: Part, first: int, field: str, stems: Sequence[str]) -> Places:
        spots = [self._spots(part, field, stem) for stem in stems]
        begins, *others = sorted((there - place for place, there in enumerate(spots)), key=len)
        for other in others:
            begins = begins[_among(begins, other)]
        return np.searchsorted(self._ends(part, field), begins, side="right") - 1 + first

    def _near(
        self, part: Part, one: str, other: str, field: str, within: int, documents: Places
    ) -> npt.NDArray[np.bool_]:
        ends, before, after = (
            self._ends(part, field),
            self._spots(part, field, one),
            self._spots(part, field, other),
        )
        starts = np.searchsorted(before, ends[documents])
        many = np.searchsorted(before, ends[documents + 1]) - starts
        owners = np.repeat(np.arange(len(documents)), many)
        told = before[_ranges(starts, many)]
        following = np.append(after, _NEVER)[np.searchsorted(after, told, side="right")]
        is_near = (following <= told + within) & (following < ends[documents + 1][owners])
        close = np.zeros(len(documents), np.bool_)
        close[owners[is_near]] = True
        return close

    def _spots(self, part: Part, field: str, stem: str) -> Places:
        return self.kept.get((part.name, field, stem, "spots"), partial(_spots, part, field, stem))

    def _ends(self, part: Part, field: str) -> Places:
        """Return where each document of a segment begins among the spots of a field, and where the last one ends."""
        return self.kept.get((part.name, field, "ends"), lambda: _starts(part.lengths(field) + np.uint32(1)))

    def _values(self, field: str) -> Values:
        by_part = [(*part.values(field), part.lengths(field)) for part in self.parts]
        names = sorted({name for of_part, _, _ in by_part for name in of_part})
        place = {name: number for number, name in enumerate(names)}
        said = [
            np.array([place[name] for name in of_part], np.intp)[told]
            for of_part, told, _ in by_part
            if len(told)
        ]
        lengths = [lengths for _, _, lengths in by_part]
        starts = _starts(self._joined(lengths))
        owners = np.repeat(np.arange(self.size), np.diff(starts))
        told = np.concatenate([_NOWHERE, *said])
        rows = (
            [_bits(owners[told == name], self.size) for name in range(len(names))]
            if len(names) <= _BITS
            else []
        )
        return Values(names, told, starts, owners, np.array(rows) if rows else None)


def _bits(documents: Places, size: int) -> npt.NDArray[np.uint64]:
    """Return a bit for each document, set for those given."""
    is_one = np.zeros(-(-size // 64) * 64, np.bool_)
    is_one[documents] = True
    return np.packbits(is_one).view(np.uint64)


def _postings(part: Part, field: str, stem: str) -> tuple[Places, Numbers]:
    term = part.term(field, stem)
    if term is None:
        return _NOWHERE, np.zeros(0, np.uint32)
    documents, often = part.postings(term)
    return documents.astype(np.intp), often


def _spots(part: Part, field: str, stem: str) -> Places:
    term = part.term(field, stem)
    return _NOWHERE if term is None else part.spots(term).astype(np.intp)


def _starts(lengths: Numbers) -> Places:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.intp)])


def _ranges(starts: Places, many: Places) -> Places:
    """Return the numbers from each start on, so many of each."""
    ends = np.cumsum(many)
    return np.repeat(starts - (ends - many), many) + np.arange(ends[-1] if len(ends) else 0)


def _among(wanted: Places, sorted_: Places) -> npt.NDArray[np.bool_]:
    """Say of each number whether it is in the other array, which is in order."""
    at = np.searchsorted(sorted_, wanted)
    at[at == len(sorted_)] = 0
    return sorted_[at] == wanted if len(sorted_) else np.zeros(len(wanted), np.bool_)
