"""Whoosh's files written fast: a commit adds a segment, takes in small ones and marks what is gone from the others.

What is written is what Whoosh 2.7.4 itself would write, in one file a segment, and Whoosh reads it. A segment is in the
index when the table of contents names it: whoever is killed before leaves a stray file that the next commit removes.
"""

import math
import pickle
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import accumulate
from typing import Any

from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashReader, OrderedHashWriter
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, clean_files
from whoosh.util.numeric import length_to_byte

from kb import postings
from kb.postings import Inversion

FULL = 2_000_000  # postings of a segment; 60 MB in memory while it is made
# So many segments of one size (to the power of this) become one: they are few, and nothing is written often.
ALIKE = 5
MOST_GONE = 0.3  # of a segment's documents; then it is written anew
ID = "id"
_LENGTHS = ".%s.words"  # our own: Whoosh keeps lengths only roughly, a byte each

_TERM = struct.Struct("!BfIBBfIIqi")  # Whoosh's W3TermInfo: flags, weight, documents, ..., offset and length
_KEY = struct.Struct("!H")
_HEAD = struct.Struct("!qi")
_ENTRY = struct.Struct("!ii")

Document = tuple[int, Mapping[str, Sequence[str]]]


def schema(scored: Iterable[str], others: Iterable[str]) -> fields.Schema:
    """Return a schema of words: of fields by which documents are ranked, and of others."""
    words = {name: fields.KEYWORD(scorable=True) for name in scored}
    words |= {name: fields.KEYWORD() for name in others}
    for field in words.values():
        field.format = formats.Existence()  # how often a word is there is its weight; no need to say it twice
    return fields.Schema(**words, **{ID: fields.COLUMN(columns.NumericColumn("I"))})


def create(storage: FileStorage, name: str, made: fields.Schema) -> None:
    """Make an empty index in place of an earlier one."""
    TOC.create(storage, made, name)


def commit(
    storage: FileStorage, name: str, documents: Iterable[Document], instead_of: Collection[int] | None
) -> None:
    """Put *documents* in the place of those of these ids; of everything, where that is None."""
    toc = TOC.read(storage, name)
    there = [] if instead_of is None else toc.segments
    for segment in there:
        _mark_gone(storage, segment, frozenset(instead_of or ()))
    writer = _Writer(storage, name, toc.schema)
    for item, words in documents:
        writer.inverted.add(item, words)
        writer.write_if(FULL)
    merged = _merged(there, len(writer.inverted.ids))
    for segment in merged:
        _take_in(storage, segment, writer.inverted)
        writer.write_if(FULL)
    writer.write_if(0)
    segments = [segment for segment in there if segment not in merged] + writer.written
    TOC(toc.schema, segments, toc.generation + 1).write(storage, name)
    clean_files(storage, name, toc.generation + 1, segments)


class _Writer:
    """Writes what is inverted as segments, as soon as it is enough for one."""

    def __init__(self, storage: FileStorage, name: str, made: fields.Schema) -> None:
        self._storage, self._name, self._schema = storage, name, made
        self.written: list[Any] = []
        self.inverted = self._empty()

    def _empty(self) -> Inversion:
        return Inversion([field for field in self._schema.names() if field != ID])

    def write_if(self, enough: int) -> None:
        if len(self.inverted.ids) and self.inverted.postings >= enough:
            self.written.append(_write(self._storage, self._name, self._schema, self.inverted))
            self.inverted = self._empty()


def _merged(segments: Sequence[Any], new: int) -> list[Any]:
    """Return the segments to be written anew as one, together with so many new documents."""
    found = [one for one in segments if one.deleted_count() > MOST_GONE * one.doc_count_all()]
    small = [one for one in segments if one not in found and one.postings < FULL / 2]
    size = _size(new)
    while len(alike := [one for one in small if _size(one.doc_count()) == size]) >= ALIKE:
        found += alike
        size += 1
    return found


def _size(documents: int) -> int:
    return int(math.log(documents + 1, ALIKE))


def _mark_gone(storage: FileStorage, segment: Any, gone: Collection[int]) -> None:
    (ids,) = _read(storage, segment, _column(ID))
    for number, item in enumerate(_numbers(ids)):
        if item in gone:
            segment.delete_document(number)


def _take_in(storage: FileStorage, segment: Any, into: Inversion) -> None:
    """Take the documents of a segment that are still there into an inversion."""
    endings = [_LENGTHS % field for field in into.lengths]
    files = (_column(ID), W3Codec.TERMS_EXT, W3Codec.POSTS_EXT)
    ids, terms, said, *told = _read(storage, segment, *files, *endings)
    lengths = {field: _numbers(of_field) for field, of_field in zip(into.lengths, told, strict=True)}
    numbers = into.take(_numbers(ids), lengths, frozenset(segment.deleted_docs()))
    for field, word, offset, length in _words(terms):
        into.take_word(field, word.decode(), *postings.decode(said[offset : offset + length]), numbers)


