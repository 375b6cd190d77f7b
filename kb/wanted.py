"""What an index is asked for: a tree of stems, values and days that knows nothing of the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Facet = Literal["topic", "feed", "year", "author", "state"]
Sort = Literal["best", "newest", "sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Other words for what was typed; they count less, the less the weight (0..1]."""

    stems: tuple[str, ...]
    text: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a query: what it is looked for by, how it was typed, and what else may stand there."""

    stem: str
    typed: str
    weight: float = 1.0  # less for words that nearly any guidance could hold
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Words that stand for one thing together, and other ways to say that."""

    words: tuple[Word, ...]
    related: tuple[Related, ...] = ()
    typed: str = ""  # all of it, stop words too; where there are other ways to say it


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that must stand side by side, whatever stop words are between them; only in *field*, if that is given."""

    stems: tuple[str, ...]
    typed: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """Any word that begins so, as it is written."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Any of some values of a facet."""

    facet: Facet
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Published from the first day (ISO) on, and before the second one."""

    first: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    node: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Words and groups of which the best match holds most; everything else in it must be met."""

    nodes: tuple["Node", ...]


Node = Span | Phrase | Prefix | Value | Days | Not | Either | Both | Loose


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A whole question to an index, and which page of the answer."""

    node: Loose
    sort: Sort = "best"
    limit: int = 20
    offset: int = 0
    facets: tuple[Facet, ...] = ("topic", "feed", "year")  # whose values are to be counted
    leanings: tuple[tuple[str, float], ...] = ()  # topics that the words are about, and how clearly
    is_plain: bool = False  # whatever holds any word is found, and BM25F alone ranks it


def leaves(node: Node) -> Iterator[Node]:
    """Yield what is wanted one by one, in order; nothing of what is not wanted."""
    if isinstance(node, Either | Both | Loose):
        for one in node.nodes:
            yield from leaves(one)
    elif not isinstance(node, Not):
        yield node


def spans(node: Node) -> Iterator[Span]:
    """Yield the spans that are wanted, in order."""
    return (one for one in leaves(node) if isinstance(one, Span))
