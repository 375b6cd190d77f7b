"""tantivy, the engine in Rust, through its Python package `tantivy`, which is no dependency of ours.

Of the words that begin as wanted it takes the first 50; all of them, by a regular expression, take 20 times as long.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version

import tantivy
from tantivy import Occur

from bench.engine import FACETS, TOP, WEIGHTS, Document, Engine, Found, Kind, Query

_HEAP = 128_000_000  # bytes for a writer; its default
_COUNT = {"topics": {"terms": {"field": "topic", "size": 100}}}


class Tantivy(Engine):
    @staticmethod
    def version() -> str:
        return version("tantivy")

    def build(self, documents: Iterable[Document]) -> None:
        made = tantivy.Index(_schema(), str(self.folder))
        writer = made.writer(_HEAP, num_threads=1)
        for document in documents:
            writer.add_document(_values(document))
        writer.commit()
        writer.wait_merging_threads()

    def commit(self, new: Sequence[Document], changed: Sequence[Document]) -> None:
        for item, _ in changed:
            self._writer.delete_documents_by_term("id", item)
        for document in (*new, *changed):
            self._writer.add_document(_values(document))
        self._writer.commit()
        self._index.reload()

    def search(self, query: Query) -> Found:
        searcher = self._index.searcher()
        asked = _PATTERNS[query.kind](query.words)
        places = [place for _, place in searcher.search(asked, TOP, count=False).hits]
        ids = [int(item or 0) for item in searcher.fast_field_values("id", places)]
        if query.kind == "facets":
            buckets = searcher.aggregate(asked, _COUNT)["topics"]["buckets"]
            return Found(ids=ids, topics={bucket["key"]: bucket["doc_count"] for bucket in buckets})
        return Found(ids=ids, marked=_marked(searcher, asked, places) if query.kind == "highlights" else ())

    def close(self) -> None:
        if "_writer" in self.__dict__:
            self._writer.wait_merging_threads()

    @cached_property
    def _index(self) -> tantivy.Index:
        return tantivy.Index.open(str(self.folder))

    @cached_property
    def _writer(self) -> tantivy.IndexWriter:
        return self._index.writer(_HEAP, num_threads=1)


def _schema() -> tantivy.Schema:
    made = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
    for name in WEIGHTS:
        made = made.add_text_field(name, stored=name == "quote", tokenizer_name="whitespace")
    for name in FACETS:
        made = made.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return made.build()


_SCHEMA = _schema()


def _values(document: Document) -> tantivy.Document:
    item, words = document
    filed = {name: list(words[name]) for name in FACETS}
    said = {name: " ".join(words[name]) for name in WEIGHTS}
    return tantivy.Document.from_dict({"id": item, **said, **filed}, _SCHEMA)


def _marked(
    searcher: tantivy.Searcher, asked: tantivy.Query, places: Iterable[tantivy.DocAddress]
) -> list[str]:
    marker = tantivy.SnippetGenerator.create(searcher, asked, _SCHEMA, "quote")
    marker.set_max_num_chars(1_000)
    return [marker.snippet_from_doc(searcher.doc(place)).to_html() for place in places]


def _anywhere(make: Callable[[str], tantivy.Query]) -> tantivy.Query:
    weighed = [tantivy.Query.boost_query(make(name), weight) for name, weight in WEIGHTS.items()]
    return tantivy.Query.boolean_query([(Occur.Should, one) for one in weighed])


def _word(word: str) -> tantivy.Query:
    return _anywhere(lambda name: tantivy.Query.term_query(_SCHEMA, name, word, "freq"))


def _all(words: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Must, _word(word)) for word in words])


def _any(words: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, _word(word)) for word in words])


_PATTERNS: Mapping[Kind, Callable[[Sequence[str]], tantivy.Query]] = {
    "and": _all,
    "words": _all,
    "highlights": _all,
    "or": _any,
    "facets": _any,
    "phrase": lambda words: _anywhere(lambda name: tantivy.Query.phrase_query(_SCHEMA, name, list(words))),
    "prefix": lambda words: _anywhere(
        lambda name: tantivy.Query.phrase_prefix_query(_SCHEMA, name, list(words))
    ),
    "fuzzy": lambda words: _anywhere(
        lambda name: tantivy.Query.fuzzy_term_query(_SCHEMA, name, words[0], transposition_cost_one=False)
    ),
}
