"""Whoosh's files written fast: a commit adds a segment, takes in small ones and marks what is gone from the others.

What is written is what Whoosh 2.7.4 itself would write, in one file a segment, and Whoosh reads it. A segment is in the
index when the table of contents names it: whoever is killed before leaves a stray file that the next commit removes.
Beside Whoosh's own files a segment holds ours, see the names below; `kb.snapshot` reads them.
"""

import math
import os
import pickle
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from io import BytesIO
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.filetables import OrderedHashWriter
from whoosh.filedb.structfile import StructFile
from whoosh.index import TOC, clean_files
from whoosh.util.numeric import length_to_byte

from kb import parts, postings
from kb.parts import APART, HEAD, ID, KEY, SAID, SPELLING, TERM, VALUES, WORDS, Part, Term, column
from kb.postings import SPOT, Holders, Inversion, Numbers

FULL = 6_000_000  # words of a segment; 150 MB in memory while it is made
# So many segments of one size (to the power of this) become one: they are few, and nothing is written often.
ALIKE = 5
_FIRST = 1 << 30  # a generation has 31 bits
MOST_GONE = 0.3  # of a segment's documents; then it is written anew


class Document(NamedTuple):
    """What the index holds of a principle or post."""

    id: int
    words: Mapping[str, Sequence[str]]  # by field, each as often as it is there: folded, or a filter's values
    columns: Mapping[str, int]


class Layout(NamedTuple):
    """What an index is made of."""

    ranked: tuple[str, ...]  # fields of words
    filters: tuple[str, ...]  # fields of values
    columns: tuple[str, ...]  # numbers

    @property
    def schema(self) -> fields.Schema:
        """Return the layout in Whoosh's terms."""
        words = {name: fields.KEYWORD(scorable=True) for name in self.ranked}
        words |= {name: fields.KEYWORD() for name in self.filters}
        for field in words.values():
            field.format = (
                formats.Existence()
            )  # how often a word is there is its weight; no need to say it twice
        numbers = {name: fields.COLUMN(columns.NumericColumn("I")) for name in (ID, *self.columns)}
        return fields.Schema(**words, **numbers)


def create(storage: FileStorage, name: str, layout: Layout) -> None:
    """Make an empty index in place of an earlier one."""
    for file in storage.list():
        if file.startswith(f"_{name}_"):
            storage.delete_file(file)
    # Not from 0: whoever has the earlier one open would take this one's commit of the same number for the one he has.
    TOC(layout.schema, [], secrets.randbelow(_FIRST)).write(storage, name)


def commit(
    storage: FileStorage,
    name: str,
    layout: Layout,
    documents: Iterable[Document],
    instead_of: Collection[int] | None,
) -> None:
    """Put *documents* in the place of those of these ids; of everything, where that is None."""
    toc = TOC.read(storage, name)
    there = [] if instead_of is None else toc.segments
    for segment in there:
        _mark_gone(storage, segment, instead_of or ())
    writer = _Writer(storage, name, layout)
    for document in documents:
        writer.inverted.add(*document)
        writer.write_if(FULL)
    writer.write_if(1)
    _put(storage, name, toc, there + writer.written)


def tidy(storage: FileStorage, name: str, layout: Layout) -> None:
    """Write small segments anew as one, and those of which much is gone: what was committed can be read meanwhile."""
    toc = TOC.read(storage, name)
    merged = _merged(toc.segments)
    if not merged:
        return
    writer = _Writer(storage, name, layout)
    for segment in merged:
        _take_in(storage, segment, writer.inverted)
        writer.write_if(FULL)
    writer.write_if(1)
    _put(storage, name, toc, [segment for segment in toc.segments if segment not in merged] + writer.written)


def _put(storage: FileStorage, name: str, toc: TOC, segments: Sequence[Any]) -> None:
    """Let an index have these segments from now on."""
    TOC(toc.schema, segments, toc.generation + 1).write(storage, name)
    _sweep(storage, name, toc.generation + 1, segments)


def _sweep(storage: FileStorage, name: str, generation: int, segments: Sequence[Any]) -> None:
    """Remove the files of earlier commits, and those that killed processes left behind."""
    clean_files(storage, name, generation, segments)
    for file in storage.list():
        if file.startswith(f"_{name}_") and not file.endswith(
            ".toc"
        ):  # a table that was never given its name
            storage.delete_file(file)


class _Writer:
    """Writes what is inverted as segments, as soon as it is enough for one."""

    def __init__(self, storage: FileStorage, name: str, layout: Layout) -> None:
        self._storage, self._name, self._layout = storage, name, layout
        self.written: list[Any] = []
        self.inverted = Inversion(*layout)

    def write_if(self, enough: int) -> None:
        if len(self.inverted.ids) and self.inverted.size >= enough:
            self.written.append(_write(self._storage, self._name, self.inverted))
            self.inverted = Inversion(*self._layout)


def _merged(segments: Sequence[Any]) -> list[Any]:
    """Return the segments to be written anew as one."""
    found = [one for one in segments if one.deleted_count() > MOST_GONE * one.doc_count_all()]
    small = [one for one in segments if one not in found and one.words < FULL / 2]
    for size in sorted({_size(one.doc_count()) for one in small}):
        # What becomes one may be one too many of the next size.
        alike = [one for one in small if _size(one.doc_count()) == size]
        if len(alike) + any(one in small for one in found) >= ALIKE:
            found += alike
    return found


def _size(documents: int) -> int:
    return int(math.log(documents + 1, ALIKE))


