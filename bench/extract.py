"""What cleaning and extraction cost, in CPU: `python -m bench.extract [posts]`.

The bodies are made up from a seed, see `prose`: 5.5 kB of markup on average, about one sentence in twelve guidance.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.prose import TITLES, body, sentence
from ingest import clean, extract
from ingest.clean import Article
from kb.model import Post
from kb.text import sentences

Given = TypeVar("Given")
Made = TypeVar("Made")
ROUNDS = 3  # the best counts: other programs share the caches of the processor


def post(article: Article, title: str) -> Post:
    return Post(
        key=title, source="bench", publisher="bench", title=title, text=article.text, blocks=article.blocks
    )


def measured(stage: str, work: Callable[[Given], Made], given: Sequence[Given]) -> tuple[list[Made], float]:
    """Print what *work* costs for each of *given*; return what it makes of them, and the seconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        made = [work(one) for one in given]
        best = min(best, time.process_time() - start)
    print(f"{stage:8} {best / len(given) * 1_000:6.2f} ms a post")
    return made, best


def main(count: int) -> None:
    """Print what digesting *count* posts costs, stage by stage."""
    luck = random.Random(7)
    bodies = [body(luck) for _ in range(count)]
    extract.quotes(post(clean.html(bodies[0]), "loads the lexicons"))
    articles, _ = measured("clean", clean.html, bodies)
    posts = [post(article, sentence(luck, TITLES)) for article in articles]
    quotes, seconds = measured("extract", extract.quotes, posts)
    found = sum(map(len, quotes))
    said = sum(len(sentences(one.text)) for one in posts)
    words = sum(len(one.text.split()) for one in posts)
    print(f"{count:,} posts of {words // count} words and {said // count} sentences, {found:,} quotes")
    print(f"{said / seconds:,.0f} sentences a second of CPU, from blocks to filed quotes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
