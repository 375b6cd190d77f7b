"""Documents turned inside out: for every field and word which documents hold it, how often and where. Pure.

A word's postings go to disk and come back as Whoosh 2.7.4 keeps them (its codec "W3"), so that Whoosh reads them; only
that the numbers in a block are an array instead of a tuple, which Whoosh reads alike and numpy a hundred times as fast.
Behind them stand the word's spots, which Whoosh does not look for: at which place of the field, counted through all
documents with one place left free between two of them.
"""

import pickle
import struct
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import sub
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kb import text

BLOCK = 4096  # postings; Whoosh's own are of 128, made for skipping, which arrays never do
_MAGIC = b"W3Bl"
_SIZE = struct.Struct("!i")
_INFO = 2  # pickle protocol of what tells of a block: its length is found by pickling it again
_BLOCK = 5
_FEW = 32
_NO_WORD = 0  # the number of what is not looked for: stop words

Numbers = npt.NDArray[np.uint32]
Places = npt.NDArray[
    np.integer[Any]
]  # numbers of documents, words or spots, by which arrays are read; kept in 32 bits
SPOT = np.dtype("<u4")


class Holders(NamedTuple):
    """Who holds one word."""

    word: bytes
    documents: Numbers  # ascending
    often: Numbers
    said: int  # how often, in all of them
    most: int  # how often, in one of them
    spots: Numbers  # ascending; none of a field that is only filtered by


class _Spelling(dict[str, int]):
    """Words as written, and the number of each one's stem."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers

    def __missing__(self, word: str) -> int:
        stem = text.stem(word)
        number = self._numbers.setdefault(stem, len(self._numbers)) if stem else _NO_WORD
        self[word] = number
        return number


class Inversion:
    """Documents by their words. Words of *ranked* fields are kept by their stems, of *filters* as they are."""

    def __init__(self, ranked: Collection[str], filters: Collection[str], columns: Collection[str]) -> None:
        self._numbers: dict[str, int] = {"": _NO_WORD}
        self.spelling = _Spelling(self._numbers)
        self.ids = array("I")
        self.ranked, self.filters = tuple(ranked), tuple(filters)
        fields = (*ranked, *filters)
        self.lengths = {field: array("I") for field in fields}  # in words, of each document
        self._said = {
            field: array("I") for field in fields
        }  # numbers of the words, one document after the other
        self.columns = {name: array("I") for name in columns}

    @property
    def size(self) -> int:
        """How many words all fields of all documents have."""
        return sum(map(len, self._said.values()))

    def add(self, item: int, words: Mapping[str, Sequence[str]], columns: Mapping[str, int]) -> None:
        """Take in a document: the words of each field as written and folded, as often as they are there."""
        self.ids.append(item)
        for field in self.ranked:
            self._say(field, [number for number in map(self.spelling.__getitem__, words[field]) if number])
        for field in self.filters:
            self._say(field, [self._number(value) for value in words[field]])
        for name, column in self.columns.items():
            column.append(columns[name])

    def _say(self, field: str, numbers: Sequence[int]) -> None:
        self.lengths[field].append(len(numbers))
        self._said[field].extend(numbers)

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    def take(self, ids: Numbers, columns: Mapping[str, Numbers], stays: npt.NDArray[np.bool_]) -> None:
        """Take in those documents of a segment that stay; their words follow, field by field."""
        self.ids.frombytes(ids[stays].tobytes())
        for name, column in columns.items():
            self.columns[name].frombytes(column[stays].tobytes())

    def take_field(
        self,
        field: str,
        lengths: Numbers,
        words: Sequence[str],
        said: Numbers,
        stays: npt.NDArray[np.bool_],
    ) -> None:
        """Take in a field of those documents: which of *words* (by place) they say, one document after the other."""
        numbers = np.array([self._number(word) for word in words], np.uint32)
        kept = said[np.repeat(stays, lengths)]
        self.lengths[field].frombytes(lengths[stays].tobytes())
        self._said[field].frombytes((numbers[kept] if len(words) else kept).astype(np.uint32).tobytes())

    def take_spelling(self, spelling: Mapping[str, str]) -> None:
        """Take in how the words of a segment are written: word -> stem."""
        for word, stem in spelling.items():
            self.spelling[word] = self._number(stem) if stem else _NO_WORD

    def spelled(self) -> Iterator[tuple[str, str, int]]:
        """Yield every word as written, with its stem and how often that is said in all ranked fields."""
        often = np.zeros(len(self._numbers), np.int64)
        for field in self.ranked:
            often += np.bincount(_array(self._said[field]), minlength=len(often))
        stems = list(self._numbers)
        told = often.tolist()
        return ((word, stems[number], told[number]) for word, number in self.spelling.items() if told[number])

    def of(self, field: str) -> Iterator[Holders]:
        """Yield who holds the words of a field, in the order of the words."""
        said, lengths = _array(self._said[field]), _array(self.lengths[field])
        words, ranks = self._ranked(said)
        order = np.argsort(ranks[said], kind="stable")
        places = ranks[said][order]
        holders = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)[order]
        spots = (order + holders).astype(np.uint32)
        told = _steps(places * len(lengths) + holders)  # where another document or word begins
        often = np.diff(told, append=len(said)).astype(np.uint32)
        begins = _steps(places)
        firsts = np.searchsorted(told, begins)
        most = np.maximum.reduceat(often, firsts).tolist() if len(said) else []
        documents = holders[told]
        bounds = [*zip(firsts.tolist(), begins.tolist(), strict=True), (len(told), len(said))]
        for word, greatest, (first, begin), (last, end) in zip(words, most, bounds, bounds[1:], strict=False):
            where = spots[begin:end] if field in self.ranked else spots[:0]
            yield Holders(word, documents[first:last], often[first:last], end - begin, greatest, where)

    def _ranked(self, said: Numbers) -> tuple[list[bytes], npt.NDArray[np.int64]]:
        """Return the words that are said, in order, and the place of each in it by its number."""
        there = np.flatnonzero(np.bincount(said)).tolist() if len(said) else []
        names = list(self._numbers)
        by_word = sorted((names[number].encode(), number) for number in there)
        ranks = np.zeros(len(names), np.int64)
        ranks[[number for _, number in by_word]] = np.arange(len(by_word))
        return [word for word, _ in by_word], ranks

    def values(self, field: str) -> tuple[list[str], Numbers]:
        """Return the values of a filter, in order, and which of them, by place, one document after the other has."""
        said = _array(self._said[field])
        words, ranks = self._ranked(said)
        return [word.decode() for word in words], ranks[said].astype(np.uint32)


def _steps(numbers: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Return where a number differs from the one before it."""
    return np.flatnonzero(np.diff(numbers, prepend=-1))