def _mark_gone(storage: FileStorage, segment: Any, gone: Collection[int]) -> None:
    with closing(Part(storage, segment)) as part:
        for number in np.flatnonzero(np.isin(part.ids, np.fromiter(gone, np.uint32))).tolist():
            segment.delete_document(number)


def _take_in(storage: FileStorage, segment: Any, into: Inversion) -> None:
    """Take the documents of a segment that are still there into an inversion."""
    with closing(Part(storage, segment)) as part:
        stays = np.ones(part.size, np.bool_)
        stays[parts.gone(segment)] = False
        into.take(part.ids, {name: part.column(name) for name in into.columns}, stays)
        words, stems, _ = part.spelling()
        into.take_spelling(dict(zip(words, stems, strict=True)))
        for field, of_field in _by_field(part, into.ranked).items():
            lengths = part.lengths(field)
            into.take_field(
                field, lengths, [word for word, _ in of_field], _said(part, lengths, of_field), stays
            )
        for field in into.filters:
            into.take_field(field, part.lengths(field), *part.values(field), stays)


def _by_field(part: Part, fields: Collection[str]) -> dict[str, list[tuple[str, Term]]]:
    found: dict[str, list[tuple[str, Term]]] = {field: [] for field in fields}
    for field, word, term in part.terms():
        if field in found:
            found[field].append((word, term))
    return found


def _said(part: Part, lengths: Numbers, terms: Sequence[tuple[str, Term]]) -> Numbers:
    """Return which of its words a field says, by place, one document after the other."""
    said = np.zeros(int(lengths.sum()), np.uint32)
    if terms:
        spots = np.concatenate([part.spots(term) for _, term in terms])
        often = [term.said for _, term in terms]
        said[spots - postings.documents(spots, lengths)] = np.repeat(
            np.arange(len(terms), dtype=np.uint32), often
        )
    return said


def _write(storage: FileStorage, name: str, inverted: Inversion) -> Any:
    """Write a segment and return what the table of contents wants to know of it."""
    segment = W3Codec().new_segment(storage, name)
    segment.set_doc_count(len(inverted.ids))
    segment.compound = True
    segment.words = inverted.size
    segment._fieldlengths = {field: sum(inverted.lengths[field]) for field in inverted.ranked}
    files = {column(ID): _big(inverted.ids)}
    for name_, numbers in inverted.columns.items():
        files[column(name_)] = _big(numbers)
    for field, lengths in inverted.lengths.items():
        files[WORDS % field] = np.array(lengths, SPOT).tobytes()
    for field in inverted.ranked:
        files[column(f"_{field}_len")] = bytes(map(length_to_byte, inverted.lengths[field]))
    for field in inverted.filters:
        values, said = inverted.values(field)
        files[VALUES % field] = APART.join(values).encode()
        files[SAID % field] = said.astype(SPOT).tobytes()
    files[SPELLING] = _spelling(inverted)
    files[W3Codec.TERMS_EXT], files[W3Codec.POSTS_EXT] = _inverted(inverted)
    _assemble(storage, segment, files)
    return segment


def _big(numbers: Sequence[int]) -> bytes:
    return np.array(numbers, ">u4").tobytes()


def _spelling(inverted: Inversion) -> bytes:
    told = list(inverted.spelled())
    often = " ".join(str(count) for *_, count in told)
    return f"{often}\0{APART.join(f'{word}{APART}{stem}' for word, stem, _ in told)}".encode()


def _inverted(inverted: Inversion) -> tuple[bytes, bytes]:
    """Return the contents of the two files that tell the words, and who holds them."""
    said: list[bytes] = []
    offset = 0
    terms = BytesIO()
    table = OrderedHashWriter(StructFile(terms, onclose=lambda _: said.append(terms.getvalue())))
    numbers: dict[str, int] = {}
    table.extras["fieldmap"] = numbers
    for field in sorted(inverted.lengths):
        key = KEY.pack(numbers.setdefault(field, len(numbers)))
        bounds = _bounds(inverted.lengths[field]) if field in inverted.ranked else (0, 0)
        for holders in inverted.of(field):
            found = postings.encode(holders.documents, holders.often, bounds)
            table.add(key + holders.word, _about(holders, bounds, offset, len(found)))
            spots = holders.spots.astype(SPOT).tobytes()
            said += found, spots
            offset += len(found) + len(spots)
    table.close()
    return said.pop(), b"".join(said)


def _about(holders: Holders, bounds: tuple[int, int], offset: int, length: int) -> bytes:
    documents = holders.documents
    about = (0, holders.said, len(documents), *bounds, holders.most)
    return TERM.pack(*about, int(documents[0]), int(documents[-1]), offset, length)


def _bounds(lengths: Iterable[int]) -> tuple[int, int]:
    # Of the whole field instead of each word: they would let a reader skip blocks, which our searches never do.
    there = [length for length in lengths if length] or [0]
    return length_to_byte(min(there)), length_to_byte(max(there))


def _assemble(storage: FileStorage, segment: Any, files: Mapping[str, bytes]) -> None:
    """Write the files of a segment as one, as Whoosh's compound files are, and see to it that the disk has it."""
    ends = list(accumulate(map(len, files.values()), initial=HEAD.size))
    directory = {
        segment.make_filename(ending): {"offset": offset, "length": len(content), "modified": 0}
        for offset, (ending, content) in zip(ends, files.items(), strict=False)
    }
    tail = pickle.dumps(directory, 2) + pickle.dumps({}, 2)
    with storage.create_file(segment.make_filename(segment.COMPOUND_EXT)) as file:
        file.write(b"".join((HEAD.pack(ends[-1], len(tail)), *files.values(), tail)))
        file.flush()
        os.fsync(file.fileno())
