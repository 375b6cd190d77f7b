"""What answers a question, out of a snapshot of the index, and in which order.

Words side by side are wanted, not required: a document counts by how much its words count and by the share of the words
that it has; one that has no more than half as many as the best is left out. Other words for the same thing stand in
for those typed, and count less. Everything else in a question (phrases, prefixes, values, days) must be met.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kb.snapshot import Holding, Places, Scored, Scores, Snapshot
from kb.wanted import (
    Both,
    Days,
    Either,
    Loose,
    Node,
    Not,
    Phrase,
    Prefix,
    Related,
    Span,
    Value,
    Wanted,
    Word,
    spans,
)

# Swept by `python -m bench.sweep`, see bench/results/search-sweep.tsv; tests/kb/test_ranking.py watches the order.
CLOSE = 3  # words from one wanted word to the next, in one field, count as near
NEAR = 1.5  # what that adds for each pair
LOOKED_AT = 128  # of the best documents, for words that are near
SUPPORT = 0.06  # for each doubling of the independent sources
FLAWED = 0.75  # what guidance counts that only flawed posts give
FRESH = 0.05  # at most, for what was published last; half of it a few years before
HALF_LIFE = 4 * 365  # days
RARITY = 0.5
TRUSTED = 1.0
BESIDE = 0.3
ENOUGH = 0.3
SHARE = 1.0
LEANING = 0.5
STANDING_IN = (
    0.5  # other words of weight w are worth w ** this of a typed one, when it is counted what is there
)
PREFIXED = 64  # words, the most frequent ones that begin so
_NEAR_FIELDS = ("quote", "title")
_PHRASE_FIELDS = ("quote", "others", "title", "lead", "context")
_EPSILON = 1e-6


class Ranking(NamedTuple):
    """All that answers, unordered, and how well."""

    documents: Places
    scores: Scores


class Reason(NamedTuple):
    """Why a document is among the answers."""

    found: dict[str, tuple[str, ...]]  # words as typed -> fields
    related: dict[str, tuple[str, ...]]  # words as typed -> what stands there instead


def rank(snapshot: Snapshot, wanted: Wanted) -> Ranking:
    """Return everything that answers."""
    documents, scores = _Question(snapshot, wanted.is_plain).of(wanted.node)
    if not wanted.is_plain:
        worth = priors(snapshot)[documents] * _leaning(snapshot, wanted.leanings)[documents]
        scores = scores * worth if scores.any() else worth
    return Ranking(documents, scores)


def _leaning(snapshot: Snapshot, leanings: Iterable[tuple[str, float]]) -> Scores:
    """Return how much more each document counts that is filed under what the question is about."""
    worth = np.ones(snapshot.size, np.float32)
    values = snapshot.values("topic")
    for topic, weight in leanings:
        if topic in values.names:
            worth[values.having([values.names.index(topic)])] += LEANING * weight
    return worth


def best(snapshot: Snapshot, ranking: Ranking, wanted: Wanted) -> list[tuple[int, float]]:
    """Return the documents of one page with their scores, the best first."""
    keys = _keys(snapshot, ranking, wanted)
    last = wanted.offset + wanted.limit
    candidates = np.arange(len(keys))
    if last < len(keys):
        least = np.partition(keys, len(keys) - last)[len(keys) - last]
        candidates = np.flatnonzero(
            keys >= least
        )  # all that share the last place, so that pages do not overlap
    order = np.lexsort((ranking.documents[candidates], -ranking.scores[candidates], -keys[candidates]))
    page = candidates[order][wanted.offset : last]
    return list(zip(ranking.documents[page].tolist(), ranking.scores[page].tolist(), strict=True))


def _keys(snapshot: Snapshot, ranking: Ranking, wanted: Wanted) -> npt.NDArray[np.float64]:
    if wanted.sort == "best":
        return ranking.scores.astype(np.float64)
    column = {"newest": "newest", "sources": "support"}[wanted.sort]
    return snapshot.columns(column)[ranking.documents].astype(np.float64)


def priors(snapshot: Snapshot) -> Scores:
    """Return what each document counts before any word is looked at: around 1."""
    return snapshot.keep("priors", lambda: _priors(snapshot))


def _priors(snapshot: Snapshot) -> Scores:
    support, flawed, day = map(snapshot.columns, ("support", "flawed", "newest"))
    newest = int(day.max(initial=0))
    freshness = np.where(day > 0, 0.5 ** ((newest - day.astype(np.int64)) / HALF_LIFE), 0)
    worth = (1 + SUPPORT * np.log2(np.maximum(support, 1))) * (1 + FRESH * freshness)
    return (worth * np.where(flawed > 0, FLAWED, 1)).astype(np.float32)


def reasons(snapshot: Snapshot, node: Node, documents: Sequence[int]) -> list[Reason]:
    """Say of each document which of the words it has, and where."""
    found = [Reason({}, {}) for _ in documents]
    order = np.array(documents, np.intp)
    for span in spans(node):
        for word in span.words:
            for at, fields in _held(snapshot.word(word.stem), order):
                found[at].found[word.typed] = _names(snapshot.weights, fields)
            _tell(snapshot, word.typed, word.related, order, found)
        _tell(snapshot, " ".join(word.typed for word in span.words), span.related, order, found)
    return found


def _tell(
    snapshot: Snapshot, typed: str, others: Iterable[Related], order: Places, found: Sequence[Reason]
) -> None:
    """Note which of the other words for what was typed each document has."""
    for related in others:
        for at in np.flatnonzero(_is_in(order, _of_related(snapshot, related).documents)).tolist():
            found[at].related[typed] = (*found[at].related.get(typed, ()), related.text)


def _held(holding: Holding, documents: Places) -> Iterable[tuple[int, int]]:
    at = np.searchsorted(holding.documents, documents)
    for place, where in enumerate(at.tolist()):
        if where < len(holding.documents) and holding.documents[where] == documents[place]:
            yield place, int(holding.fields[where])


def _names(weights: Mapping[str, float], fields: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(weights) if fields >> bit & 1)


def _is_in(documents: Places, sorted_: Places) -> npt.NDArray[np.bool_]:
    if not len(sorted_):
        return np.zeros(len(documents), np.bool_)
    at = np.minimum(np.searchsorted(sorted_, documents), len(sorted_) - 1)
    found: npt.NDArray[np.bool_] = sorted_[at] == documents
    return found


def _of_related(snapshot: Snapshot, related: Related) -> Scored:
    """Return who says it in other words, and what that counts: as much as its words, where they all are there."""
    if len(related.stems) == 1:
        return Scored(*snapshot.word(related.stems[0])[:2])
    return snapshot.keep(("together", *related.stems), lambda: _together(snapshot, related.stems))


def _together(snapshot: Snapshot, stems: Sequence[str]) -> Scored:
    fields = [field for field in _PHRASE_FIELDS if field in snapshot.weights]
    documents = snapshot.phrase(stems, fields)
    scores = np.zeros(len(documents), np.float32)
    for stem in stems:
        held = snapshot.word(stem)
        scores += held.scores[np.searchsorted(held.documents, documents)]
    return Scored(documents, scores)


class _Question:
    """Answers one question; the scratch arrays are its own."""

    def __init__(self, snapshot: Snapshot, is_plain: bool) -> None:
        self._snapshot = snapshot
        self._is_plain = is_plain

    def of(self, node: Node) -> Scored:
        """Return the documents that meet a node, and what it counts in each."""
        match node:
            case Span():
                found = self._loose(Loose(nodes=(node,)))
            case Phrase():
                found = self._phrase(node)
            case Prefix():
                found = self._prefix(node)
            case Value():
                found = self._unscored(self._having(node))
            case Days():
                found = self._unscored(self._published(node))
            case Not():
                found = self._unscored(_without(self._snapshot.everything, self.of(node.node).documents))
            case Either():
                found = self._any([self.of(one) for one in node.nodes])
            case Both():
                found = self._both(node.nodes)
            case Loose():
                found = self._loose(node)
        return found

    def _unscored(self, documents: Places) -> Scored:
        return Scored(documents, np.zeros(len(documents), np.float32))

    def _phrase(self, node: Phrase) -> Scored:
        snapshot = self._snapshot
        if not node.stems:
            return self._unscored(snapshot.everything)
        if node.field:
            one = len(node.stems) == 1
            return self._unscored(
                snapshot.field(node.field, node.stems[0])
                if one
                else snapshot.phrase(node.stems, (node.field,))
            )
        return _of_related(snapshot, Related(stems=node.stems, text=node.typed, weight=1))

    def _prefix(self, node: Prefix) -> Scored:
        vocabulary, stem_of = self._snapshot.vocabulary
        stems = sorted({stem_of[word] for word in vocabulary.beginning(node.text, PREFIXED)} - {""})
        return self._snapshot.keep(
            ("prefix", *stems), lambda: self._any([self._snapshot.word(stem) for stem in stems])
        )

    def _having(self, node: Value) -> Places:
        values = self._snapshot.values(node.facet)
        return self._still(
            values.having([place for place, name in enumerate(values.names) if name in node.names])
        )

    def _published(self, node: Days) -> Places:
        values = self._snapshot.values("day")
        first = np.searchsorted(values.names, node.first or "")
        before = np.searchsorted(values.names, node.before) if node.before else len(values.names)
        return self._still(values.having(range(int(first), int(before))))

    def _still(self, documents: Places) -> Places:
        return documents[self._snapshot.there[documents]]

    def _any(self, found: Iterable[Holding | Scored]) -> Scored:
        """Return who is in any, with the best of the scores."""
        scores = np.full(self._snapshot.size, -1, np.float32)
        for one in found:
            scores[one.documents] = np.maximum(scores[one.documents], one.scores)
        documents = np.flatnonzero(scores >= 0)
        return Scored(documents, scores[documents])

    def _both(self, nodes: Sequence[Node]) -> Scored:
        found = sorted((self.of(node) for node in nodes), key=lambda one: len(one.documents))
        return reduce(_meeting, found)

    def _loose(self, node: Loose) -> Scored:
        wanted = [one for one in node.nodes if isinstance(one, Span | Either | Loose)]
        musts = [one for one in node.nodes if not isinstance(one, Span | Either | Loose)]
        required = self._both(musts) if musts else None
        if not wanted:
            return required or self._unscored(self._snapshot.everything)
        counted = _Counted(self._snapshot)
        for one in wanted:
            counted.span(one) if isinstance(one, Span) else counted.group(self.of(one))
        if self._is_plain:
            return counted.every(required)
        found = counted.enough(required)
        return self._closer(found, [one for one in wanted if isinstance(one, Span)])

    def _closer(self, found: Scored, wanted: Sequence[Span]) -> Scored:
        """Let documents count more that have the words near to each other, among those that count most."""
        stems = [word.stem for span in wanted for word in span.words]
        if len(stems) < 2 or not NEAR:  # noqa: PLR2004
            return found
        most = np.arange(len(found.documents))
        if len(most) > LOOKED_AT:
            most = np.sort(np.argpartition(found.scores, -LOOKED_AT)[-LOOKED_AT:])
        documents, scores = found.documents[most], found.scores.copy()
        for one, other in pairwise(stems):
            for field in _NEAR_FIELDS:
                scores[most] += NEAR * self._snapshot.near(one, other, field, CLOSE, documents)
        return Scored(found.documents, scores)


class _Counted:
    """What the words count in each document, and how many of them it has, by their weight."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._scores = np.zeros(snapshot.size, np.float32)
        self._held = np.zeros(snapshot.size, np.float32)
        self._all = 0.0

    def span(self, span: Span) -> None:
        """Count the words of a span, or what stands for all of them, whichever counts more."""
        if span.related or any(word.related for word in span.words):
            documents, scores, held = self._snapshot.keep(span, lambda: self._span(span))
            self._scores[documents] += scores
            self._held[documents] += held
        else:
            for word in span.words:
                documents, scores, _ = self._snapshot.word(word.stem)
                self._scores[documents] += word.weight * scores
                self._held[documents] += self._share(word)
        self._all += sum(map(self._share, span.words))

    def _share(self, word: Word) -> float:
        return float(word.weight * self._snapshot.rarity(word.stem) ** RARITY)

    def _span(self, span: Span) -> tuple[Places, Scores, Scores]:
        scores, held = np.zeros_like(self._scores), np.zeros_like(self._held)
        for word in span.words:
            documents, of_word, share = self._snapshot.keep(word, lambda word=word: self._word(word))  # type: ignore[misc]
            scores[documents] += of_word
            held[documents] += share
        self._instead(span.related, sum(map(self._share, span.words)), scores, held)
        documents = np.flatnonzero(held)
        return documents, scores[documents], held[documents]

    def _word(self, word: Word) -> tuple[Places, Scores, Scores]:
        scores, held = np.zeros_like(self._scores), np.zeros_like(self._held)
        documents, of_word, _ = self._snapshot.word(word.stem)
        scores[documents] = word.weight * of_word
        held[documents] = self._share(word)
        self._instead(word.related, self._share(word), scores, held)
        documents = np.flatnonzero(held)
        return documents, scores[documents], held[documents]

    def _instead(self, others: Iterable[Related], share: float, scores: Scores, held: Scores) -> None:
        """Let other words stand in for typed ones of that share, where they count more."""
        for related in others:
            documents, of_related = _of_related(self._snapshot, related)
            told, now = related.weight**TRUSTED * of_related, scores[documents]
            scores[documents] = np.maximum(told, now) + BESIDE * np.minimum(told, now)
            held[documents] = np.maximum(held[documents], share * related.weight**STANDING_IN)

    def group(self, found: Scored) -> None:
        """Count a group of which any part may be met as one word."""
        self._all += 1
        self._scores[found.documents] += found.scores
        self._held[found.documents] += 1

    def every(self, required: Scored | None) -> Scored:
        """Return what has any of the words, or what must be, and what the words count there."""
        documents = np.flatnonzero(self._held) if required is None else required.documents
        return Scored(documents, self._scores[documents])

    def enough(self, required: Scored | None) -> Scored:
        """Return what has enough of the words, and what they count."""
        documents = np.flatnonzero(self._held) if required is None else required.documents
        held = self._held[documents]
        is_enough = held > ENOUGH * held.max(initial=_EPSILON)
        documents, held = documents[is_enough], held[is_enough]
        scores = self._scores[documents] * (held / self._all) ** SHARE
        if required is not None:
            scores += required.scores[is_enough]
        return Scored(documents, scores)


def _meeting(one: Scored, other: Scored) -> Scored:
    is_there = _is_in(one.documents, other.documents)
    documents = one.documents[is_there]
    scores = one.scores[is_there] + other.scores[np.searchsorted(other.documents, documents)]
    return Scored(documents, scores)


def _without(documents: Places, others: Places) -> Places:
    return documents[~_is_in(documents, others)]
