"""What a segment of the index holds, read as arrays: its files, its words and who holds them.

A segment never changes once it is written, only which of its documents are gone. Beside Whoosh's files it has ours:

    .FIELD.words     how many words of the field each document has; Whoosh keeps that only roughly, a byte each
    .FIELD.values    the values of a filter, in order
    .FIELD.said      which of them the documents have, by place, one document after the other
    .spelling        the words as written, their stems and how often each stem is said
"""

import pickle
import struct
from collections.abc import Iterator, Mapping
from functools import cached_property
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashReader
from whoosh.filedb.structfile import StructFile
from whoosh.util.numeric import byte_to_length

from kb import postings
from kb.postings import SPOT, Numbers

ID = "id"
WORDS, VALUES, SAID, SPELLING = ".%s.words", ".%s.values", ".%s.said", ".spelling"
APART = "\n"  # between two values; a word holds none
HEAD = struct.Struct("!qi")
TERM = struct.Struct("!BfIBBfIIqi")  # Whoosh's W3TermInfo: flags, weight, documents, ..., offset and length
KEY = struct.Struct("!H")
_ENTRY = struct.Struct("!ii")
_BIG = np.dtype(">u4")  # Whoosh's columns
LENGTHS = np.array([byte_to_length(code) for code in range(256)], np.float32)  # as Whoosh codes them


class Term(NamedTuple):
    """Where a word's postings stand."""

    documents: int
    said: int  # how often, in all of them
    offset: int
    length: int  # bytes


class Part:
    """One segment. Only its ids and the table of its words are kept; it is closed when its last user has done so."""

    def __init__(self, storage: FileStorage, segment: Any) -> None:
        self.name: str = segment.segment_id()
        self.size: int = segment.doc_count_all()
        self.field_words: Mapping[str, int] = segment._fieldlengths
        self._users = 1
        self._file = storage.open_file(segment.make_filename(segment.COMPOUND_EXT))
        try:
            self._places = dict(self._directory())
        except Exception:
            self._file.close()
            raise

    def _directory(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield where each of the segment's files begins, and how long it is."""
        start, size = HEAD.unpack(self._file.read(HEAD.size))
        directory = pickle.loads(self._file.get(start, size))  # noqa: S301 - our own index
        for name, place in directory.items():
            yield name.removeprefix(self.name), (place["offset"], place["length"])

    def shared(self) -> "Part":
        """Return this for one more user."""
        self._users += 1
        return self

    def close(self) -> None:
        """Close the file, unless somebody else uses it."""
        self._users -= 1
        if not self._users:
            self._file.close()

    def read(self, ending: str) -> bytes:
        """Return one of the segment's files."""
        return self.read_at(ending, 0, self._places[ending][1])

    def read_at(self, ending: str, offset: int, length: int) -> bytes:
        """Return a piece of one of the segment's files; EOFError where it was cut short."""
        start, size = self._places[ending]
        found = bytes(self._file.get(start + offset, min(length, size - offset)))
        if len(found) != length:
            raise EOFError(f"{ending} of {self.name} ends too early")
        return found

    @cached_property
    def ids(self) -> Numbers:
        """The ids of the documents."""
        return self.column(ID)

    def column(self, name: str) -> Numbers:
        """Return a number of each document."""
        found: Numbers = self._of_each(column(name), _BIG).astype(np.uint32)
        return found

    def lengths(self, field: str) -> Numbers:
        """Return how many words of a field each document has."""
        found: Numbers = self._of_each(WORDS % field, SPOT)
        # Whoever believes a damaged number makes arrays as large as it says.
        all_ = self.field_words.get(field)
        told = self._places[SAID % field][1] // SPOT.itemsize if all_ is None else all_
        self._expect(int(found.sum(dtype=np.int64)) == told, WORDS % field)
        return found

    def rough_lengths(self, field: str) -> Any:
        """Return the same as Whoosh knows it, for its scores: a byte each, see `LENGTHS`."""
        return self._of_each(column(f"_{field}_len"), np.dtype(np.uint8))

    def _of_each(self, ending: str, kind: np.dtype[Any]) -> Any:
        found = np.frombuffer(self.read(ending), kind)
        self._expect(len(found) == self.size, ending)
        return found

    def _expect(self, is_so: bool, ending: str) -> None:
        if not is_so:
            raise ValueError(f"{ending} of {self.name} is damaged")

    def values(self, field: str) -> tuple[list[str], Numbers]:
        """Return the values of a filter, in order, and which of them the documents have, one after the other."""
        names, said = _split(self.read(VALUES % field)), np.frombuffer(self.read(SAID % field), SPOT)
        self._expect(not len(said) or int(said.max()) < len(names), SAID % field)
        return names, said

    def spelling(self) -> tuple[list[str], list[str], Numbers]:
        """Return the words as written, their stems, and how often those are said."""
        often, _, words = self.read(SPELLING).partition(b"\0")
        both = _split(words)
        return both[::2], both[1::2], np.array([int(count) for count in often.split()], np.uint32)

    @cached_property
    def _terms(self) -> Any:
        content = self.read(W3Codec.TERMS_EXT)
        return OrderedHashReader(StructFile(BytesIO(content)), len(content))

    def term(self, field: str, word: str) -> Term | None:
        """Return where the postings of a word stand; None where no document holds it."""
        number = self._terms.extras["fieldmap"].get(field)
        found = number is not None and self._terms.get(KEY.pack(number) + word.encode("utf-8", "replace"))
        return _term(found) if found else None

    def terms(self) -> Iterator[tuple[str, str, Term]]:
        """Yield every field and word, in order, and where its postings stand."""
        content = self.read(W3Codec.TERMS_EXT)
        names = {number: name for name, number in self._terms.extras["fieldmap"].items()}
        at = self._terms.startofdata
        while at < self._terms.endofdata:
            key_length, value_length = _ENTRY.unpack_from(content, at)
            at += _ENTRY.size
            field = names[KEY.unpack_from(content, at)[0]]
            word = content[at + KEY.size : at + key_length].decode()
            yield field, word, _term(content[at + key_length : at + key_length + value_length])
            at += key_length + value_length

    def postings(self, term: Term) -> tuple[Numbers, Numbers]:
        """Return who holds a word, and how often."""
        documents, often = postings.decode(self.read_at(W3Codec.POSTS_EXT, term.offset, term.length))
        is_sound = len(documents) == len(often) == term.documents and int(documents.max()) < self.size
        self._expect(is_sound, W3Codec.POSTS_EXT)
        return documents, often

    def spots(self, term: Term) -> Numbers:
        """Return where a word of a ranked field stands: see `kb.postings`."""
        found = self.read_at(W3Codec.POSTS_EXT, term.offset + term.length, term.said * SPOT.itemsize)
        return np.frombuffer(found, SPOT)


def gone(segment: Any) -> Numbers:
    """Return the numbers of the documents of a segment that are no longer there."""
    return np.array(sorted(segment.deleted_docs()), np.uint32)


def column(name: str) -> str:
    """Return the ending of the file of a column."""
    return f".{name}{W3Codec.COLUMN_EXT}"


def _term(value: bytes) -> Term:
    _, weight, documents, _, _, _, _, _, offset, length = TERM.unpack_from(value)
    return Term(documents, int(weight), offset, length)


def _split(content: bytes) -> list[str]:
    return content.decode().split(APART) if content else []
