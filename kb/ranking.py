"""In which order answers stand, and why each of them is there.

Beside what its words count (`kb.matching`): words that are near to each other, the topics that a question is about,
likeness of meaning where there is a model, and a little for support, sound sources and age.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kb.matching import PHRASE_FIELDS, PREFIXED, Question, of_related
from kb.postings import Places, among
from kb.snapshot import Holding, Scored, Scores, Snapshot
from kb.vectors import Likeness
from kb.wanted import Loose, Node, Phrase, Prefix, Related, Span, Wanted, leaves, spans

# Swept by `python -m bench.sweep`, see bench/results/search-sweep.tsv: near these figures little depends on any.
NEAR = 0.4  # how much more something counts in which each two words stand close
CLOSE = 3  # words from one to the next in one field
NEAR_FIELD = "quote"  # with "title" nDCG is 0.002 better, and it takes twice as long
LOOKED_AT = 64  # of the best documents, for words that are close
MAIN = 1.5  # times that, where it is the main topic
LEANING = 0.75  # how much more something counts that is filed under what the question is about
# Mild, so that the words decide: swept to see that they do no harm, not to gain by them.
SUPPORT = 0.06  # for each doubling of the independent sources
FLAWED = 0.75  # what guidance counts that only flawed posts give
FRESH = 0.05  # at most, for what was published last
HALF_LIFE = 4 * 365  # days, after which half of that is left
MEANING = 0.5  # of a score is likeness of meaning, where there is a model, see docs/semantic.md
MEANT = 50  # things that are nearest in meaning are found whatever their words
SCALE = 20.0  # of scores that are made of shares: about that of others
_HIGH = 0.6  # of the greatest number
_EPSILON = 1e-6


class Reason(NamedTuple):
    """Why a document is among the answers."""

    found: dict[str, tuple[str, ...]]  # words as typed -> fields
    related: dict[str, tuple[str, ...]]  # words as typed -> what stands there instead


def rank(snapshot: Snapshot, wanted: Wanted, alike: Likeness | None = None) -> Scored:
    """Return everything that answers, in the order of the documents, and how well."""
    question = Question(snapshot, wanted.is_plain)
    found = question.of(wanted.node)
    if alike and any(spans(wanted.node)):
        found = _fused(found, question.allowed(wanted.node), alike.shares(snapshot.ids))
    if wanted.is_plain or not len(found.documents):
        return found
    worth = priors(snapshot)[found.documents]
    scores = found.scores * worth if found.scores.any() else worth
    scores *= _leaning(snapshot, wanted.leanings, found.documents)
    return _closer(snapshot, Scored(found.documents, scores), wanted.node)


def _fused(found: Scored, allowed: Places, shares: Scores) -> Scored:
    """Return what was found, and what is nearest in meaning of all that is allowed, counted by both."""
    nearest = allowed
    if len(allowed) > MEANT:
        nearest = allowed[np.argpartition(shares[allowed], -MEANT)[-MEANT:]]
    documents = np.union1d(found.documents, nearest)
    scores = MEANING * shares[documents]
    by_words = found.scores / max(found.scores.max(initial=0), _EPSILON)
    scores[np.searchsorted(documents, found.documents)] += (1 - MEANING) * by_words
    return Scored(documents, scores * SCALE)


def _leaning(snapshot: Snapshot, leanings: Iterable[tuple[str, float]], documents: Places) -> Scores:
    """Return how much more each document counts by being filed under what the question is about."""
    more = np.ones(len(documents), np.float32)
    for topic, weight in leanings:
        is_under, is_main = (among(documents, snapshot.having(one, {topic})) for one in ("topic", "main"))
        more *= 1 + LEANING * weight * np.where(is_main, MAIN, is_under)
    return more


def _closer(snapshot: Snapshot, found: Scored, node: Loose) -> Scored:
    """Let documents count more that have the words near to each other, among those that count most."""
    stems = [word.stem for one in node.nodes if isinstance(one, Span) for word in one.words]
    if len(stems) < 2:  # noqa: PLR2004
        return found
    most = np.sort(_most(found.scores, LOOKED_AT))
    documents, scores = found.documents[most], found.scores.copy()
    pairs = list(pairwise(stems))
    near = [snapshot.near(one, other, NEAR_FIELD, CLOSE, documents) for one, other in pairs]
    scores[most] *= 1 + NEAR * np.mean(near, axis=0, dtype=np.float32)
    return Scored(found.documents, scores)


def best(snapshot: Snapshot, found: Scored, wanted: Wanted) -> list[tuple[int, float]]:
    """Return the documents of one page with their scores, the best first."""
    keys = _keys(snapshot, found, wanted)
    last = wanted.offset + wanted.limit
    candidates = _most(keys, last)
    if 0 < len(candidates) < len(keys):
        # With all that share the last place, so that pages do not overlap.
        candidates = np.flatnonzero(keys >= keys[candidates].min())
    # Of equals the one with the lower id, for an index built anew numbers its documents otherwise.
    ids = snapshot.ids[found.documents[candidates]]
    order = np.lexsort((ids, -found.scores[candidates], -keys[candidates]))
    page = candidates[order][wanted.offset : last]
    return list(zip(found.documents[page].tolist(), found.scores[page].tolist(), strict=True))


def _most(keys: Scores, many: int) -> Places:
    """Return the places of so many of the greatest numbers, in any order."""
    if many >= len(keys):
        return np.arange(len(keys))
    # Few stand far above the rest, and finding these first is ten times as fast as parting all.
    high = np.flatnonzero(keys > _HIGH * keys.max())
    if len(high) < many:
        return np.argpartition(keys, -many)[-many:]
    return high if len(high) == many else high[np.argpartition(keys[high], -many)[-many:]]


def _keys(snapshot: Snapshot, found: Scored, wanted: Wanted) -> npt.NDArray[np.float32]:
    if wanted.sort == "best":
        return found.scores
    column = {"newest": "newest", "sources": "support"}[wanted.sort]
    return snapshot.columns(column)[found.documents].astype(np.float32)


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
        _tell(snapshot, span.typed, span.related, order, found)
    for typed, field, places in _exactly(snapshot, node):
        for at in np.flatnonzero(among(order, places)).tolist():
            found[at].found[typed] = tuple(dict.fromkeys((*found[at].found.get(typed, ()), field)))
    return found


def _exactly(snapshot: Snapshot, node: Node) -> Iterator[tuple[str, str, Places]]:
    """Yield the phrases and prefixes that are wanted, and who has them in which field."""
    for one in leaves(node):
        if isinstance(one, Phrase):
            for field in (one.field,) if one.field else PHRASE_FIELDS:
                yield f'"{one.typed}"', field, snapshot.phrase(one.stems, (field,))
        elif isinstance(one, Prefix):
            stems = snapshot.stems(snapshot.beginning(one.text, PREFIXED))
            for field in snapshot.weights:
                for stem in stems:
                    yield f"{one.text}*", field, snapshot.field(field, stem)


def _tell(
    snapshot: Snapshot, typed: str, others: Iterable[Related], order: Places, found: Sequence[Reason]
) -> None:
    """Note which of the other words for what was typed each document has."""
    for related in others:
        for at in np.flatnonzero(among(order, of_related(snapshot, related).documents)).tolist():
            found[at].related[typed] = (*found[at].related.get(typed, ()), related.text)


def _held(holding: Holding, documents: Places) -> Iterable[tuple[int, int]]:
    at = np.searchsorted(holding.documents, documents)
    for place, where in enumerate(at.tolist()):
        if where < len(holding.documents) and holding.documents[where] == documents[place]:
            yield place, int(holding.fields[where])


def _names(weights: Mapping[str, float], fields: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(weights) if fields >> bit & 1)
