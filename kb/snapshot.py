"""The index as one commit left it, as arrays: who holds a word and what that counts, facets, columns.

Documents are numbered through all segments. What a word counts is Whoosh's own BM25F, summed over the fields. Postings
of segments outlive the snapshot in a cache, since segments never change; everything else is of this commit alone.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from math import log
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from kb import filters, parts
from kb.cache import Cache
from kb.filters import Values
from kb.parts import LENGTHS, Part
from kb.postings import Numbers, Places, among, ranges, starts
from kb.spelling import Vocabulary

K1, B = 1.2, 0.75  # Whoosh's defaults, and the literature's (Robertson and Zaragoza 2009)
Scores = npt.NDArray[np.float32]
T = TypeVar("T")
_NOWHERE: Places = np.zeros(0, np.int32)
_NEVER = np.int32(np.iinfo(np.int32).max)  # behind every spot


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
    there = {part.name: part for part in before.parts} if before else {}
    opened: list[Part] = []
    try:
        for segment in toc.segments:
            part = there.get(segment.segment_id())
            opened.append(part.shared() if part else Part(storage, segment))
    except Exception:
        for part in opened:
            part.close()
        raise
    names = {part.name for part in opened}
    kept.drop(lambda key: key[0] not in names)
    gone = [parts.gone(segment) for segment in toc.segments]
    return Snapshot(opened, gone, weights, toc.generation, kept, Cache(memory))


class Scored(NamedTuple):
    """Documents and what each is worth."""

    documents: Places
    scores: Scores


class Holding(NamedTuple):
    """Who holds a word, what that counts, and in which fields: a bit for each, in the order of the weights."""

    documents: Places
    scores: Scores
    fields: npt.NDArray[np.uint8]


class Snapshot:
    """All segments of one commit. Not for several threads at once."""

    def __init__(
        self,
        parts: Sequence[Part],
        gone: Sequence[Numbers],
        weights: Mapping[str, float],
        generation: int,
        kept: Cache,
        made: Cache,
    ) -> None:
        self.parts = parts
        self._gone = gone
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
        return self.keep(
            ("column", name), lambda: self._joined([self._column(part, name) for part in self.parts])
        )

    def _column(self, part: Part, name: str) -> Numbers:
        return self.kept.get((part.name, name, "column"), partial(part.column, name))

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made of this snapshot before under that key, as long as there is room for it."""
        return self._made.get(key, make)

    @cached_property
    def there(self) -> npt.NDArray[np.bool_]:
        """Which documents are not gone."""
        there = np.ones(self.size, np.bool_)
        for gone, first in zip(self._gone, self._firsts, strict=False):
            there[gone + first] = False
        return there

    @cached_property
    def everything(self) -> Places:
        """The documents that are not gone."""
        return np.flatnonzero(self.there).astype(np.int32)

    def word(self, stem: str) -> Holding:
        """Return who holds a word in any field."""
        return self.keep(("word", stem), lambda: self._word(stem))

    def holders(self, stems: Iterable[str], beside: Iterable[str], field: str | None) -> list[int]:
        """Return how many hold each of the words, in that field if one is given, and all of those *beside* it."""
        is_there = self.there.copy()
        for stem in beside:
            holds = np.zeros(self.size, np.bool_)
            holds[self.word(stem).documents] = True
            is_there &= holds
        found = (self.field(field, stem) if field else self.word(stem).documents for stem in stems)
        return [int(np.count_nonzero(is_there[documents])) for documents in found]

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

    def names(self, field: str) -> list[str]:
        """Return the values of a filter, in order."""
        return sorted({name for values, _ in self._values(field) for name in values.names})

    def having(self, field: str, names: Collection[str]) -> Places:
        """Return the documents that have any of these values of a filter."""
        return self._all_still([values.having(names) + first for values, first in self._values(field)])

    def between(self, field: str, first: str, before: str | None) -> Places:
        """Return the documents that have a value of a filter from *first* on, up to one before the other."""
        return self._all_still(
            [values.between(first, before) + start for values, start in self._values(field)]
        )

    def counts(self, field: str, documents: Places) -> dict[str, int]:
        """Return how many of these documents (ascending) have each value of a filter, the most frequent first."""
        counts: Counter[str] = Counter()
        for values, first in self._values(field):
            start, end = np.searchsorted(documents, (first, first + len(values.starts) - 1)).tolist()
            found = values.counts(documents[start:end] - first)
            there = np.flatnonzero(found)
            counts.update(
                dict(
                    zip([values.names[place] for place in there.tolist()], found[there].tolist(), strict=True)
                )
            )
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def all_counts(self, field: str) -> dict[str, int]:
        """Return how many documents have each value of a filter."""
        return self.keep(("counts", field), lambda: self.counts(field, self.everything))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words as they are written, with how often they are said."""
        return Vocabulary({}, [words for words, _ in self._spelled()])

    def beginning(self, prefix: str, most: int) -> list[str]:
        """Return the words that begin so, the most frequent first."""
        # Kept, for two letters begin so many words that to sort them takes some ms.
        return self.keep(("beginning", prefix, most), lambda: self.vocabulary.beginning(prefix, most))

    def stems(self, words: Iterable[str]) -> list[str]:
        """Return the stems of words of the vocabulary, each once; of stop words none."""
        found = {stems[word] for word in words for _, stems in self._spelled() if word in stems}
        return sorted(found - {""})

    def _spelled(self) -> list[tuple[Vocabulary, Mapping[str, str]]]:
        return [self.kept.get((part.name, "spelling"), partial(_spelled, part)) for part in self.parts]

    def _values(self, field: str) -> Iterator[tuple[Values, int]]:
        """Yield the values of a filter of each segment, and its first document."""
        for part, first in self._numbered():
            yield self.kept.get((part.name, field, "values"), partial(filters.read, part, field)), first

    def _joined(self, arrays: Sequence[Numbers]) -> Numbers:
        return np.concatenate(arrays) if arrays else np.zeros(0, np.uint32)

    def _numbered(self) -> Iterator[tuple[Part, int]]:
        return zip(self.parts, self._firsts, strict=False)

    def _all_still(self, found: Sequence[Places]) -> Places:
        return self._still(np.concatenate([_NOWHERE, *found]))

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
        return Holding(documents[stays].astype(np.int32), scores[stays], fields[stays])

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
            begins = begins[among(begins, other)]
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
        told = before[ranges(starts, many)]
        following = np.append(after, _NEVER)[np.searchsorted(after, told, side="right")]
        is_near = (following <= told + within) & (following < ends[documents + 1][owners])
        close = np.zeros(len(documents), np.bool_)
        close[owners[is_near]] = True
        return close

    def _spots(self, part: Part, field: str, stem: str) -> Places:
        return self.kept.get((part.name, field, stem, "spots"), partial(_spots, part, field, stem))

    def _ends(self, part: Part, field: str) -> Places:
        """Return where each document of a segment begins among the spots of a field, and where the last one ends."""
        return self.kept.get((part.name, field, "ends"), lambda: starts(part.lengths(field) + np.uint32(1)))


def _spelled(part: Part) -> tuple[Vocabulary, Mapping[str, str]]:
    words, stems, often = part.spelling()
    return Vocabulary(dict(zip(words, often.tolist(), strict=True))), dict(zip(words, stems, strict=True))


def _postings(part: Part, field: str, stem: str) -> tuple[Places, Numbers]:
    term = part.term(field, stem)
    if term is None:
        return _NOWHERE, np.zeros(0, np.uint32)
    documents, often = part.postings(term)
    return documents.astype(np.int32), often


def _spots(part: Part, field: str, stem: str) -> Places:
    term = part.term(field, stem)
    return _NOWHERE if term is None else part.spots(term).astype(np.int32)
