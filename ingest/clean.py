"""Markup or plain text of a post -> its blocks and one text. BeautifulSoup lives here.

Nothing is added that was not in the input: what is no part of the article goes, the rest stays word for word.
BeautifulSoup reads the markup, but its objects are not built: one walk needs no tree, see `_Tape`. So deep nesting
cannot exhaust Python's stack; size and number of tags are capped.
"""

import html as entities
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bs4 import BeautifulSoup
from bs4.builder import LXMLTreeBuilder  # type: ignore[attr-defined]  # put there while bs4 is loaded

from ingest import furniture, lines
from ingest.blocks import INVISIBLE, Piece, Run, compose, decompose, fold, piece
from kb.model import Block, BlockKind

# A body of 40,000 tags takes 0.4 seconds; the longest of 1,200 real ones had a tenth of either.
MOST_TAGS = 40_000
MOST_BLOCKS = 20_000
DEEPEST = 200  # deeper elements are read as inline ones
LONGEST = 2_000_000  # characters


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STRONG = _words("b strong")
_BLOCKS = _words(
    "address article blockquote body center dd details div dl dt fieldset figure form h1 h2 h3 h4 h5 "
    "h6 header hgroup hr html li main ol p pre section summary table tbody td tfoot th thead tr ul"
)
_NO_TEXT = _words(
    "aside audio button canvas datalist dialog embed figcaption footer frameset head iframe input "
    "label map menu meter nav noscript object option progress script select style svg template "
    "textarea title video"
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
_NEVER_FURNITURE = _words("html body main article h1 h2 h3 h4 h5 h6 p li")
# Their text is for programs, or how ruby is pronounced: no string of the page.
_MUTE = _words("script style template rt rp")
_SPACED = _words("pre textarea")
# Any other element is left out of a tape, unless it has one of these: links and emphasis are most of a body's elements.
_NOTED = _words("br form") | _STRONG | _BLOCKS | _NO_TEXT | _MUTE | _SPACED
_TELLING = _words("class id style hidden")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LONGEST_HEADING = 80
_MEASURED = 20  # how many suspicious elements are weighed; what has more of them keeps the rest

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
    tape = _Tape()
    BeautifulSoup(_prepared(markup), builder=tape)
    return _article(_Reader(tape).pieces)


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


@dataclass(slots=True, kw_only=True)
class _Element:
    """An element on a tape, which mentions it where it begins and again where it ends."""

    name: str
    attributes: Mapping[str, str]
    size: int  # how many letters stand in it; while it is open, how many stood before it
    end: int = 0  # index of its second mention


class _Tape(LXMLTreeBuilder):  # type: ignore[misc]
    """What BeautifulSoup's builder hears of a body, written down in its order instead of built into a tree.

    Strings are what BeautifulSoup makes of them: cut at every tag and comment, one space or line break where only
    white space stands. 0.3 ms for a body of 950 words, where the tree of linked tags takes 1.4.
    """

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[str | _Element] = []
        self.size = 0  # letters so far
        self._open: list[_Element | None] = []  # None where an element is not noted
        self._heard: list[str] = []
        self._mute = self._spaced = 0

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        self._cut()
        element = None
        if tag in _NOTED or not _TELLING.isdisjoint(attrib):
            element = _Element(name=tag, attributes=dict(attrib), size=self.size)
            self.entries.append(element)
            self._mute += tag in _MUTE
            self._spaced += tag in _SPACED
        self._open.append(element)

    def end(self, tag: str) -> None:
        self._cut()
        element = self._open.pop()  # lxml ends what it began and nothing else, whatever the markup
        if element:
            element.size = self.size - element.size
            element.end = len(self.entries)
            self.entries.append(element)
            self._mute -= tag in _MUTE
            self._spaced -= tag in _SPACED

    def data(self, data: str) -> None:
        self._heard.append(data)

    def comment(self, text: str) -> None:
        self._cut()

    def doctype(self, name: str, pubid: str, system: str) -> None:
        self._cut()

    def _cut(self) -> None:
        if not self._heard:
            return
        text = "".join(self._heard)
        self._heard.clear()
        if self._mute:
            return
        if not self._spaced and not text.strip(" \t\n\f\r"):
            text = "\n" if "\n" in text else " "
        self.size += len(text)
        self.entries.append(text)


class _Reader:
    """One walk over a tape, gathering its pieces."""

    def __init__(self, tape: _Tape) -> None:
        self.pieces: list[Piece] = []
        self._size = tape.size
        self._measured = 0
        self._runs: list[Run] = []
        self._strong = self._quotes = self._lists = self._pre = 0
        self._heading = 0
        self._item = False  # the next block is the first of its list item
        self._walk(tape.entries)
        self._flush()

    def _walk(self, entries: Sequence[str | _Element]) -> None:
        at = 0
        while at < len(entries):
            entry = entries[at]
            if isinstance(entry, str):
                self._runs.append((entry, self._strong > 0))
            elif at == entry.end:
                self._step(entry.name, -1)
            elif self._is_furniture(entry):
                at = entry.end
            else:
                self._step(entry.name, 1)
            at += 1

    def _step(self, name: str, by: int) -> None:
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

    def _is_furniture(self, element: _Element) -> bool:
        name, attributes = element.name, element.attributes
        if name in _NO_TEXT:
            return True
        if "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")):
            return True
        if name == "form":  # some servers wrap the whole page into one
            return self._is_minor(element)
        if name in _NEVER_FURNITURE or not attributes:
            return False
        named = attributes.get("class", "").split()
        if name != "section":  # its id is often its heading's words
            named.append(attributes.get("id", ""))
        return any(map(_CLASS.fullmatch, named)) and self._is_minor(element)

    def _is_minor(self, element: _Element) -> bool:
        """A theme may call the element that holds the whole post "widget": what holds most of the text stays."""
        self._measured += 1
        return self._measured <= _MEASURED and element.size * 2 <= self._size


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