def _array(numbers: "array[int]") -> Numbers:
    return np.frombuffer(numbers, np.uint32)


def starts(lengths: Numbers) -> Places:
    """Return where each of pieces of these lengths begins, one behind the other, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.intp)])


def ranges(first: Places, many: Places) -> Places:
    """Return the numbers from each first one on, so many of each."""
    ends = np.cumsum(many)
    return np.repeat(first - (ends - many), many) + np.arange(ends[-1] if len(ends) else 0)


def among(wanted: Places, ordered: Places) -> npt.NDArray[np.bool_]:
    """Say of each wanted number whether it is among others, which are ascending."""
    if not len(ordered):
        return np.zeros(len(wanted), np.bool_)
    at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    found: npt.NDArray[np.bool_] = ordered[at] == wanted
    return found


def documents(spots: Numbers, lengths: Numbers) -> Numbers:
    """Return in which documents, with so many words each, the spots of a word are."""
    ends = np.cumsum(lengths.astype(np.int64) + 1)
    return np.searchsorted(ends, spots, side="right").astype(np.uint32)


def encode(documents: Numbers, often: Numbers, bounds: tuple[int, int]) -> bytes:
    """Return a word's postings as Whoosh wants them; *bounds* are the shortest and longest field, as it codes them."""
    parts = [_MAGIC]
    for start in range(0, len(documents), BLOCK):
        some, times = documents[start : start + BLOCK], often[start : start + BLOCK]
        # Most words are in few documents, and lists of few numbers are made six times as fast as arrays of them.
        told = _few if len(some) < _FEW else _many
        last, most, gaps, weights = told(some, times)
        # Number of postings, last document, greatest weight, no compression; then what a reader may skip.
        block = pickle.dumps((len(some), last, most, 0, *bounds), _INFO)
        block += pickle.dumps((gaps, weights, None), _BLOCK)
        is_last = start + BLOCK >= len(documents)
        parts += [_SIZE.pack(-len(block) if is_last else len(block)), block]
    return b"".join(parts)


def _few(documents: Numbers, often: Numbers) -> tuple[int, int, Any, Any]:
    """Return the last document, the greatest weight, and gaps and weights as Whoosh has them."""
    some, times = documents.tolist(), often.tolist()
    most = max(times)
    weights = tuple(times) if min(times) < most else None if most == 1 else float(most)
    return some[-1], most, (some[0], *map(sub, some[1:], some)), weights


def _many(documents: Numbers, often: Numbers) -> tuple[int, int, Any, Any]:
    most = int(often.max())
    gaps = array("I", np.diff(documents, prepend=np.uint32(0)).tobytes())
    is_one = int(often.min()) == most
    weights = (None if most == 1 else float(most)) if is_one else array("I", often.tobytes())
    return int(documents[-1]), most, gaps, weights


def decode(found: bytes) -> tuple[Numbers, Numbers]:
    """Return the documents that hold a word, and how often each does, from what `encode` made."""
    documents: list[Numbers] = []
    often: list[Numbers] = []
    at = len(_MAGIC)
    while at < len(found):
        size = abs(_SIZE.unpack_from(found, at)[0])
        at += _SIZE.size
        block = found[at : at + size]
        info = pickle.loads(block)  # noqa: S301 - our own index
        gaps, weights, _ = pickle.loads(block[len(pickle.dumps(info, _INFO)) :])  # noqa: S301
        documents.append(np.cumsum(np.array(gaps, np.uint32), dtype=np.uint32))
        many = int(weights or 1) if not isinstance(weights, tuple | array) else None
        often.append(np.array(weights, np.uint32) if many is None else np.full(len(gaps), many, np.uint32))
        at += size
    return _joined(documents), _joined(often)


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
