"""A loose document of any shape -> its posts. What it is, is told from its content: names and endings lie.

A text without a title of its own gets its first words for one (`entry.headline`): nothing else would be honest.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from ingest import article, clean, dates, entry, furniture, jsonfeed, markdown, parse
from ingest.blocks import fold
from ingest.encoding import decode
from kb.errors import DocumentError, NotAFeed
from kb.model import Completeness, Post

LARGEST = 16 * 1024 * 1024
LONGEST = 1_000_000  # characters that are read, but for feeds: some 160,000 words
_MAGIC = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff")
KEY = "document"  # of the only post of a document: it stays the same when the file is edited and added again

_FEED = re.compile(
    r"\s*(?:<\?xml\b[^>]{0,500}>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE (?!html)[^>]{0,500}>\s*)*<(?:rss|rdf:RDF|feed)\b",
    re.DOTALL | re.IGNORECASE,
)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|article|main)\b", re.IGNORECASE)
_TAGS = re.compile(r"<(?:p|div|h[1-6]|ul|ol|br|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_LONGEST_TITLE = 160
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_MOST_POSTS = 200
_LEAST_POSTS = 2  # a text with one mark of a cut is one cut text
_HEAD = 6  # lines in which a byline is looked for


def posts(body: bytes, name: str) -> tuple[Post, ...]:
    """Return the posts of the document *body*; *name* is the path or address that it was given by."""
    text = _text(body, name)
    if _FEED.match(text[:20_000]) or jsonfeed.is_one(text):
        return _of_feed(body, name)
    if _PAGE.search(text[:4_000]):
        return _of_page(text, name)
    if markdown.is_markdown(text) or _TAGS.search(text[:4_000]):
        return (_of_markdown(text, name),)
    return _of_index(text, name) or (_of_plain(text, name),)


def _is_binary(body: bytes, text: str) -> bool:
    return "\0" in text or body.startswith(_MAGIC)


def _text(body: bytes, name: str) -> str:
    if len(body) > LARGEST:
        raise DocumentError(name, "larger than any document of text")
    text = decode(body)
    if _is_binary(body, text):
        raise DocumentError(name, "not a document of text")
    if not text.strip():
        raise DocumentError(name, "empty")
    return text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")


def _of_feed(body: bytes, name: str) -> tuple[Post, ...]:
    try:
        found = parse.feed(body, name)
    except NotAFeed as error:
        raise DocumentError(name, error.reason) from error
    if not found.entries:
        raise DocumentError(name, "a feed without entries")
    return tuple(entry.post(one, name) for one in found.entries)


def _of_page(markup: str, name: str) -> tuple[Post, ...]:
    url = parse.address(name, "")
    if teasers := article.index(markup, url):
        return _keyed([_of_article(page, name) for page in teasers])
    return (_of_article(article.page(markup, url), name),)


def _of_article(page: article.Page, name: str) -> Post:
    return _post(
        name,
        clean.html(page.markup),
        title=page.title,
        author=page.author,
        published=page.published,
        url=page.url,
    )


def _of_markdown(text: str, name: str) -> Post:
    source = markdown.split(text)
    # Markdown would take an indented fragment of HTML for code.
    is_markup = _TAGS.match(source.text.lstrip()) and not markdown.is_markdown(source.text)
    whole = clean.html(source.text if is_markup else markdown.render(source.text))
    named = source.matter.get("title")
    title = clean.inline(named) if isinstance(named, str) else _leading_heading(whole)
    authors = [
        author for word in markdown.words(source.matter.get("author")) if (author := parse.person(word))
    ]
    stated = (source.matter.get(field) for field in ("date", "published", "pubdate"))
    links = (source.matter.get(field) for field in ("canonical_url", "canonical", "link", "url"))
    return _post(
        name,
        whole,
        title=title,
        author=", ".join(authors) or None,
        published=next(
            (when for one in stated if isinstance(one, str) and (when := dates.moment(one))), None
        ),
        url=next((url for link in links if isinstance(link, str) and (url := parse.address(link, ""))), None),
        tags=markdown.words(source.matter.get("tags")),
    )


def _leading_heading(whole: clean.Article) -> str | None:
    first = whole.blocks[0] if whole.blocks else None
    return whole.text[first.start : first.end] if first and first.kind == "heading" else None


def _of_plain(text: str, name: str) -> Post:
    paragraphs = [part for part in _PARAGRAPH.split(furniture.without_shortcodes(text)) if part.strip()]
    title = _title(paragraphs)
    # Who wrote it and when stands in lines that are no part of the text.
    lines = [
        line
        for at, row in enumerate(text.split("\n"))
        if (line := fold(row)) and (at < _HEAD or furniture.is_line(line))
    ]
    return _post(
        name,
        clean.plain("\n\n".join(paragraphs[1:] if title else paragraphs)),
        title=title,
        author=next((author for line in lines if (author := article.byline(line))), None),
        published=next((when for line in lines if (when := article.publication(line))), None),
    )


def _title(paragraphs: Sequence[str]) -> str | None:
    """Return the first line where it stands alone, is short and is no sentence."""
    if len(paragraphs) == 1 or not _is_title(paragraphs[0]):
        return None
    return clean.inline(paragraphs[0])


def _is_title(paragraph: str) -> bool:
    line = fold(paragraph)
    return (
        "\n" not in paragraph.strip()
        and 0 < len(line) <= _LONGEST_TITLE
        and line[-1] not in ".,;:…"
        and not furniture.is_line(line)
    )


def _of_index(text: str, name: str) -> tuple[Post, ...]:
    """Return the teasers of a plain copy of a blog's front page: titles, each with a text that is cut off."""
    group: list[str] = []
    groups: list[list[str]] = []
    for paragraph in _PARAGRAPH.split(text):
        group.append(paragraph)
        if furniture.cut_at(fold(paragraph)) is not None:
            groups.append(group)
            group = []
    if len(groups) < _LEAST_POSTS:
        return ()
    return _keyed([_of_teaser(found, name) for found in groups[:_MOST_POSTS]])