def _column(field: str) -> str:
    return f".{field}{W3Codec.COLUMN_EXT}"


def _numbers(column: bytes) -> Sequence[int]:
    return struct.unpack(f"!{len(column) // 4}I", column)


def _packed(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"!{len(numbers)}I", *numbers)


def _read(storage: FileStorage, segment: Any, *endings: str) -> list[bytes]:
    """Return the contents of those files of a segment."""
    with storage.open_file(segment.make_filename(segment.COMPOUND_EXT)) as file:
        start, size = _HEAD.unpack(file.read(_HEAD.size))
        directory = pickle.loads(file.get(start, size))  # noqa: S301 - our own index
        places = [directory[segment.make_filename(ending)] for ending in endings]
        return [bytes(file.get(place["offset"], place["length"])) for place in places]


def _words(content: bytes) -> Iterator[tuple[str, bytes, int, int]]:
    """Yield field and word, and from where on how many bytes tell its postings."""
    table = OrderedHashReader(StructFile(BytesIO(content)), len(content))
    names = {number: name for name, number in table.extras["fieldmap"].items()}
    at = table.startofdata
    while at < table.endofdata:
        key_length, value_length = _ENTRY.unpack_from(content, at)
        at += _ENTRY.size
        field = names[_KEY.unpack_from(content, at)[0]]
        *_, offset, length = _TERM.unpack_from(content, at + key_length)
        yield field, content[at + _KEY.size : at + key_length], offset, length
        at += key_length + value_length


def _write(storage: FileStorage, name: str, made: fields.Schema, inverted: Inversion) -> Any:
    """Write a segment and return what the table of contents wants to know of it."""
    segment = W3Codec().new_segment(storage, name)
    segment.set_doc_count(len(inverted.ids))
    segment.compound = True
    segment.postings = inverted.postings
    segment._fieldlengths = {
        name: sum(lengths) for name, lengths in inverted.lengths.items() if made[name].scorable
    }
    files = {_column(ID): _packed(inverted.ids)}
    for field, lengths in inverted.lengths.items():
        files[_LENGTHS % field] = _packed(lengths)
        if made[field].scorable:
            files[_column(f"_{field}_len")] = bytes(map(length_to_byte, lengths))
    files[W3Codec.TERMS_EXT], files[W3Codec.POSTS_EXT] = _inverted(made, inverted)
    _assemble(storage, segment, files)
    return segment


def _inverted(made: fields.Schema, inverted: Inversion) -> tuple[bytes, bytes]:
    """Return the contents of the two files that tell the words, and who holds them."""
    said: list[bytes] = []
    offset = 0
    terms = BytesIO()
    table = OrderedHashWriter(StructFile(terms, onclose=lambda _: said.append(terms.getvalue())))
    numbers: dict[str, int] = {}
    table.extras["fieldmap"] = numbers
    for field in sorted(inverted.lengths):
        key = _KEY.pack(numbers.setdefault(field, len(numbers)))
        bounds = _bounds(inverted.lengths[field]) if made[field].scorable else (0, 0)
        for word, documents, often in inverted.of(field):
            found = postings.encode(documents, often, bounds)
            about = (
                0,
                sum(often),
                len(often),
                *bounds,
                max(often),
                documents[0],
                documents[-1],
                offset,
                len(found),
            )
            table.add(key + word, _TERM.pack(*about))
            said.append(found)
            offset += len(found)
    table.close()
    return said.pop(), b"".join(said)


def _bounds(lengths: Iterable[int]) -> tuple[int, int]:
    # Of the whole field instead of each word: they would let a reader skip blocks, which our searches never do.
    there = [length for length in lengths if length] or [0]
    return length_to_byte(min(there)), length_to_byte(max(there))


def _assemble(storage: FileStorage, segment: Any, files: Mapping[str, bytes]) -> None:
    """Write the files of a segment as one, as Whoosh's compound files are."""
    ends = list(accumulate(map(len, files.values()), initial=_HEAD.size))
    directory = {
        segment.make_filename(ending): {"offset": offset, "length": len(content), "modified": 0}
        for offset, (ending, content) in zip(ends, files.items(), strict=False)
    }
    tail = pickle.dumps(directory, 2) + pickle.dumps({}, 2)
    with storage.create_file(segment.make_filename(segment.COMPOUND_EXT)) as file:
        file.write(b"".join((_HEAD.pack(ends[-1], len(tail)), *files.values(), tail)))
