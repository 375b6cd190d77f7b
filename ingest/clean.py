"""Markup or plain text of a post -> its blocks and one text. BeautifulSoup lives here.

Nothing is added that was not in the input: what is no part of the article goes, the rest stays word for word. The walk
over the tree keeps its own stack, so that deep nesting cannot exhaust Python's; size and number of tags are capped.
"""

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from ingest import furniture, lines
from ingest.blocks import INVISIBLE, Piece, Run, compose, decompose, fold, piece
from kb.model import Block, BlockKind

# A body of 40,000 tags takes one second; the longest of 1,200 real ones had a tenth of either.
MOST_TAGS = 40_000
MOST_BLOCKS = 20_000
DEEPEST = 200  # bs4 needs time by the square of the depth
LONGEST = 2_000_000  # characters

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRONG = frozenset({"b", "strong"})
_BLOCKS = frozenset(
    [
        *(
            "address",
            "article",
            "blockquote",
            "body",
            "center",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figure",
        ),
        *(
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hgroup",
            "hr",
            "html",
            "li",
            "main",
            "ol",
            "p",
            "pre",
        ),
        *("section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    ]
)
_NO_TEXT = frozenset(
    [
        *(
            "aside",
            "audio",
            "button",
            "canvas",
            "datalist",
            "dialog",
            "embed",
            "figcaption",
            "footer",
            "frameset",
            "head",
        ),
        *(
            "iframe",
            "input",
            "label",
            "map",
            "menu",
            "meter",
            "nav",
            "noscript",
            "object",
            "option",
            "progress",
            "script",
        ),
        *("select", "style", "svg", "template", "textarea", "title", "video"),
    ]
)
# A part is named for what it is, alone or with a word for its shape: "social-icons" goes, "social-media-tips" stays.
_CLASS = re.compile(
    r"(?:post|entry|article|blog|page|wp|site|single|the|td|et|vc)?[-_]?(?:shar(?:e|es|ing)|sharedaddy"
    r"|social|addtoany|addthis"
    r"|a2a|tweet|twitter|twitter-share|tweetmeme|fb-like|related(?:posts?)?|jp-relatedposts|yarpp"
    r"|newsletter|sign-?up|opt-?in"
    r"|subscri(?:be|ption)|cta|promo|advert(?:isement|s)?|ads?|sponsor(?:ed)?|comments?|commentlist"
    r"|respond|captcha|breadcrumbs?"
    r"|paginat(?:ion|or)|pager|nav(?:bar|igation)?|menu|sidebar|widget|byline|meta|postmeta(?:data)?"
    r"|author-?(?:box|bio|info)"
    r"|about-author|bio|tags|tag-?links|cat-?links|footer|feedflare|screen-reader|skip-link|caption-text"
    r"|toc|cookies?|popup"
    r"|modal|btn\d?|button|log-?in|rate|ratings?|printfriendly|edit-link|pubdate)"
    r"(?:[-_]+(?:links?|buttons?|btns?|icons?|bar|box|block|area|wrap(?:per)?|container|list|section|form"
    r"|inner|content|media"
    r"|posts?|articles?|row|top|bottom|left|right|header|title|heading|text|counts?|items?|group|module"
    r"|unit|slot|banner|kit"
    r"|this|share|like|follow|author|meta|main|small|large|inline|notice|\w{0,3}\d+))*",
    re.IGNORECASE,
)
_NEVER_FURNITURE = frozenset(
    {"html", "body", "main", "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "li"}
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LONGEST_HEADING = 80
_MEASURED = 20  # how many suspicious elements are weighed; measuring each of thousands would be slow

_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<(?:br|p|div|li)\b", re.IGNORECASE)
_ANY_BLOCK = re.compile(rf"<(?:br|{'|'.join(sorted(_BLOCKS))})\b", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;(?:p|br|div|ul|h[1-6])\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
# Elements that stay open until they are closed; <p>, <li> and cells end where the next one begins.
_NESTS = re.compile(
    r"(?P<close>/?)(?!(?:p|li|dd|dt|td|th|tr|br|hr|img|input|link|meta|col|wbr|area)\b)[a-zA-Z]"
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text of a post and its blocks; `cut` where a mark says that more of it is elsewhere."""

    text: str
    blocks: tuple[Block, ...]
    cut: bool


def html(markup: str) -> Article:
    """Return the article in the body *markup*."""
    return _article(_Reader(BeautifulSoup(_prepared(markup), "lxml")).pieces)


def plain(text: str) -> Article:
    """Return the article in plain *text*: blank lines part paragraphs, lines wrapped by hand are joined."""
    return _article(list(islice(_plain_pieces(text[:LONGEST]), MOST_BLOCKS)))


def inline(markup: str) -> str:
    """Return a title or a name as one line of plain text."""
    text = entities.unescape(_TAG.sub(_gap, markup[:LONGEST]))
    # Titles are often escaped twice on their way through a feed.
    return fold(entities.unescape(text) if _ENTITY.search(text) else text)


def untitled(article: Article, title: str) -> Article:
    """Return *article* without the *title* that its body repeats as its first block."""
    first = article.blocks[0] if article.blocks else None
    if not first or first.kind not in ("heading", "paragraph") or first.end > len(title) * 2:
        return article
    if _letters(article.text[: first.end]) != _letters(title):
        return article
    text, blocks = compose(decompose(article.text, article.blocks)[1:])
    return Article(text=text, blocks=blocks, cut=article.cut)


def _article(pieces: list[Piece]) -> Article:
    kept, cut = furniture.tidy(pieces[:MOST_BLOCKS])
    text, blocks = compose(kept)
    return Article(text=text, blocks=blocks, cut=cut)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _gap(tag: re.Match[str]) -> str:
    return " " if _BREAK.match(tag[0]) else ""


def _prepared(markup: str) -> str:
    markup = INVISIBLE.sub("", markup[:LONGEST])
    if "<" not in markup and _ESCAPED.search(markup):
        markup = entities.unescape(markup)  # escaped twice on its way
    if not _ANY_BLOCK.search(markup):
        markup = _BLANK_LINE.sub("<p>", markup)
    # The leading <div> keeps bs4 from guessing that a short body is a file name or XML, and warning of it.
    tags = markup.split("<", MOST_TAGS)[:MOST_TAGS]
    return "<div>" + "<".join(tags if len(tags) <= DEEPEST else _shallow(tags))


def _shallow(tags: list[str]) -> Iterator[str]:
    """Make the elements below DEEPEST inline, and so keep their text."""
    depth = 0
    yield tags[0]
    for tag in tags[1:]:
        found = _NESTS.match(tag)
        if found and found["close"]:
            depth = max(0, depth - 1)
        elif found:
            depth += 1
        yield "!>" + tag.partition(">")[2] if found and depth > DEEPEST else tag


class _Reader:
    """One walk over a tree, gathering its pieces."""

    def __init__(self, soup: Tag) -> None:
        self.pieces: list[Piece] = []
        self._soup = soup
        self._size: int | None = None
        self._measured = 0
        self._runs: list[Run] = []
        self._strong = self._quotes = self._lists = self._pre = 0
        self._heading = 0
        self._item = False  # the next block is the first of its list item
        self._walk()
        self._flush()

    def _walk(self) -> None:
        stack = [(self._soup, iter(self._soup.contents))]
        while stack:
            tag, children = stack[-1]
            for child in children:
                if isinstance(child, Tag):
                    if not self._is_furniture(child):
                        self._step(child, 1)
                        stack.append((child, iter(child.contents)))
                        break
                elif type(child) is NavigableString:
                    self._runs.append((str(child), self._strong > 0))
            else:
                stack.pop()
                self._step(tag, -1)

    def _step(self, tag: Tag, by: int) -> None:
        name = tag.name
        if name == "br":
            if by > 0:
                self._runs.append(("\n", False) if self._pre else lines.BREAK)
        elif name in _STRONG:
            self._strong += by
        elif name in _BLOCKS:
            self._flush()
            self._enter(name, by)

    def _enter(self, name: str, by: int) -> None:
        if name in _HEADINGS:
            self._heading = _HEADINGS[name] if by > 0 else 0
        elif name == "li":
            self._item = by > 0
        elif name in ("ul", "ol"):
            self._lists += by
        elif name == "blockquote":
            self._quotes += by
        elif name == "pre":
            self._pre += by

    def _flush(self) -> None:
        runs, self._runs = self._runs, []
        if not any(text and not text.isspace() for text, _ in runs):
            return
        kind, level = self._place()
        whole = [lines.Line(runs=runs)] if kind in ("code", "heading") else lines.of_markup(runs)
        for line in whole:
            clear = [(furniture.without_shortcodes(text), bold) for text, bold in line.runs]
            self.pieces.append(piece(line.kind or kind, clear, level or (1 if line.kind else 0)))
        self._item = False

    def _place(self) -> tuple[BlockKind, int]:
        if self._pre:
            return "code", 0
        if self._heading:
            return "heading", self._heading
        if self._item:
            return "item", max(self._lists, 1)
        return ("quote", 0) if self._quotes else ("paragraph", 0)

    def _is_furniture(self, tag: Tag) -> bool:
        if tag.name in _NO_TEXT:
            return True
        if "hidden" in tag.attrs or _HIDDEN.search(str(tag.get("style") or "")):
            return True
        if tag.name == "form":  # some servers wrap the whole page into one
            return self._is_minor(tag)
        if tag.name in _NEVER_FURNITURE or not tag.attrs:
            return False
        # The id of a section is often its heading's words.
        named = [
            *tag.get_attribute_list("class"),
            *(tag.get_attribute_list("id") if tag.name != "section" else ()),
        ]
        return any(name and _CLASS.fullmatch(name) for name in named) and self._is_minor(tag)

    def _is_minor(self, tag: Tag) -> bool:
        """A theme may call the element that holds the whole post "widget": what holds most of the text stays."""
        self._measured += 1
        if self._size is None:
            self._size = len(self._soup.get_text())
        return self._measured <= _MEASURED and len(tag.get_text()) * 2 <= self._size


def _plain_pieces(text: str) -> Iterator[Piece]:
    paragraphs = _BLANK_LINE.split(
        furniture.without_shortcodes(text.replace("\r\n", "\n").replace("\r", "\n"))
    )
    for at, paragraph in enumerate(paragraphs):
        rows = [row for row in paragraph.split("\n") if row.strip()]
        blocks = lines.of_text(rows) if rows else []
        is_heading = len(blocks) == 1 and at + 1 < len(paragraphs) and _is_heading(fold(paragraph))
        for block in blocks:
            kind: BlockKind = block.kind or ("heading" if is_heading else "paragraph")
            yield piece(kind, block.runs, {"heading": 2, "item": 1}.get(kind, 0))


def _is_heading(text: str) -> bool:
    """Tell whether a lone line of plain text looks like a heading: short, and no sentence."""
    return (
        len(text) <= _LONGEST_HEADING and text[:1].isalnum() and not text[:1].islower() and text[-1].isalnum()
    )