def _of_teaser(paragraphs: Sequence[str], name: str) -> Post:
    # Above its title may stand the site's name and menu: the title is the last short line before the text.
    titles = [at for at, paragraph in enumerate(paragraphs[:-1]) if _is_title(paragraph)]
    first = next((at for at in titles if at + 1 not in titles), None)
    body = paragraphs if first is None else paragraphs[first + 1 :]
    return _post(
        name, clean.plain("\n\n".join(body)), title=None if first is None else clean.inline(paragraphs[first])
    )


def _keyed(found: Iterable[Post]) -> tuple[Post, ...]:
    """Name each of several posts by its address or title, so that it keeps its name when others come and go."""
    keyed: dict[str, Post] = {}
    for post in found:
        key = base = post.url or "-".join(re.findall(r"[^\W_]+", post.title.casefold())) or KEY
        again = 2
        while key in keyed:
            key, again = f"{base}-{again}", again + 1
        keyed[key] = replace(post, key=key)
    return tuple(keyed.values())


def _post(
    name: str,
    whole: clean.Article,
    *,
    title: str | None,
    author: str | None = None,
    published: datetime | None = None,
    url: str | None = None,
    tags: tuple[str, ...] = (),
) -> Post:
    title = title or entry.headline(whole.text) or name
    whole = clean.untitled(whole, title)
    completeness: Completeness = "excerpt" if whole.cut or not whole.text else "full"
    return Post(
        key=KEY,
        source=name,
        publisher=entry.publisher(url, source=name),
        title=title,
        text=whole.text,
        completeness=completeness,
        url=url,
        author=author,
        published=published,
        blocks=whole.blocks,
        tags=tags,
    )
