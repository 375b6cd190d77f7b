"""What a source puts under (or over) its posts every time: the same call to action is no part of any of them.

Only blocks at the edges of posts count, and only those that stand there word for word in many posts. Pure.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from ingest.blocks import compose, decompose
from kb import fingerprint
from kb.model import Block, Post

LEAST_POSTS = 5  # fewer may share a sentence by chance, or by a series' own heading
LEAST_SHARE = 0.25  # of the posts that are compared
_FIRST, _LAST = 3, 8  # blocks looked at from either end


def learn(posts: Iterable[tuple[str, Sequence[Block]]]) -> frozenset[str]:
    """Return the fingerprints of the blocks that repeat at the edges of *posts*, given as texts with blocks."""
    every = [_edges(text, blocks) for text, blocks in posts]
    least = max(LEAST_POSTS, LEAST_SHARE * len(every))
    seen = Counter(print_ for edges in every for print_ in edges)
    return frozenset(print_ for print_, count in seen.items() if count >= least)


def without(post: Post, repeats: Collection[str]) -> Post:
    """Return *post* without the blocks at its edges that its source repeats; a post of nothing else stays whole."""
    if not repeats:
        return post
    known = [fingerprint.of_block(post.text[block.start : block.end]) in repeats for block in post.blocks]
    first = next((at for at, repeated in enumerate(known) if not repeated), None)
    if first is None:
        return post
    last = len(known) - next(at for at, repeated in enumerate(reversed(known)) if not repeated)
    first = min(first, _FIRST)
    last = max(last, len(known) - _LAST)
    if (first, last) == (0, len(known)):
        return post
    text, blocks = compose(decompose(post.text, post.blocks)[first:last])
    return replace(post, text=text, blocks=blocks)


def _edges(text: str, blocks: Sequence[Block]) -> set[str]:
    edges = {*blocks[:_FIRST], *blocks[-_LAST:]}
    return {fingerprint.of_block(text[block.start : block.end]) for block in edges}
