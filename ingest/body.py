"""The part of a page that holds its article, found in two ways of which the better one is taken.

trafilatura is the better finder (F1 0.927 on its own 990 evaluation pages; ours has 0.852 there), so it leads. Ours
takes the element that is named for its purpose, else the one densest in prose; it stands in where trafilatura finds
nothing or fails, and where a named element holds prose that trafilatura left out.
"""

import copy
import html as entities
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from ingest import clean
from ingest.blocks import INVISIBLE, fold
from kb.model import BlockKind

LONGEST = 2_000_000  # characters of a page that are looked at
MOST_TAGS = 60_000
ENOUGH = 200  # characters of text that make an element's name worth believing
WORDS = "contains(concat(' ', normalize-space(@class), ' '), ' {} ')"
OUTSIDE = frozenset({"nav", "aside", "footer", "form"})

_CLASSES = (
    *("entry-content", "post-content", "article-content", "articlebody", "article-body", "article__body"),
    *("post-body", "postbody", "entry-body", "story-body", "blog-content", "post_content", "single-content"),
    *("post-entry", "entrytext", "entry", "content-body", "articlecontent"),
)
# The surest sign of an article's body first; the names of classes are tried in their order.
_CLASS_RANK = {name: rank for rank, name in enumerate(_CLASSES, start=1)}
_TAG_RANK = {"article": len(_CLASSES) + 1, "main": len(_CLASSES) + 2}
_PROSE = ("p", "pre", "blockquote", "td", "li", "div")
_TEXTS = ("p", "pre", "blockquote")  # the others hold text now and then
_PARTS = ("tbody", "thead", "tfoot", "tr", "td", "th")  # of a table
_OF_COLUMNS = ("p", "h1", "h2", "h3", "ul", "ol")
_COLUMN = 3  # of them in one cell: it is a column of the page
_LEAST_PROSE = 25  # characters: labels and menu entries are shorter
_SCRIPTS = ("script", "style", "noscript", "template", "svg", "textarea", "select")

# Told to keep formatting, trafilatura loses text: F1 0.9254 instead of 0.9271. So bold travels as two code points that
# no text has; Unicode keeps them for such uses.
_BOLD, _PLAIN = "\ufdd0", "\ufdd1"
_TAG = re.compile(r"<[^<>]*>")
_Part = tuple[BlockKind, int, bool]  # a block: its kind, how many words, and whether trafilatura left it out
_WORD = re.compile(r"\w+")
_MENU = 0.6  # of 1,120 real articles no link list had more than 0.51
_RUN = 4  # words that are the same in both texts when they come in a row
_SENTENCES = 20  # words of a block of prose
# Swept over one half of trafilatura's pages and mozilla/readability's, held on the other: bench/article.py.
_MORE_PROSE = 0.3  # of trafilatura's words must ours have on top,
_LESS_CLUTTER = 0.5  # with short blocks of at most that part of it,
_LOST = 0.1  # and at most that part of trafilatura's words may be missing
_OTHER = 0.05  # of trafilatura's words may be new beside lists, between what it has,
_AROUND = 10  # and that many words before and after
_TELLING = 0.3  # of an excerpt that only ours has: then trafilatura missed where the article begins
_STATED = 2  # times as long as what was found is a text that the page's own data gives, to be taken instead


def tree(markup: str) -> Any:
    """Return the tree of a page."""
    clear = INVISIBLE.sub("", markup[:LONGEST])
    capped = "<".join(clear.split("<", MOST_TAGS)[:MOST_TAGS])
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # The leading <html> makes a document of anything.
    return lxml_html.document_fromstring(f"<html>{capped}".encode(), parser=parser)


def strip(root: Any) -> None:
    """Take out of *root* what is no text."""
    etree.strip_elements(root, *_SCRIPTS, with_tail=False)


def text(element: Any) -> str:
    """Return the text of *element* on one line."""
    return fold(str(element.text_content()))


