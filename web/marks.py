"""What is marked in a text: the words somebody typed, and the quotes within their post."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

import nh3
from markupsafe import Markup, escape

from kb.model import Block, BlockKind, Evidence, PostQuote, StoredPost
from kb.text import stems
from web.present import visible

# As `kb.text` cuts words, but before folding, so that the places are those of the text as it is shown.
_WORD = re.compile("[^\\W_]+(?:['\u2018\u2019][^\\W_]+|[\u0300-\u036f\xad]+[^\\W_]*)*")
_BLANK = "\n\n"  # between the blocks of a post's text
_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
DEEPEST = 4  # items nested deeper are set no further in


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A quote with what stands around it in its post, shortened."""

    before: str
    quote: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of a block that belongs to one quote, or to none; its pieces are (text, bold)."""

    quote: PostQuote | None
    begins: bool  # here the quote begins; it may run on into the next block
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedBlock:
    """A block of a post as its page shows it."""

    kind: BlockKind
    level: int
    runs: tuple[Run, ...]


def wanted(typed: Iterable[str]) -> frozenset[str]:
    """Return the stems to mark for the words somebody typed."""
    return frozenset(stem for words in typed for stem in stems(words))


def highlight(text: str, sought: frozenset[str]) -> Markup:
    """Return *text* as safe HTML in which the words with one of the stems are marked."""
    text = visible(text)
    done, parts = 0, []
    for word in _WORD.finditer(text) if sought else ():
        if not sought.isdisjoint(_stems(word[0])):
            parts.append(escape(text[done : word.start()]) + Markup("<mark>{}</mark>").format(word[0]))
            done = word.end()
    return sanitised(Markup("").join([*parts, escape(text[done:])]))


def sanitised(markup: Markup) -> Markup:
    """Return *markup* with nothing in it but marks: the last thing done to what is shown as HTML.

    Everything in it was escaped before. Should that ever be forgotten, a hostile feed still cannot do more.
    """
    return Markup(nh3.clean(markup, tags={"mark"}, attributes={}))  # noqa: S704 - that is what it is for


@lru_cache(maxsize=16_384)
def _stems(word: str) -> tuple[str, ...]:
    return tuple(stems(word))


def passages(quotes: Iterable[Evidence], texts: Mapping[int, str], reach: int) -> dict[int, Passage]:
    """Return each quote, by its id, in its passage; *texts* are those of the posts, by their ids."""
    return {quote.id: _passage(quote, texts.get(quote.post.id, ""), reach) for quote in quotes}


def _passage(quote: Evidence, text: str, reach: int) -> Passage:
    if quote.changed:  # its place is in a text of earlier days
        return Passage(before="", quote=quote.text, after="")
    before = text[: quote.start].rpartition(_BLANK)[2]
    after, _, following = text[quote.end :].partition(_BLANK)
    if (
        not before.strip() and not after.strip()
    ):  # a heading or lead-in says little without what it stands over
        after = f"\n{following.partition(_BLANK)[0]}".rstrip()
    return Passage(before=_last(before, reach), quote=quote.text, after=_first(after, reach))


def _last(text: str, reach: int) -> str:
    return text if len(text) <= reach else "…\u00a0" + text[-reach:].partition(" ")[2]


def _first(text: str, reach: int) -> str:
    return text if len(text) <= reach else text[:reach].rpartition(" ")[0] + "\u00a0…"


def groups(post: StoredPost) -> list[tuple[BlockKind, list[MarkedBlock]]]:
    """Return the blocks of a post with its quotes in place; what stands together of one kind is one group."""
    shown = _disjoint(post.quotes)
    marked = [_marked(block, post.text, shown) for block in post.blocks or _paragraphs(post.text)]
    return [(kind, list(inside)) for kind, inside in groupby(marked, key=lambda block: block.kind)]


def _paragraphs(text: str) -> list[Block]:
    return [
        Block(kind="paragraph", start=found.start(), end=found.end()) for found in _PARAGRAPH.finditer(text)
    ]


def _disjoint(quotes: Sequence[PostQuote]) -> list[tuple[int, int, PostQuote]]:
    # Where two overlap, the later one takes over: every quote keeps the place where it begins.
    ordered = sorted(quotes, key=lambda quote: (quote.start, quote.end))
    ends = [later.start for later in ordered[1:]] + [quote.end for quote in ordered[-1:]]
    spans = [(quote.start, min(quote.end, end), quote) for quote, end in zip(ordered, ends, strict=True)]
    return [span for span in spans if span[0] < span[1]]


def _marked(block: Block, text: str, shown: list[tuple[int, int, PostQuote]]) -> MarkedBlock:
    here = _between(shown, block.start, block.end)
    edges = {block.start, block.end}.union(*((start, end) for start, end, _ in here))
    cuts = sorted(edge for edge in edges if block.start <= edge <= block.end)
    by_start = {max(start, block.start): (start, quote) for start, _, quote in here}
    runs = [_run(text, block, span, by_start.get(span[0])) for span in pairwise(cuts)]
    return MarkedBlock(kind=block.kind, level=min(block.level, DEEPEST) or 1, runs=tuple(runs))


def _between(
    shown: list[tuple[int, int, PostQuote]], begin: int, end: int
) -> list[tuple[int, int, PostQuote]]:
    first = bisect_right(shown, begin, key=lambda span: span[1])
    behind = bisect_right(shown, end - 1, lo=first, key=lambda span: span[0])
    return shown[first:behind]


def _run(text: str, block: Block, span: tuple[int, int], found: tuple[int, PostQuote] | None) -> Run:
    start, quote = found or (-1, None)
    return Run(quote=quote, begins=start == span[0], pieces=tuple(_pieces(text, block.strong, *span)))


def _pieces(text: str, strong: Sequence[tuple[int, int]], begin: int, end: int) -> Iterable[tuple[str, bool]]:
    first = bisect_right(strong, begin, key=lambda span: span[1])
    behind = bisect_right(strong, end - 1, lo=first, key=lambda span: span[0])
    for start, stop in strong[first:behind]:
        if begin < start:
            yield text[begin:start], False
        yield text[max(begin, start) : min(end, stop)], True
        begin = min(end, stop)
    if begin < end:
        yield text[begin:end], False
