"""The pages one reads. A view reads the request, asks `kb`, renders; nothing here writes."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for

from kb import feeds, opml, posts, principles, privacy, related, search, suggest, tensions, topics
from kb.model import Evidence, Feed, Query, Results, Topic
from kb.query import LONGEST_QUERY
from kb.suggest import Suggestion
from web import asked, marks
from web.asked import PER_PAGE, Asked
from web.marks import Passage
from web.present import clip, visible
from web.site import db, here

NEWEST = 6
POSTS_OF_A_FEED = 200
LONGEST_OFFER = 400  # characters; what is typed with a word more never has as many
NEAR, FAR = 140, 280  # characters of a passage on either side of its quote, in a list and on its own page
# SQLite and PostgreSQL both take ids up to here; anything larger is no id of ours.
_ID = "<int(max=2147483647):number>"
EXAMPLES = (
    "take responsibility",
    "angry customer",
    "when not to apologize",
    "keeping promises",
    "staff morale",
    "without a script",
)

pages = Blueprint("pages", __name__)


@pages.get("/")
def home() -> str:
    """Show the search box, the topics and what is new."""
    return render_template(
        "home.html",
        totals=posts.totals(db()),
        shelf=_shelf(),
        newest=principles.newest(db(), NEWEST),
        examples=EXAMPLES,
    )


def _shelf() -> list[tuple[Topic, int]]:
    counts = principles.topic_counts(db())
    return [(topic, counts.get(topic.name, 0)) for topic in topics.load()]


@pages.get("/search", endpoint="search")
def look_up() -> str:
    """Show what was found; without words, what is new."""
    wanted = asked.read(request.args)
    wanted = replace(wanted, source=wanted.source and feeds.unmasked(db(), wanted.source))
    results = _found(wanted)
    if wanted.page > 1 and wanted.offset >= results.total:
        abort(404)
    sources = posts.names(db(), asked.sources(wanted, results.facets))
    facets = asked.facets(wanted, results.facets, titles() | sources)
    return render_template(
        "search.html",
        asked=wanted,
        results=results,
        passages=_passages([quote for hit in results.hits for quote in hit.principle.evidence[:1]], NEAR),
        newest=() if wanted.q or results.total else principles.newest(db(), PER_PAGE),
        sought=marks.wanted(search.marked(results)),
        facets=facets,
        filters=asked.chosen(facets),
        unfiltered=asked.unfiltered(wanted),
        guidance=asked.within(wanted, whole=False),
        whole=asked.within(wanted, whole=True),
        pages=asked.pages(wanted.page, results.total, lambda page: asked.address(asked.at(wanted, page))),
        shelf=() if results.total else _shelf(),
    )


def _found(wanted: Asked) -> Results:
    query = Query(
        text=wanted.q,
        topic=wanted.topic,
        source=wanted.source,
        year=wanted.year,
        limit=PER_PAGE,
        offset=wanted.offset,
    )
    if wanted.whole:
        return search.posts(db(), here().index, query)
    return search.principles(db(), here().index, query, here().semantic)


def titles() -> dict[str, str]:
    """Return the titles of the topics by their names."""
    return {topic.name: topic.title for topic in topics.load()}


@pages.get("/suggest")
def offers() -> Response:
    """Say what to offer to somebody who has typed this much."""
    typed = request.args.get("q", "")[:LONGEST_QUERY]
    found = suggest.suggest(db(), here().index, typed)
    told = [
        {"kind": one.kind, "text": clip(visible(one.text), LONGEST_OFFER), "address": _address(one)}
        for one in found
    ]
    answer = jsonify({"query": typed, "suggestions": told})
    answer.headers["Cache-Control"] = "private, no-store"  # what people type is nobody else's business
    return answer


def _address(offer: Suggestion) -> str:
    match offer.kind:
        case "word":
            return asked.address(Asked(q=offer.text))
        case "topic":
            return url_for(".topic", name=offer.name)
        case kind:
            return url_for(f".{kind}", number=offer.id)


@pages.get(f"/principles/{_ID}")
def principle(number: int) -> str:
    """Show a principle with all its evidence, what pulls against it and what to read next."""
    found = principles.get(db(), number)
    alike = related.to(db(), here().index, found)
    page = _page(len(found.evidence))
    first = (page - 1) * PER_PAGE
    shown = found.evidence[first : first + PER_PAGE]
    return render_template(
        "principle.html",
        principle=found,
        first=first,
        evidence=shown,
        views=tensions.of(db(), number),
        related=alike,
        more=related.from_source(db(), here().index, found, [one.id for one in alike]),
        passages=_passages(shown, FAR),
        pages=asked.pages(
            page, len(found.evidence), lambda page: url_for(".principle", number=number, page=page)
        ),
    )


def _page(total: int) -> int:
    """Return which page of a list the address asks for; 404 where the list ends before."""
    page = asked.page(request.args)
    if page > 1 and (page - 1) * PER_PAGE >= total:
        abort(404)
    return page


def _passages(quotes: Sequence[Evidence], reach: int) -> dict[int, Passage]:
    texts = posts.texts(db(), [quote.post.id for quote in quotes])
    return marks.passages(quotes, texts, reach)


@pages.get(f"/posts/{_ID}")
def post(number: int) -> Response:
    """Show a post with its quotes marked in place."""
    found = posts.get(db(), number)
    page = Response(render_template("post.html", post=found, groups=marks.groups(found)))
    page.headers["X-Robots-Tag"] = "noindex"  # the words are its author's; only the original should be found
    return page


@pages.get("/topics")
def all_topics() -> str:
    """Show the taxonomy."""
    return render_template("topics.html", shelf=_shelf())


@pages.get("/topics/<name>")
def topic(name: str) -> str:
    """Show a topic and its principles, the best supported first."""
    found = topics.get(name)
    total = principles.topic_counts(db()).get(name, 0)
    page = _page(total)
    return render_template(
        "topic.html",
        topic=found,
        total=total,
        see_also=_named(found.see_also),
        principles=principles.by_topic(db(), name, PER_PAGE, (page - 1) * PER_PAGE),
        pages=asked.pages(page, total, lambda page: url_for(".topic", name=name, page=page)),
    )


def _named(names: Sequence[str]) -> list[Topic]:
    return [topic for topic in topics.load() if topic.name in names]


@pages.get("/feeds")
def all_feeds() -> str:
    """Show the subscriptions by folder, and the forms to add some."""
    found = feeds.all(db())
    folders = [(path, list(inside)) for path, inside in groupby(found, key=_folder)]
    secret = sum(privacy.is_private(feed.url) for feed in found)
    return render_template("feeds.html", feeds=found, folders=folders, secret=secret, now=here().clock())


def _folder(feed: Feed) -> tuple[str, ...]:
    return feed.folder


@pages.get(f"/feeds/{_ID}")
def feed(number: int) -> str:
    """Show one subscription and its posts."""
    found = feeds.get(db(), number)
    return render_template(
        "feed.html",
        feed=found,
        posts=posts.of_feed(db(), number, POSTS_OF_A_FEED),
        now=here().clock(),
    )


@pages.get("/feeds.opml")
def subscriptions() -> Response:
    """Hand out the subscription list as a file."""
    return Response(
        opml.write(feeds.all(db())),
        content_type="text/x-opml; charset=utf-8",
        headers={"Content-Disposition": "attachment; filename=guidepost-feeds.opml"},
    )


@pages.get("/healthz")
def healthz() -> Response:
    """Say that store and site are up, for a watchdog."""
    posts.totals(db())
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
