"""An entry of a feed -> a post."""

from ingest import clean, domains
from ingest.parse import Entry
from kb.model import Completeness, Post

_LONGEST_HEADLINE = 80
# An address there tells who delivers a feed, not who writes it.
_PROXIES = frozenset(
    {"feedburner.com", "feedproxy.google.com", "feedblitz.com", "feedsportal.com", "t.co", "bit.ly"}
)


def post(entry: Entry, source: str) -> Post:
    """Return the post that *entry* of the feed *source* holds."""
    article = _text(entry)
    title = entry.title or headline(article.text) or entry.url or entry.key
    if entry.title:  # what a title was made of must stay
        article = clean.untitled(article, title)
    return Post(
        key=entry.key,
        source=source,
        publisher=publisher(entry.url, entry.site_url, source=source),
        title=title,
        text=article.text,
        completeness=_completeness(article, entry),
        url=entry.url,
        author=entry.author,
        published=entry.published or entry.updated,
        blocks=article.blocks,
        tags=entry.tags,
    )


def publisher(*urls: str | None, source: str) -> str:
    """Return whose word a post is: the registrable domain of the first of *urls*, else of *source*, else *source*."""
    found = (_domain(url) for url in (*urls, source) if url)
    return next((domain for domain in found if domain), source)


def headline(text: str) -> str:
    """Return a title for a *text* that has none: its first words, ended by "…" where there are more."""
    first = text.split("\n", 1)[0]
    if len(first) <= _LONGEST_HEADLINE:
        return first
    return first[:_LONGEST_HEADLINE].rsplit(" ", 1)[0].rstrip(" ,;:.–—-") + "…"


def _text(entry: Entry) -> clean.Article:
    """Return the longer text: a summary that only begins the full text is not a second one."""
    full, summary = (clean.html(markup or "") for markup in (entry.html, entry.summary_html))
    return full if full.text and (not full.cut or len(full.text) >= len(summary.text)) else summary


def _completeness(article: clean.Article, entry: Entry) -> Completeness:
    trails_off = entry.html is None and article.text.endswith(("…", "..."))
    return "excerpt" if article.cut or trails_off or not article.text else "full"


def _domain(url: str) -> str | None:
    host, found = domains.host(url), domains.registrable(url)
    return None if host in _PROXIES or found in _PROXIES else found or None
