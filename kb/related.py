"""What to read after a principle: others that are like it, and others of the source that says it best."""

from collections.abc import Collection, Iterator, Mapping
from heapq import nlargest
from math import log

from sqlalchemy import Connection

from kb import principles, tensions
from kb.index import Index
from kb.model import Principle
from kb.text import stems
from kb.wanted import Loose, Span, Value, Wanted, Word

MOST = 5
LOOKED_AT = 40  # principles, those that hold most of the words
TELLING = 12  # words of a principle, the rarest ones, tell what is like it
LONGEST = 100  # words of a principle that are looked at; a quote may be without end
# What is like it says that share of the telling words, by their rarity, and so many of them: of one word alone, "Take
# a breather" was like "Take notes". Read over for 346 principles of 38 real posts.
ENOUGH, FEWEST = 0.3, 2
ENOUGH_ALONE = 0.5  # where one of the two is filed under no topic
FIELDS = frozenset(("quote", "others"))  # headings and titles are shared by all that one post says


def to(db: Connection, index: Index, principle: Principle, most: int = MOST) -> tuple[Principle, ...]:
    """Return the principles most like one, the likest first; rather none than some that only share a word."""
    apart = {principle.id, *(view.id for view in tensions.of(db, principle.id))}
    shares = {one: share for one, share in _near(index, principle) if one not in apart}
    found = principles.many(db, list(shares)).values()
    return tuple([one for one in found if _is_like(principle, one, shares[one.id])][:most])


def from_source(
    db: Connection, index: Index, principle: Principle, besides: Collection[int] = (), most: int = MOST
) -> tuple[Principle, ...]:
    """Return what else the source of a principle's best quote says, the best supported first.

    What is shown *besides* it anyway is left out.
    """
    # By the index: the store would have to look at every quote of the source.
    source = Value(facet="feed", names=frozenset(quote.post.source for quote in principle.evidence[:1]))
    apart = {principle.id, *besides}
    wanted = Wanted(node=Loose(nodes=(source,)), sort="sources", limit=most + len(apart), facets=())
    ids = [match.id for match in index.search("principle", wanted).matches if match.id not in apart]
    return tuple(principles.many(db, ids[:most]).values())


def _is_like(principle: Principle, other: Principle, share: float) -> bool:
    """Tell whether *other*, which says that share of the principle's words, is about the same."""
    one, two = ({filing.topic for filing in each.topics} for each in (principle, other))
    return share >= ENOUGH_ALONE if not one or not two else not one.isdisjoint(two)


def _near(index: Index, principle: Principle) -> Iterator[tuple[int, float]]:
    """Yield what says enough of the telling words, with the share of them that it says, the likest first."""
    weights = _telling(index, principle)
    if len(weights) < FEWEST:
        return
    nodes = tuple(Span(words=(Word(stem=stem, typed=stem),)) for stem in weights)
    found = index.search("principle", Wanted(node=Loose(nodes=nodes), limit=LOOKED_AT, facets=()))
    whole = sum(weights.values())
    for match in found.matches:
        said = [weights[word] for word, fields in match.found.items() if not FIELDS.isdisjoint(fields)]
        if len(said) >= FEWEST and sum(said) >= ENOUGH * whole:
            yield match.id, sum(said) / whole


def _telling(index: Index, principle: Principle) -> Mapping[str, float]:
    """Return the rarest words that others hold too, and how rare each is."""
    words = list(dict.fromkeys(stems(principle.text)))[:LONGEST]
    everything = Wanted(node=Loose(nodes=()), limit=1, facets=(), is_plain=True)
    size = index.search("principle", everything).total
    # Under a topic all hold its names, so what they say themselves counts.
    holders = dict(zip(words, index.holders("principle", words, field="quote"), strict=True))
    rarity = {word: log(1 + size / many) for word, many in holders.items() if many > 1}
    return {word: rarity[word] for word in nlargest(TELLING, rarity, key=rarity.__getitem__)}
