"""Plain Whoosh as it comes: its own writer, queries, collector, `groupedby` and highlighter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from whoosh import highlight, index, sorting, versionstring
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, KEYWORD, TEXT, Schema
from whoosh.query import And, FuzzyTerm, Or, Phrase, Prefix, Term

from bench.engine import FACETS, TOP, WEIGHTS, Document, Engine, Found, Kind, Query


class Whoosh(Engine):
    @staticmethod
    def version() -> str:
        return str(versionstring())

    def build(self, documents: Iterable[Document]) -> None:
        writer = index.create_in(self.folder, _schema()).writer()
        for document in documents:
            writer.add_document(**_values(document))
        writer.commit()

    def commit(self, new: Sequence[Document], changed: Sequence[Document]) -> None:
        writer = index.open_dir(self.folder).writer(timeout=60)
        for document in new:
            writer.add_document(**_values(document))
        for document in changed:
            writer.update_document(**_values(document))
        writer.commit()

    def search(self, query: Query) -> Found:
        self._searcher = self._searcher.refresh()  # the same one, unless there was a commit
        topics = sorting.FieldFacet("topic", allow_overlap=True, maptype=sorting.Count)
        grouped = {"groupedby": topics} if query.kind == "facets" else {}
        results = self._searcher.search(_PATTERNS[query.kind](query.words), limit=TOP, **grouped)
        marked = []
        if query.kind == "highlights":
            results.fragmenter = highlight.WholeFragmenter()
            marked = [hit.highlights("quote") for hit in results]
        counts = results.groups("topic") if grouped else {}
        return Found(
            ids=[int(hit["id"]) for hit in results],
            topics={topic: number for topic, number in counts.items() if topic},
            marked=marked,
        )

    def close(self) -> None:
        if "_searcher" in self.__dict__:
            self._searcher.close()

    @cached_property
    def _searcher(self) -> Any:
        return index.open_dir(self.folder).searcher()


def _schema() -> Any:
    words = {name: TEXT(analyzer=SpaceSeparatedTokenizer(), stored=name == "quote") for name in WEIGHTS}
    return Schema(id=ID(unique=True, stored=True), **words, **{name: KEYWORD() for name in FACETS})


def _values(document: Document) -> Mapping[str, str]:
    item, words = document
    return {"id": str(item), **{name: " ".join(said) for name, said in words.items()}}


def _anywhere(make: Callable[[str, float], Any]) -> Any:
    return Or([make(name, weight) for name, weight in WEIGHTS.items()])


def _word(word: str) -> Any:
    return _anywhere(lambda name, weight: Term(name, word, boost=weight))


def _all(words: Sequence[str]) -> Any:
    return And([_word(word) for word in words])


def _any(words: Sequence[str]) -> Any:
    return Or([_word(word) for word in words])


_PATTERNS: Mapping[Kind, Callable[[Sequence[str]], Any]] = {
    "and": _all,
    "words": _all,
    "highlights": _all,
    "or": _any,
    "facets": _any,
    "phrase": lambda words: _anywhere(lambda name, weight: Phrase(name, list(words), boost=weight)),
    "prefix": lambda words: _anywhere(lambda name, weight: Prefix(name, words[0], boost=weight)),
    "fuzzy": lambda words: _anywhere(lambda name, weight: FuzzyTerm(name, words[0], boost=weight)),
}
