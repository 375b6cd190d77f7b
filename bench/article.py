"""How well articles are found in web pages, beside trafilatura with its own defaults.

    python -m bench.article FOLDER

FOLDER is a gold set: the `tests` folder of adbar/trafilatura (pages, and snippets that belong to the article or do
not), or `test/test-pages` of mozilla/readability (pages with their articles: F1 over words, the mean of the pages).
Each half is shown by itself, since what is tuned on one has to hold on the other. With the gate on, every page has to
prove that it may take the place of an excerpt, here 300 characters of its article; where it fails, these are counted.
"""

import hashlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import trafilatura
from lxml import html

from ingest import article, clean, whole
from ingest.encoding import decode
from kb.errors import NotBetter
from kb.model import Post

EXCERPT = 300  # characters
MOST_KIN = 400  # pairs of pages of one site


class Gold(Protocol):
    """A page and what is known of its article."""

    url: str
    body: bytes

    def count(self, found: str) -> tuple[float, float, float]:
        """Return what of *found* is right, what is wrong and what is missing."""

    def excerpt(self) -> str:
        """Return text of the article."""


class Snippets:
    def __init__(self, url: str, body: bytes, belongs: Sequence[str], foreign: Sequence[str]) -> None:
        self.url, self.body = url, body
        self.belongs, self.foreign = belongs, foreign

    def count(self, found: str) -> tuple[float, float, float]:
        line = folded(found)
        right = sum(folded(one) in line for one in self.belongs)
        return right, sum(folded(one) in line for one in self.foreign), len(self.belongs) - right

    def excerpt(self) -> str:
        return theirs(self.body)  # the snippets are too short to be one


class Whole:
    def __init__(self, url: str, body: bytes, expected: str) -> None:
        self.url, self.body, self.expected = url, body, expected

    def count(self, found: str) -> tuple[float, float, float]:
        """Return shares of the page, so that a long one counts no more than a short one."""
        have, want = words(found), words(self.expected)
        right, size = (have & want).total(), max(1, have.total() + want.total()) / 2
        return right / size, (have.total() - right) / size, (want.total() - right) / size

    def excerpt(self) -> str:
        return self.expected


def gold(folder: Path) -> Iterator[Gold]:
    """Yield the pages of a gold set."""
    if (listed := folder / "evaldata.json").exists():
        for url, one in sorted(json.loads(listed.read_text("utf-8")).items()):
            paths = (folder / part / one["file"] for part in ("cache", "eval"))
            page = next(path for path in paths if path.exists())
            yield Snippets(url, page.read_bytes(), one["with"], one["without"])
    for page in sorted(folder.glob("*/source.html")):
        expected = html.fromstring(f"<div>{decode(page.with_name('expected.html').read_bytes())}</div>")
        yield Whole(page.parent.name, page.read_bytes(), " ".join(expected.itertext()))


def folded(text: str) -> str:
    return " ".join(text.split())


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def theirs(body: bytes) -> str:
    return trafilatura.extract(body, include_comments=False) or ""


def ours(body: bytes) -> str:
    return clean.html(article.page(decode(body)).markup).text


def post(page: Gold) -> Post:
    """Return the excerpt of *page* as a feed would give it."""
    text = folded(page.excerpt())[:EXCERPT].rsplit(" ", 1)[0]
    return Post(key="1", source="", publisher="", title="", url=page.url, text=text, completeness="excerpt")


def gated(excerpt: Post, page: Gold) -> str | None:
    """Return the article of *page* where it may take the place of *excerpt*."""
    try:
        return whole.complete(excerpt, page.body, page.url, "text/html").text
    except NotBetter:
        return None


def f1(counts: Sequence[tuple[float, float, float]]) -> float:
    right, wrong, missing = (sum(column) for column in zip(*counts, strict=True))
    return 2 * right / (2 * right + wrong + missing)


def show(name: str, pages: Sequence[Gold], find: Callable[[Gold], str]) -> None:
    """Print what *find* makes of both halves and of all."""
    start = time.process_time()
    counts = [page.count(find(page)) for page in pages]
    cpu = (time.process_time() - start) / len(pages) * 1000
    halves: Mapping[int, list[tuple[float, float, float]]] = {0: [], 1: []}
    for page, count in zip(pages, counts, strict=True):
        halves[hashlib.sha256(page.url.encode()).digest()[-1] % 2].append(count)
    print(f"{name:22}{f1(halves[0]):8.4f}{f1(halves[1]):8.4f}{f1(counts):8.4f}{cpu:8.1f}")


def refusals(pages: Sequence[Gold], excerpts: Mapping[str, Post]) -> None:
    """Print how many pages the gate takes for those of an excerpt: its own, any other, others of the same site."""
    hosts = [urlsplit(page.url).hostname for page in pages]
    kin = [
        pair for pair in permutations(range(len(pages)), 2) if hosts[pair[0]] == hosts[pair[1]] is not None
    ]
    pairs = {
        "own pages": [(at, at) for at in range(len(pages))],
        "others": [(at, at - len(pages) // 3) for at in range(len(pages))],
        "others of the same site": kin[:: len(kin) // MOST_KIN + 1],
    }
    for name, chosen in pairs.items():
        taken = sum(gated(excerpts[pages[one].url], pages[other]) is not None for one, other in chosen)
        print(f"gate takes {taken:4} of {len(chosen):4} {name}")


def main(folder: str) -> None:
    """Print the figures."""
    pages = list(gold(Path(folder)))
    excerpts = {page.url: post(page) for page in pages}
    ours(pages[0].body)  # loads what is loaded once
    print(f"{len(pages)} pages            half A  half B     all  CPU ms a page")
    show("trafilatura", pages, lambda page: theirs(page.body))
    show("ours", pages, lambda page: ours(page.body))
    show("ours, gate on", pages, lambda page: gated(excerpts[page.url], page) or excerpts[page.url].text)
    refusals(pages, excerpts)


if __name__ == "__main__":
    main(sys.argv[1])
