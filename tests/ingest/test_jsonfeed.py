"""What the case files of `parse` do not show."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import jsonfeed, parsed
from ingest.parsed import MOST_ENTRIES, MOST_TAGS, ParsedFeed
from kb.errors import NotAFeed

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

URL = "https://feed.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"
NAMES = st.sampled_from(
    [
        "id",
        "url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "tags",
        "author",
        "authors",
        "name",
        "items",
        "hubs",
        "type",
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=20,
)


def read(*items: object, **feed: object) -> ParsedFeed:
    return jsonfeed.read(json.dumps({"version": VERSION, "items": items, **feed}), URL)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ('{"version": "https://jsonfeed.org/version/1"}', True),
        (' {"version":"http:\\/\\/www.jsonfeed.org\\/version\\/1"}', True),
        ('{"items": []}', True),
        ('{"version": "1.0"}', False),
        ('[{"version": "https://jsonfeed.org/version/1"}]', False),
        ("<rss/>", False),
        ("", False),
    ],
)
def test_a_json_feed_is_told_by_its_version_or_items(text: str, is_one: bool) -> None:
    assert jsonfeed.is_one(text) == is_one


def test_links_count_from_the_site_else_from_the_feed() -> None:
    item = {"url": "/1"}

    assert read(item).entries[0].url == "https://feed.example/1"
    assert read(item, home_page_url="https://till.example/").entries[0].url == "https://till.example/1"


def test_a_million_digits_are_an_id_like_any_other() -> None:
    text = f'{{"version": "{VERSION}", "items": [{{"id": {"1" * 1_000_000}}}]}}'

    assert jsonfeed.read(text, URL).entries[0].key == parsed.key("1" * 1_000_000, None, "", None)


def test_items_beyond_the_cap_are_not_read() -> None:
    assert len(read(*({"id": str(number)} for number in range(MOST_ENTRIES + 5))).entries) == MOST_ENTRIES


def test_tags_beyond_the_cap_are_not_read() -> None:
    assert len(read({"id": "1", "tags": [str(number) for number in range(500)]}).entries[0].tags) == MOST_TAGS


def test_a_feed_whose_head_is_broken_keeps_its_items() -> None:
    found = jsonfeed.read(f'{{"version": "{VERSION}", "title": Till, "items": [{{"id": "1"}}]}}', URL)

    assert (found.title, [entry.key for entry in found.entries]) == ("", ["1"])


@pytest.mark.parametrize("text", ['{"version": 1}', "{", '{"items": [', "[]", '{"items": [{"id": 1}]}'])
def test_what_is_no_json_feed_says_so(text: str) -> None:
    with pytest.raises(NotAFeed, match="what came holds no feed"):
        jsonfeed.read(text, URL)


def test_the_first_hub_of_websub_counts() -> None:
    hubs = [7, {"type": "WebSub"}, {"type": "websub", "url": "/hub"}, {"url": "https://other.example/"}]

    assert read(hubs=hubs).hub == "https://feed.example/hub"


@UNTIMED
@given(st.dictionaries(NAMES, ANYTHING), st.lists(st.dictionaries(NAMES, ANYTHING)))
def test_no_types_break_it(feed: dict[str, object], items: list[dict[str, object]]) -> None:
    found = read(**{"items": items, **feed})

    assert all(entry.key for entry in found.entries)
    repr(found).encode()  # no halves of characters are left


def test_a_document_that_breaks_off_before_any_entry_is_refused() -> None:
    broken = f'{{"version": "{VERSION}", "title": "Deep", "items": ' + "[" * 50_000

    with pytest.raises(NotAFeed, match="no feed that can be read"):
        jsonfeed.read(broken, URL)