def markup(element: Any) -> str:
    """Return *element* as markup."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def is_outside(element: Any) -> bool:
    """Tell whether *element* stands in a menu, a form or the like."""
    return any(ancestor.tag in OUTSIDE for ancestor in element.iterancestors())


def find(root: Any, stated: str = "", excerpt: str = "") -> str:
    """Return the markup of the article of the page *root*, scripts included.

    *stated* is the text that the page's own data gives, *excerpt* a part that the article is known to have.
    """
    theirs = _extracted(root)
    bare = copy.deepcopy(root)
    strip(bare)
    named = _named(bare)
    ours = markup(_densest(bare) if named is None else named)
    if (
        not theirs
        or _is_menu(theirs, bare)
        or _share(excerpt, ours) > _share(excerpt, theirs) + _TELLING
        or _is_fuller(ours, theirs, is_named=named is not None)
    ):
        theirs = ours
    return _paragraphs(stated) if len(stated) > _STATED * len(clean.inline(theirs)) else theirs


def _extracted(root: Any) -> str:
    """Return what trafilatura makes of *root*; nothing where it fails."""
    import trafilatura  # noqa: PLC0415 - takes 0.2 s, and most runs meet no page

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without article is no event
    try:
        found = trafilatura.extract(_untabled(_marked(root)), output_format="html", include_comments=False)
    except Exception:  # pages are hostile, and there is a second way
        return ""
    return (found or "").replace(_BOLD, "<strong>").replace(_PLAIN, "</strong>")


def _marked(root: Any) -> Any:
    marked = copy.deepcopy(root)
    for bold in list(marked.iter("b", "strong")):
        bold.text = _BOLD + (bold.text or "")
        if len(bold):
            bold[-1].tail = (bold[-1].tail or "") + _PLAIN
        else:
            bold.text += _PLAIN
    return marked


def _untabled(root: Any) -> Any:
    """Make plain divisions of the tables that lay out a page: trafilatura drops the lists inside of cells."""
    layouts = {table for table in root.iter("table") if any(map(_is_column, table.iter("td")))}
    parts = [part for part in root.iter(*_PARTS) if next(part.iterancestors("table"), None) in layouts]
    for element in (*layouts, *parts):
        element.tag = "div"
    return root


def _is_column(cell: Any) -> bool:
    holds_table = next(cell.iter("table"), None) is not None
    return holds_table or len(list(islice(cell.iter(*_OF_COLUMNS), _COLUMN))) == _COLUMN


def _named(root: Any) -> Any:
    ranked: dict[int, list[Any]] = {}
    for element in root.iter(etree.Element):
        if (rank := _rank(element)) is not None:
            ranked.setdefault(rank, []).append(element)
    for _, found in sorted(ranked.items()):
        best = max((one for one in found if not is_outside(one)), key=_prose, default=None)
        if best is not None and _prose(best) >= ENOUGH:
            return best
    return None


def _rank(element: Any) -> int | None:
    """Return how sure a sign of an article's body *element* is, 0 being the surest; None if it is none."""
    if element.get("itemprop") == "articleBody":
        return 0
    ranks = [rank for name in (element.get("class") or "").split() if (rank := _CLASS_RANK.get(name))]
    tag = "main" if element.get("role") == "main" else element.tag
    return min(ranks, default=_TAG_RANK.get(tag))


def _prose(element: Any) -> int:
    return max(0, len(str(element.text_content())) - _linked(element))


def _linked(element: Any) -> int:
    return sum(len(str(link.text_content())) for link in element.iter("a"))


def _densest(root: Any) -> Any:
    scores: dict[Any, float] = {}
    for block in root.iter(*_PROSE):
        size = _prose(block) if _is_prose(block) else 0
        if size < _LEAST_PROSE:
            continue
        for weight, ancestor in zip((1, 0.5), block.iterancestors(), strict=False):
            scores[ancestor] = scores.get(ancestor, 0) + size * weight
    body = root.find("body")
    return max(scores, key=lambda element: scores[element], default=root if body is None else body)


def _is_prose(block: Any) -> bool:
    has_own_text = block.tag in _TEXTS or any(fold(str(text)) for text in block.xpath("./text()"))
    return has_own_text and not is_outside(block)


def _is_menu(theirs: str, root: Any) -> bool:
    """Tell whether *theirs* is mostly links: of a page with little text trafilatura may return all."""
    links = {text(link) for link in root.iter("a")}
    lines = [fold(entities.unescape(line)) for line in _TAG.split(theirs)]
    return sum(len(line) for line in lines if line in links) > sum(map(len, lines)) * _MENU


def _share(excerpt: str, found: str) -> float:
    wanted = _runs(_words(excerpt))
    return (wanted & _runs(_words(clean.inline(found)))).total() / wanted.total() if excerpt else 0


def _is_fuller(ours: str, theirs: str, *, is_named: bool) -> bool:
    """Tell whether *ours* has what *theirs* has, and more: prose, if it *is_named*, or lists; but little else."""
    has_more = len(clean.inline(ours)) > len(clean.inline(theirs)) * (1 + _MORE_PROSE)
    has_lists = ours.count("<li") > theirs.count("<li") + 1
    if not (has_more and is_named) and not has_lists:
        return False  # most pages; spares them the cleaning
    known = _runs(_words(clean.html(theirs).text))
    size = known.total()
    parts = list(_parts(ours, known))
    if known.total() > size * _LOST:
        return False
    return (is_named and _adds_prose(parts, size)) or _adds_lists(parts, size)


def _parts(ours: str, known: Counter[tuple[str, ...]]) -> Iterator[_Part]:
    """Yield the blocks of *ours*, taking their words out of what is *known*."""
    found = clean.html(ours)
    for block in found.blocks:
        words = _words(found.text[block.start : block.end])
        runs = _runs(words)
        yield block.kind, len(words), (runs & known).total() * 2 < runs.total()
        known -= runs


def _adds_prose(parts: Sequence[_Part], size: int) -> bool:
    more = [words for _, words, is_new in parts if is_new]
    prose = sum(words for words in more if words >= _SENTENCES)
    return prose >= size * _MORE_PROSE and sum(more) - prose <= prose * _LESS_CLUTTER


def _adds_lists(parts: Sequence[_Part], size: int) -> bool:
    """Tell whether lists, under their headings, are all that is new in between."""
    known = [at for at, (_, _, is_new) in enumerate(parts) if not is_new]
    inside = [part for part in parts[min(known) : max(known)] if part[2]] if known else []
    items = sum(kind == "item" for kind, _, _ in inside)
    other = sum(words for kind, words, _ in inside if kind not in ("item", "heading"))
    around = sum(words for _, words, is_new in parts if is_new) - sum(words for _, words, _ in inside)
    return items > 1 and other <= size * _OTHER and around <= _AROUND


def _words(line: str) -> list[str]:
    return _WORD.findall(line.casefold())


def _runs(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def _paragraphs(stated: str) -> str:
    return stated if "<" in stated else entities.escape(entities.unescape(stated), quote=False)
