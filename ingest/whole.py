"""A post that its feed cuts off, and the page it stands on -> the whole post.

A page takes the place of what the feed gave only where it is the same article and no less of it. Pages that ask to log
in, errors, cookie walls and parked domains come with status 200 as well; they share nothing with the excerpt.
"""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest import article, clean
from ingest.encoding import decode
from kb.errors import NotBetter
from kb.model import Post
from kb.text import sentences, tokens

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_HEAD = 1_000  # characters, in which text has no NUL
_TAG = re.compile(r"<(?:!doctype|[a-z])", re.IGNORECASE)

_DOTS = ("…", "...")
_SHORT = 700  # characters: a text that ends in dots is at most that long, else they are its author's own
_SUMMARY = 600  # characters, and
_FEW = 3  # sentences; 55 words are what most blog engines put into a summary

_LEAST = 80  # characters of prose; a page with fewer shows none
_FEW_WORDS = 25
_NOTICE = 150  # words: what is no article says little
_PROVES = 8  # words of an excerpt that can tell its article from another; where it has fewer, the title must
# Of 990 pages of trafilatura's with 300 characters of each: pairs of words in common let 99.6 % of the pages' own
# excerpts pass, 0.03 % of other pages' and 0.24 % of other pages' of the same site; of summaries written by hand 81 %.
_KIN = 0.2
_KIN_TITLE = 0.6  # 83 % of the same pages' own titles, 1.2 % of others'
_SUMMED_UP = 0.6
_IN_LIST = 0.5
_MUCH_MORE = 2  # times as long as its excerpt, a text that is cut off is worth having

_HUMAN = (
    r"captcha|(?:are you|you are|you're)(?: a| not a)? (?:human|robot)|not a robot|checking your browser"
    r"|unusual traffic|security check|attention required|just a moment|enable javascript"
)
_LOG_IN = (
    r"\b(?:log|sign)[ -]?(?:in|on)\b|create an account|forgot (?:your )?password|(?:members|subscribers) only"
    r"|subscribe to (?:read|continue)|for (?:members|subscribers)\b"
)
_CONSENT = r"\bcookies?\b|before you continue|your privacy|privacy (?:settings|choices)|\bconsent\b"
_PARKED = r"\bdomain(?: name)?\b.{0,40} (?:for sale|parked|expired|available)|(?:buy|about) this domain"
_ERROR = (
    r"\b(?:404|403|410|50[023])\b|not found|can(?:no|')t be found|could(?: no|n')t be found"
    r"|no longer (?:available|exists?)"
    r"|forbidden|access denied|(?:server|database) error|bad gateway|unavailable|went wrong|maintenance"
)
_WALLS = {
    "the page asks whether we are human": re.compile(_HUMAN, re.IGNORECASE),
    "the page asks to log in": re.compile(_LOG_IN, re.IGNORECASE),
    "the page asks for consent to cookies": re.compile(_CONSENT, re.IGNORECASE),
    "the page is that of a parked domain": re.compile(_PARKED, re.IGNORECASE),
    "the page is that of an error": re.compile(_ERROR, re.IGNORECASE),
}


def is_truncated(post: Post) -> bool:
    """Tell whether *post* may be only the beginning of what its page has in full."""
    if post.url is None or post.completeness in ("fetched", "failed"):
        return False
    return post.completeness == "excerpt" or _trails_off(post.text) or _is_summary(post)


def complete(post: Post, page: bytes, url: str, content_type: str | None) -> Post:
    """Return *post* with the article of its *page*, which came from *url*, unless it was whole. Raises NotBetter."""
    markup = _markup(page, content_type)
    found = article.page(markup, url, post.text)
    whole = clean.untitled(clean.untitled(clean.html(found.markup), found.title or ""), post.title)
    if reason := _objection(post, found, whole):
        raise NotBetter(reason)
    if _is_list(article.index(markup, url), whole.text):
        raise NotBetter("the page lists several posts")
    if post.completeness == "full" and len(tokens(whole.text)) <= len(tokens(post.text)):
        return post
    return replace(
        post,
        text=whole.text,
        blocks=whole.blocks,
        completeness="fetched",
        author=post.author or found.author,
        published=post.published or found.published,
    )


def _trails_off(text: str) -> bool:
    return len(text) <= _SHORT and text.endswith(_DOTS)


def _is_summary(post: Post) -> bool:
    if len(post.text) > _SUMMARY or any(block.kind != "paragraph" for block in post.blocks):
        return False
    return len(sentences(post.text)) <= _FEW


def _markup(page: bytes, content_type: str | None) -> str:
    kind = (content_type or "").partition(";")[0].strip().lower()
    markup = decode(page, content_type)
    if (kind and kind not in _HTML) or "\0" in markup[:_HEAD] or not _TAG.search(markup):
        raise NotBetter("the address leads to something other than a web page")
    return markup


def _objection(post: Post, page: article.Page, whole: clean.Article) -> str | None:
    """Say why the article *whole* of the *page* is not the rest of *post*; None if it is."""
    excerpt, text, title = tokens(post.text), tokens(whole.text), page.title or ""
    wall = _wall(title, whole.text) if len(text) <= _NOTICE else None
    if len(whole.text) < _LEAST:
        return wall or "the page shows no text"
    if not (_is_kin(post.title, excerpt, title, text) or _is_summed_up(excerpt, page, text)):
        return wall or "the page holds another text than the post"
    if len(text) < len(excerpt):
        return "the page holds less than the feed"
    if whole.cut and len(text) < len(excerpt) * _MUCH_MORE:
        return "the page holds only the beginning as well"
    # A few words on top of the excerpt may be the request itself.
    return wall if len(text) < len(excerpt) + _FEW_WORDS and not _wall("", post.text) else None


def _wall(title: str, text: str) -> str | None:
    return next((reason for reason, sign in _WALLS.items() if sign.search(f"{title}\n{text}")), None)


def _is_kin(name: str, excerpt: Sequence[str], title: str, text: Sequence[str]) -> bool:
    if len(excerpt) >= _PROVES:
        return _share(pairwise(excerpt), pairwise(text)) >= _KIN
    return _share(tokens(name), [*tokens(title), *text]) >= _KIN_TITLE


def _is_summed_up(excerpt: Sequence[str], page: article.Page, text: Sequence[str]) -> bool:
    """Tell whether *excerpt* is the page's own summary: those written by hand share few words with their article."""
    if len(excerpt) < _PROVES or len(text) <= _NOTICE or _wall(page.title or "", ""):
        return False
    return _share(pairwise(excerpt), pairwise(tokens(page.summary or ""))) >= _SUMMED_UP


def _is_list(teasers: Iterable[article.Page], text: str) -> bool:
    """Tell whether *text* is made of *teasers*: below an article they may point to other posts."""
    known = frozenset(pairwise(tokens(text)))
    shares = (_share(pairwise(tokens(clean.html(one.markup).text)), known) for one in teasers)
    return sum(share >= _IN_LIST for share in shares) > 1


def _share(wanted: Iterable[Hashable], known: Iterable[Hashable]) -> float:
    needed = frozenset(wanted)
    return len(needed.intersection(known)) / max(1, len(needed))
