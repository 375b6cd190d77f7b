"""Every field of a source is hostile: whatever it carries is shown as text on every page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from kb import feeds, schema
from kb.index import Index
from kb.model import Discovered, Filing, Outline
from kb.schema import feeds as table
from web.app import create_app

Keep = Callable[..., int]
Page = Callable[[str], str]

NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
EVIL = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}\u202e\u2066&lt;b&gt;\x1b[31m"
)
LINK = "javascript:alert(1)//https://a.example/"
ADDRESSES = (
    "/",
    "/search",
    "/search?q=honest",
    "/search?q=honest&in=posts",
    "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&topic=%22%3E%3Cscript%3E&source=javascript:alert(1)",
    "/principles/1",
    "/posts/1",
    "/topics",
    "/topics/trust",
    "/feeds",
    "/feeds/1",
    "/feeds/1/remove",
)
REFERENCES = ("for", "aria-labelledby", "aria-describedby")


class Attributes(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(autouse=True)
def hostile_store(engine: Engine, keep: Keep, subscribe: Keep) -> None:
    feed = subscribe("https://evil.example/feed", title=EVIL, site_url=LINK, folder=(EVIL, EVIL))
    keep(
        f"Be honest {EVIL}. Bye.",
        f"Be honest {EVIL}.",
        title=EVIL,
        url=LINK,
        author=EVIL,
        publisher=EVIL,
        source=EVIL,
        tags=(EVIL,),
        topics=(Filing(topic="trust", words=(EVIL,)), Filing(topic="recovery", words=())),
        feed_id=feed,
    )
    with schema.writing(engine) as db:
        feeds.failed(db, feed, now=NOW, next_due=NOW, why=EVIL, reason=EVIL, gone=False)
        feeds.suggest(db, feed, EVIL)
        feeds.seen_moving(db, feed, LINK, NOW.date())
        db.execute(update(table).values(hub=LINK))


def tags(text: str) -> Iterator[tuple[str, dict[str, str | None]]]:
    parser = Attributes()
    parser.feed(text)
    yield from parser.tags


def test_nothing_of_a_source_becomes_markup(page: Page) -> None:
    found = [tag for address in ADDRESSES for tag in tags(page(address))]

    assert not {tag for tag, _ in found} & {"script", "img", "iframe", "object", "style", "b"}
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in found if "style" in attributes]


def test_nothing_of_a_page_or_a_list_that_was_sent_becomes_markup(engine: Engine, index: Index) -> None:
    found = Discovered(feeds=(Outline(url=LINK, title=EVIL), Outline(url=EVIL)))
    app = create_app(engine, index, lambda: NOW, b"a secret", find=lambda _: found)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    lines = f'<opml><outline text="{escape(EVIL)}" xmlUrl="{escape(EVIL)}"/><outline text="{escape(EVIL)}"/>'

    answers: list[TestResponse] = [
        client.post("/feeds", data={"url": EVIL, "folder": EVIL}),
        client.post("/feeds/import", data={"list": (BytesIO(lines.encode()), "feeds.opml")}),
    ]

    for answer in answers:
        assert answer.status_code == 200
        assert not {tag for tag, _ in tags(answer.text)} & {"script", "img", "b"}
        assert not set(answer.text) & set("\u202e\u2066\x1b")
        assert LINK not in [attributes.get("href") for _, attributes in tags(answer.text)]


def test_every_link_is_ours_or_a_web_address(page: Page) -> None:
    found = [tag for address in ADDRESSES for tag in tags(page(address))]
    links = [attributes.get("href") or "" for _, attributes in found]

    assert not [link for link in links if link and not re.match(r"(/|#|https?://)", link)]


def test_templates_do_not_run_what_a_source_says(page: Page) -> None:
    assert not [address for address in ADDRESSES if "49{%" in page(address)]


def test_no_source_turns_the_direction_of_a_line_or_of_a_terminal(page: Page) -> None:
    addresses = (*ADDRESSES, f"/search?q={quote(EVIL)}", f"/search?q=honest&source={quote(EVIL)}")

    assert not [address for address in addresses if set(page(address)) & set("\u202e\u2066\x1b")]


def test_ids_are_unique_and_references_find_them(page: Page) -> None:
    for address in ADDRESSES:
        found = [attributes for _, attributes in tags(page(address))]
        ids = [attributes["id"] for attributes in found if "id" in attributes]
        references = {attributes[name] for attributes in found for name in REFERENCES if name in attributes}

        assert len(ids) == len(set(ids)), address
        assert references <= set(ids), address


def test_every_page_has_one_main_heading_and_its_landmarks(page: Page) -> None:
    for address in ADDRESSES:
        names = [tag for tag, _ in tags(page(address))]

        assert [names.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1], address
        assert {"header", "nav", "footer"} <= set(names), address
