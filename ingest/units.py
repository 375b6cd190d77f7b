"""A post as the stretches that a quote can be made of: headings, lead-ins, list items, sentences.

List numbers, bullets and labels such as "Tip:" stay outside a unit.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from kb.model import Block, Post
from kb.text import lines, sentences

Span = tuple[int, int]
Kind = Literal["heading", "lead", "item", "sentence"]

LONGEST_HEADING = 160  # characters; a longer "heading" is a paragraph in disguise
LONGEST_LEAD = 90
LEAD_WORDS = 9
_HEADLINES = frozenset({"heading", "lead"})
_NUMBER = re.compile(
    r"\(?(?:\d{1,3}|[ivxIVX]{1,5}|[a-hA-H])[.):](?=\s|[A-Z“\"])\s*"
    r"|(?:step|tip|rule|lesson|way|reason|key|idea|principle|number|no\.|(?=#))\s?#?\s?\d{1,3}\s?[.:)–—-]\s*"
    r"|\d{1,3}\s[–—-]\s",
    re.IGNORECASE,
)
_BULLET = re.compile(r"(?:[•·▪◦‣●■➤→✓✔✅☑–—-]|\*{1,3})\s*")
_LABEL = re.compile(
    r"(?:(?:pro |quick |my |our |the |key )?(?:tips?|solutions?|advice|take-?aways?|lessons?|rule(?: of thumb)?|fix"
    r"|moral|point|bottom line|best practice|(?:a )?word of (?:caution|advice|warning)|warning|caution"
    r"|important|remember|action|remedy|answer|do|dos|don['’]ts?|note|hint|golden rule)"
    r"(?: (?:here|learned|learnt|is|#?\d{1,2}))?(?::|\s[–—-]\s)\s*)(?=\S)",
    re.IGNORECASE,
)
_COLON_LEAD = re.compile(r"[^.!?:;,–—\n]{4,60}?(?:\s[–—-]{1,2}|:)\s+(?=[A-Z“\"])")
_STARRED_LEAD = re.compile(r"[^*\n]{3,90}(?=\s?\*\*)")  # Markdown that its own blog did not understand
_AFTER_LEAD = re.compile(r"[\s:.!?*–—-]*")
_REMEDY = re.compile(r"(?:solutions?|fix|instead|remedy|tips?|advice|do this)\W{1,6}\Z", re.IGNORECASE)
_WORD = re.compile(r"\w")
_ENDS = tuple('.!?…:;,"”’)')


class Unit(NamedTuple):
    """A stretch of a post and where it stands; a tuple, since 60 a post are made and most of them dropped."""

    start: int
    end: int
    kind: Kind
    texts: Sequence[str]  # of all units of the post
    at: int  # which of them is this one's
    section: str  # the heading over it
    lead: str  # the lead-in it explains
    intro: str  # the sentence before its list, when that ends with a colon
    is_cited: bool  # from a block quote
    is_remedy: bool  # after a label such as "Solution:"
    block: int  # where its block begins

    @property
    def text(self) -> str:
        return self.texts[self.at]

    @property
    def before(self) -> str:
        return self.texts[self.at - 1] if self.at else ""

    @property
    def after(self) -> str:
        return "".join(self.texts[self.at + 1 : self.at + 2])

    @property
    def further(self) -> str:
        """The text of the unit after the next."""
        return "".join(self.texts[self.at + 2 : self.at + 3])


def of(post: Post) -> list[Unit]:
    """Return the units of *post* in the order of its text."""
    return list(_placed(post))


def _placed(post: Post) -> Iterator[Unit]:
    texts: list[str] = []
    section = lead = intro = ""
    led = False  # whether the lead-in opens an item, and so explains no other
    for block in post.blocks or _paragraphs(post.text):
        if block.kind == "heading":
            section = lead = ""
        elif led:
            lead, led = "", False
        remedied = False
        for kind, start, end in _pieces(post.text, block):
            text = post.text[start:end]
            remedied = remedied or _follows_remedy(post.text, block.start, start)
            if kind in _HEADLINES:
                lead = ""
            yield Unit(
                start=start,
                end=end,
                kind=kind,
                texts=texts,
                at=len(texts),
                section=section,
                lead=lead,
                intro=intro if block.kind == "item" else "",
                is_cited=block.kind == "quote",
                is_remedy=remedied,
                block=block.start,
            )
            texts.append(text)
            section = text if kind == "heading" else section
            if kind == "lead":
                lead, led = text, block.kind == "item"
            if block.kind != "item":
                intro = text if text.endswith(":") else ""


def _follows_remedy(text: str, block_start: int, start: int) -> bool:
    return start > block_start and _REMEDY.search(text[max(block_start, start - 24) : start]) is not None


def _paragraphs(text: str) -> Iterator[Block]:
    """Yield the blocks of a post that came without any."""
    edges = [0, *(m.end() for m in re.finditer(r"\n\n", text)), len(text)]
    for start, end in pairwise(edges):
        if text[start:end].strip():
            yield Block(kind="paragraph", start=start, end=end)


def _pieces(text: str, block: Block) -> Iterator[tuple[Kind, int, int]]:
    if block.kind == "code":
        return
    if block.kind == "heading" and block.end - block.start <= LONGEST_HEADING:
        start, _ = _past_number(text, *_trim(text, block.start, block.end))
        if start < block.end:
            yield "heading", *_trim(text, start, block.end)
        return
    for a, b in lines(text[block.start : block.end]):
        yield from _line(text, block, *_trim(text, block.start + a, block.start + b))


def _line(text: str, block: Block, begin: int, end: int) -> Iterator[tuple[Kind, int, int]]:
    start, is_numbered = _past_number(text, begin, end)
    if start >= end:
        return
    opens_item = block.kind == "item" and text[block.start : begin].isspace() | (begin == block.start)
    lead = _strong_lead(text, block, start, end) or _starred_lead(text, begin, start, end)
    if not lead and (opens_item or is_numbered):
        lead = _colon_lead(text, start, end)
    if not lead and not opens_item and _is_bare(text[start:end]):
        lead = start, end
    if lead:
        yield "lead", *lead
        rest = _AFTER_LEAD.match(text, lead[1], end)
        start = rest.end() if rest else lead[1]
        is_numbered = opens_item = False
    for a, b in sentences(text[start:end]):
        first, _ = _past_number(text, start + a, start + b)
        if first < start + b:
            yield _kind(text[first : start + b], is_numbered, opens_item), first, start + b
        is_numbered = opens_item = False


def _kind(text: str, is_numbered: bool, opens_item: bool) -> Kind:
    if opens_item:
        return "item"
    return "lead" if is_numbered and _is_short(text) else "sentence"


def _trim(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _past_number(text: str, start: int, end: int) -> tuple[int, bool]:
    """Return where a unit begins after its bullet, number and label, and whether it had a number."""
    if bullet := _BULLET.match(text, start, end):
        start = bullet.end()
    number = _NUMBER.match(text, start, end)
    if number:
        start = number.end()
    if (label := _LABEL.match(text, start, end)) and _WORD.search(text, label.end(), end):
        start = label.end()
    return start, number is not None


def _strong_lead(text: str, block: Block, start: int, end: int) -> Span | None:
    """Return the bold stretch that a line opens with, when it stands for itself."""
    at = bisect_right(block.strong, (start, len(text))) - 1
    if at < 0 or not start < block.strong[at][1] <= min(end, start + LONGEST_LEAD):
        return None
    lead = _trim(text, start, block.strong[at][1])
    return _without_colon(text, *lead) if _stands_alone(text, *lead, end) else None


def _stands_alone(text: str, start: int, end: int, limit: int) -> bool:
    rest = text[end:limit].lstrip(" ")
    if not rest or text[end - 1] in ".:!?" or rest[0] in ".:!?–—-\n":
        return True
    return rest[0].isupper() and " " in text[start:end]


def _starred_lead(text: str, begin: int, start: int, end: int) -> Span | None:
    found = _STARRED_LEAD.match(text, start, end) if text.startswith("**", begin) else None
    return _without_colon(text, *found.span()) if found else None


def _colon_lead(text: str, start: int, end: int) -> Span | None:
    found = _COLON_LEAD.match(text, start, end)
    return _without_colon(text, *found.span()) if found and _is_short(found[0]) else None


def _is_bare(text: str) -> bool:
    """Tell whether a line reads like a heading that was not marked as one."""
    return _is_short(text) and not text.endswith(_ENDS) and text[0].isupper() and " " in text


def _without_colon(text: str, start: int, end: int) -> Span:
    return start, start + len(text[start:end].rstrip(" \n\t:–—-"))


def _is_short(text: str) -> bool:
    return len(text) <= LONGEST_LEAD and len(text.split()) <= LEAD_WORDS
