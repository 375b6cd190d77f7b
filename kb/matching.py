"""Which documents meet a question, and what its words count in each.

Words side by side are wanted, not required: a document counts by how much its words count and by the share of the words
that it has; what has a good deal less of them than the best is left out. Other words for the same thing stand in for
those typed, and count less. Everything else in a question (phrases, prefixes, values, days) must be met.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kb.postings import Places, among
from kb.snapshot import Holding, Scored, Scores, Snapshot
from kb.wanted import Both, Days, Either, Loose, Node, Not, Phrase, Prefix, Related, Span, Value, Word

# Swept by `python -m bench.sweep`, see bench/results/search-sweep.tsv: near these figures little depends on any.
ENOUGH = 0.3  # of the words that the best match holds must be held
RARITY = 0.5  # a word is so much of a question as its rarity to this power
OTHER = 0.8  # of what a word counts, where it stands in for a typed one, beside its weight
BESIDE = 0.2  # of what the lesser of two ways to say a thing counts is added to the greater
STANDING_IN = 2.0  # words of weight w that stand in for typed ones are w to this power of them
PREFIXED = 32  # words that begin as wanted, the most frequent ones
PHRASE_FIELDS = ("quote", "others", "title", "lead", "context")
_EPSILON = 1e-6


class Counts(NamedTuple):
    """Documents, what words count in each, and how many of the words it has, by their weight."""

    documents: Places
    scores: npt.NDArray[Any]
    held: npt.NDArray[Any] | float  # the same in all of them


def of_related(snapshot: Snapshot, related: Related) -> Scored:
    """Return who says it in other words, and what that counts: as much as its words, where they all are there."""
    if len(related.stems) == 1:
        return Scored(*snapshot.word(related.stems[0])[:2])
    return snapshot.keep(("together", *related.stems), lambda: _together(snapshot, related.stems))


def _together(snapshot: Snapshot, stems: Sequence[str]) -> Scored:
    fields = [field for field in PHRASE_FIELDS if field in snapshot.weights]
    documents = snapshot.phrase(stems, fields)
    scores = np.zeros(len(documents), np.float32)
    for stem in stems:
        held = snapshot.word(stem)
        scores += held.scores[np.searchsorted(held.documents, documents)]
    return Scored(documents, scores)


class Question:
    """Answers one question."""

    def __init__(self, snapshot: Snapshot, is_plain: bool) -> None:
        self._snapshot = snapshot
        self._is_plain = is_plain

    def of(self, node: Node) -> Scored:
        """Return the documents that meet a node, and what it counts in each."""
        match node:
            case Span(words=(word,), related=()) if not word.related:
                found = Scored(*self._snapshot.word(word.stem)[:2])
            case Span():
                found = self._loose(Loose(nodes=(node,)))
            case Phrase():
                found = self._phrase(node)
            case Prefix():
                found = self._prefix(node)
            case Value():
                found = self._unscored(self._snapshot.having(node.facet, node.names))
            case Days():
                found = self._unscored(self._snapshot.between("day", node.first or "", node.before))
            case Not():
                found = self._unscored(_without(self._snapshot.everything, self.of(node.node).documents))
            case Either():
                found = self._any([self.of(one) for one in node.nodes])
            case Both():
                found = self._both(node.nodes)
            case Loose():
                found = self._loose(node)
        return found

    def allowed(self, node: Loose) -> Places:
        """Return the documents that meet what must be met, whatever their words."""
        musts = tuple(one for one in node.nodes if not isinstance(one, Span | Either | Loose))
        return self.of(Loose(nodes=musts)).documents

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
        return of_related(snapshot, Related(stems=node.stems, text=node.typed, weight=1))

    def _prefix(self, node: Prefix) -> Scored:
        words = self._snapshot.beginning(node.text, PREFIXED)
        stems = tuple(self._snapshot.stems(words))
        return self._snapshot.keep(("prefix", stems), lambda: self._holding(stems))

    def _holding(self, stems: Sequence[str]) -> Scored:
        """Return who holds any of many words; what that counts is told by the best field alone, which is soon done."""
        snapshot = self._snapshot
        return self._any(
            Scored(documents, np.full(len(documents), weight, np.float32))
            for field, weight in snapshot.weights.items()
            for documents in (snapshot.field(field, stem) for stem in stems)
        )

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
        return counted.every(required) if self._is_plain else counted.enough(required)


class _Counted:
    """What the words count in each document, and how many of them it has, by their weight."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._found: list[Counts] = []
        self._all = 0.0

    def span(self, span: Span) -> None:
        """Count the words of a span, or what stands for all of them, whichever counts more."""
        if span.related:
            self._found.append(self._snapshot.keep(span, lambda: self._span(span)))
        else:
            self._found += map(self._word, span.words)
        self._all += sum(map(self._share, span.words))

    def group(self, found: Scored) -> None:
        """Count a group of which any part may be met as one word."""
        self._all += 1
        self._found.append(Counts(*found, 1.0))

    def every(self, required: Scored | None) -> Scored:
        """Return what has any of the words, or what must be, and what the words count there."""
        scores, held = self._summed()
        documents = np.flatnonzero(held > 0) if required is None else required.documents
        return Scored(documents, scores[documents].astype(np.float32))

    def enough(self, required: Scored | None) -> Scored:
        """Return what has enough of the words, and what they count."""
        scores, held = self._summed()
        if required is None:
            documents = np.flatnonzero(held > ENOUGH * held.max(initial=_EPSILON))
            return Scored(documents, self._counting(scores[documents], held[documents]))
        of_required = held[required.documents]
        is_enough = of_required > ENOUGH * of_required.max(initial=_EPSILON)
        documents = required.documents[is_enough]
        told = self._counting(scores[documents], of_required[is_enough])
        return Scored(documents, told + required.scores[is_enough])

    def _counting(self, scores: npt.NDArray[np.float64], held: npt.NDArray[np.float64]) -> Scores:
        """Return what words count in documents that have so much of them."""
        return (scores * held / self._all).astype(np.float32)

    def _summed(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        # numpy counts into bins four times as fast as it adds at places.
        size = sum(len(found.documents) for found in self._found)
        documents, scores, held = np.empty(size, np.intp), np.empty(size), np.empty(size)
        first = 0
        for found in self._found:
            mine = slice(first, first + len(found.documents))
            documents[mine], scores[mine], held[mine] = found
            first = mine.stop
        told = [
            np.bincount(documents, counts, self._snapshot.size).astype(float, copy=False)
            for counts in (scores, held)
        ]
        return told[0], told[1]

    def _share(self, word: Word) -> float:
        return float(word.weight * self._snapshot.rarity(word.stem) ** RARITY)

    def _word(self, word: Word) -> Counts:
        return self._snapshot.keep(word, lambda: self._counts(word))

    def _counts(self, word: Word) -> Counts:
        share = self._share(word)
        documents, scores, _ = self._snapshot.word(word.stem)
        own = Counts(documents, scores if word.weight == 1 else word.weight * scores, share)
        return self._with(own, word.related, share) if word.related else own

    def _span(self, span: Span) -> Counts:
        each = _Counted(self._snapshot)
        each.span(Span(words=span.words))
        scores, held = each._summed()
        documents = np.flatnonzero(held > 0)
        return self._with(Counts(documents, scores[documents], held[documents]), span.related, each._all)

    def _with(self, own: Counts, others: Iterable[Related], share: float) -> Counts:
        """Let other words stand in for typed ones of that share, where they count more."""
        scores, held = np.zeros(self._snapshot.size, np.float32), np.zeros(self._snapshot.size, np.float32)
        scores[own.documents], held[own.documents] = own.scores, own.held
        for related in others:
            documents, counted = of_related(self._snapshot, related)
            told, now = OTHER * related.weight * counted, scores[documents]
            scores[documents] = np.maximum(told, now) + BESIDE * np.minimum(told, now)
            held[documents] = np.maximum(held[documents], share * related.weight**STANDING_IN)
        documents = np.flatnonzero(held > 0).astype(np.int32)
        return Counts(documents, scores[documents], held[documents])


def _meeting(one: Scored, other: Scored) -> Scored:
    few, many = (one, other) if len(one.documents) <= len(other.documents) else (other, one)
    at = np.searchsorted(many.documents, few.documents)
    at[at == len(many.documents)] = 0
    is_there = many.documents[at] == few.documents if len(many.documents) else at.astype(np.bool_)
    return Scored(few.documents[is_there], few.scores[is_there] + many.scores[at[is_there]])


def _without(documents: Places, others: Places) -> Places:
    return documents[~among(documents, others)]
