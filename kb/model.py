"""The records that travel through the program. No I/O here.

A stage takes the previous stage's record and returns the next one: `ingest` makes a `Post`, then the `Quote`s
in it, and hands both over as a `Digest` with its `Raw`; the store gives ids and returns `PostRef`, `Evidence`,
`Principle` and `StoredPost`; search returns `Hit` and `PostHit`.
`None` always means "the source did not say".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from kb.shingles import Shingles
from kb.wanted import Sort

BlockKind = Literal["heading", "paragraph", "item", "quote", "code"]
Completeness = Literal["full", "excerpt", "fetched", "failed"]
FeedState = Literal["active", "paused", "gone"]
Origin = Literal["feed", "document", "starter"]
ImportOutcome = Literal["added", "known", "refused", "no feed"]
RawKind = Literal["entry", "document"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One piece of a post's text: `Post.text[start:end]`."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0  # of a heading, 1-6; how deep an item is nested, from 1; else 0
    strong: tuple[tuple[int, int], ...] = ()  # bold stretches, as offsets into Post.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A topic that something is about, and the words that show it."""

    topic: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One piece of guidance, verbatim: `post.text[start:end] == text`."""

    text: str
    start: int
    end: int
    context: str  # the heading or lead-in it stands under and the passage around it; for search
    confidence: float  # 0..1
    topics: tuple[Filing, ...] = ()  # main one first, at most three


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One article, cleaned, before the store knows it."""

    key: str  # what names it within its source: guid, else link, else a hash of its content
    source: str  # the feed's address, or the path or address given to `add`
    publisher: str  # whose word it is: registrable domain, else the source
    title: str
    text: str  # blocks joined by a blank line
    completeness: Completeness = "full"
    url: str | None = None
    author: str | None = None
    published: datetime | None = None  # aware, UTC; midnight sharp where only the day is known
    blocks: tuple[Block, ...] = ()
    tags: tuple[str, ...] = ()
    date_note: str | None = None  # what is wrong with the date that its source gives, in plain words
    flaw: str | None = None  # why its text is no good source, in plain words; see ingest/flaws.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A post with the quotes found in it, in the order of the text."""

    post: Post
    quotes: tuple[Quote, ...]
    shingles: Shingles | None = None  # of the post's text, where somebody had the time to make them


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What a post was made of, kept so that it can be digested again."""

    kind: RawKind
    name: str  # the entry's key, or the document's path
    body: bytes


class Known(NamedTuple):
    """What tells whether an entry is one that is kept already, and the same. A run makes them by the ten thousand."""

    hash: str  # of its raw source
    mark: str | None = None  # of its bytes in the feed, see ingest/items.py
    url: str | None = None
    fingerprint: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where a raw source came from."""

    source: str  # the feed's address, or the path or address given to `add`
    origin: Origin
    feed_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A web page as it came: what makes a cut-off entry whole."""

    url: str
    body: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRaw:
    """A raw source as it is kept."""

    id: int
    raw: Raw
    origins: Origins
    page: Page | None = None  # by which it was made whole
    is_refused: bool = False  # no page will make it whole
    repeats: tuple[str, ...] = ()  # of its feed, see Feed.repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A subscription and what is known of its last fetch."""

    id: int
    url: str
    title: str
    site_url: str | None = None
    folder: tuple[str, ...] = ()  # outermost first
    state: FeedState = "active"
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    added_at: datetime
    checked_at: datetime | None = None  # last asked
    changed_at: datetime | None = None  # last brought something new
    next_due: datetime
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    reason: str | None = None  # of the last failure
    why: str | None = None  # it is asked again when it is
    pace: Mapping[str, Any] | None = None  # its rhythm, see ingest/schedule.py
    moved_to: str | None = None  # where its server says it has moved for good
    moved_on: tuple[str, ...] = ()  # days (ISO) on which that was seen
    suggestion: str | None = None  # another address that its site announces; a person confirms
    hub: str | None = None  # that tells of its news (WebSub)
    self_url: str | None = None  # what it calls its own address
    repeats: tuple[str, ...] = ()  # fingerprints of blocks that stand under many of its posts
    learned: int = 0  # how many posts it had when those were worked out
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One line of a subscription list."""

    url: str
    title: str | None = None
    site_url: str | None = None
    folder: tuple[str, ...] = ()
    is_feed: bool = True  # other readers' lists hold preferences, rules and bookmarks as well


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """What became of one line of a subscription list."""

    number: int  # which outline, from 1
    title: str | None
    url: str
    outcome: ImportOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """What was found where a person pointed to: feeds to subscribe, or why there are none."""

    feeds: tuple[Outline, ...] = ()  # the likeliest first
    is_feed: bool = False  # the address itself is one
    reason: str | None = None  # why nothing is known of it, where its server could not be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRef:
    """A stored post, in short, as other things refer to it."""

    id: int
    title: str
    url: str | None
    source: str
    publisher: str
    author: str | None
    published: datetime | None
    feed: str | None  # the feed's title
    completeness: Completeness
    origin: Origin
    flaw: str | None = None  # see Post.flaw
    copy_of: int | None = None  # id of the post that it republishes, see kb/copies.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stored quote with the post it stands in."""

    id: int
    text: str
    start: int
    end: int
    context: str
    post: PostRef
    changed: bool = False  # its source has changed the passage since; offsets count in the earlier text


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """One card: quotes that say the same thing."""

    id: int
    text: str
    topics: tuple[Filing, ...]
    sources: int  # independent publishers
    evidence: tuple[Evidence, ...]  # the best quote first
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostQuote:
    """A quote as its own post's page shows it."""

    text: str
    start: int
    end: int
    topics: tuple[str, ...]
    principle: int
    sources: int  # of that principle


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a post was before its source changed it."""

    title: str
    text: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPost:
    """A post as it is kept, with its quotes in the order of the text."""

    ref: PostRef
    text: str
    blocks: tuple[Block, ...]
    tags: tuple[str, ...]
    quotes: tuple[PostQuote, ...]
    date_note: str | None = None
    versions: tuple[Version, ...] = ()  # the newest first
    original: PostRef | None = None  # which it republishes
    copies: tuple[PostRef, ...] = ()  # by which it was republished, the first ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the knowledge base holds."""

    posts: int
    principles: int
    quotes: int
    sources: int  # publishers
    feeds: int
    starter: int  # posts of the starter collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One entry of the closed taxonomy."""

    name: str
    title: str
    definition: str
    scope: str = ""  # what belongs here and what does not
    aliases: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    literature: str = ""
    words: Mapping[str, float]  # word or phrase -> weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for, and which page of the answer."""

    text: str
    topic: str | None = None
    source: str | None = None  # a post's source
    year: int | None = None
    sort: Sort = "best"
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why something was found."""

    found: Mapping[str, tuple[str, ...]]  # word as typed -> where: quote, heading, context, title, topic
    related: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # words as typed -> what stands there instead
    missing: tuple[str, ...] = ()  # words as typed that stand nowhere in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    principle: Principle
    score: float
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHit:
    post: PostRef
    score: float
    why: Why
    snippet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One page of an answer; `total` and `facets` count the whole answer."""

    query: str
    corrected: str | None  # what was looked for instead of words that nobody knows
    total: int
    hits: tuple[Hit, ...] = ()
    posts: tuple[PostHit, ...] = ()
    facets: Mapping[str, Mapping[str, int]]  # "topic" | "feed" | "year" -> value -> count
    notes: tuple[str, ...] = ()  # what could not be understood as it was typed, in plain words
