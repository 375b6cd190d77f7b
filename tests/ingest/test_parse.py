"""Feeds: case files in `cases/parse`: a feed, a line `=====`, and in JSON the fields that it must come to."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import parse
from ingest.parse import Entry
from kb.errors import NotAFeed

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "parse").glob("*.txt"))
URL = "https://feed.example/feed"
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
MOMENT = st.datetimes(timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    key=TEXT,
    title=TEXT,
    url=st.none() | TEXT,
    published=st.none() | MOMENT,
    updated=st.none() | MOMENT,
    html=st.none() | TEXT,
    tags=st.lists(TEXT).map(tuple),
)


def rss(items: str, head: str = "") -> bytes:
    return f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def plain(value: object) -> object:
    return json.loads(json.dumps(value, default=datetime.isoformat))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    body, line, wanted = path.read_text("utf-8").partition("\n=====\n")
    assert line, "a case without expectation"
    expected = json.loads(wanted)

    found = parse.feed(body.encode(), URL)

    assert [plain(asdict(entry)) for entry in found.entries] == [
        {**plain(asdict(entry)), **fields}  # type: ignore[dict-item]  # an entry is an object in JSON
        for entry, fields in zip(found.entries, expected.pop("entries"), strict=True)
    ]
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b" \n", "an empty answer"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "a web page, not a feed"),
        (b"<html><body><p>What is an <rss > feed?</body>", "a web page, not a feed"),
        (b"Just words.", "what came holds no feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "what came holds no feed"),
        (b"<channel >", "what came holds no feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "what came holds no feed"),
    ],
)
def test_what_is_no_feed_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason):
        parse.feed(body, URL)


def test_a_feed_beyond_the_cap_is_refused() -> None:
    with pytest.raises(NotAFeed, match="larger than any feed"):
        parse.feed(b"<rss>" + b" " * parse.LARGEST, URL)


def test_entries_beyond_the_cap_are_not_read() -> None:
    found = parse.feed(rss("<item><guid>{}</guid></item>" * (parse.MOST_ENTRIES + 5)), URL)

    assert len(found.entries) == 1  # one guid for all, and no links


def test_tags_beyond_the_cap_are_not_read() -> None:
    found = parse.feed(
        rss("<item><guid>1</guid></item>" + "<a/>" * parse.MOST_TAGS + "<item><guid>2</guid></item>"), URL
    )

    assert [entry.key for entry in found.entries] == ["1"]


@pytest.mark.parametrize(
    "items",
    [
        "<item><title>&lol;</title></item>",
        "<item><description>" + "<div>" * 20_000,
        "<item><description><![CDATA[" + '<a href="' * 20_000,
        "<item><description>" + '<![><img src="]>' * 20_000,
        "<item><description>" + "<!--" * 20_000,
        "<item><description>" + "<![CDATA[" * 20_000,
        "<item>" * 20_000,
    ],
)
def test_hostile_feeds_come_to_an_end(items: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY lo "lol"><!ENTITY lol "' + "&lo;" * 1_000 + '">]>'

    found = parse.feed(rss(items, bomb), URL)

    assert all("lollol" not in entry.title for entry in found.entries)


@UNTIMED
@given(st.binary() | st.text().map(lambda text: rss(f"<item><title>{text}</title></item>")))
def test_no_body_breaks_the_parser(body: bytes) -> None:
    try:
        found = parse.feed(body, URL)
    except NotAFeed:
        return
    assert all(entry.key for entry in found.entries)


@pytest.mark.parametrize(
    "number", ["#xD800", "#55296", "#0", "#x1b", "#x110000", "#99999999999999999999", "#xFFFFFFFFFFFF"]
)
def test_a_number_that_is_no_character_costs_only_itself(number: str) -> None:
    found = parse.feed(rss(f"<item><title>a&{number};b</title></item>"), URL).entries[0]

    assert found.title == "a\ufffdb"
    assert parse.unpack(parse.pack(found)) == found


def test_an_entry_without_id_and_link_is_named_by_its_content() -> None:
    one, other = (
        parse.feed(rss(f"<item><title>{title}</title></item>"), URL).entries[0] for title in ("One", "Other")
    )

    assert one.key.startswith("sha256:")
    assert one.key != other.key


def test_a_number_for_an_id_does_not_change_with_the_address_of_the_feed() -> None:
    body = rss("<item><guid>17</guid></item>")

    assert (
        parse.feed(body, "http://a.example/").entries[0].key
        == parse.feed(body, "https://b.example/").entries[0].key
    )


def test_the_longest_content_is_the_text() -> None:
    body = (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title/>'
        b"<content>Short.</content><content>A longer one.</content></entry></feed>"
    )

    assert parse.feed(body, URL).entries[0].html == "<p>A longer one.</p>"


def test_the_declared_encoding_counts() -> None:
    body = '<?xml version="1.0" encoding="iso-8859-2"?><rss version="2.0"><channel><title>Łódź</title></channel></rss>'

    assert parse.feed(body.encode("iso-8859-2"), URL).title == "Łódź"


def test_the_encoding_of_the_answer_counts() -> None:
    body = '<rss version="2.0"><channel><title>Łódź</title></channel></rss>'.encode("iso-8859-2")

    assert parse.feed(body, URL, "text/xml; charset=ISO-8859-2").title == "Łódź"


def test_a_source_without_a_link_is_the_feed_itself() -> None:
    body = b'<rss version="2.0"><channel><link>https://a.example</link><item><guid>1</guid><source>x</source></item></channel></rss>'

    assert parse.feed(body, URL).entries[0].site_url == "https://a.example"


def test_a_date_out_of_range_is_none() -> None:
    body = rss("<item><guid>1</guid><pubDate>9999-12-31T23:59:59-23:59</pubDate></item>")

    assert parse.feed(body, URL).entries[0].published is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ida Holm", "Ida Holm"),
        ("(Ida Holm)", "Ida Holm"),
        ("mailto:ida@till.example", None),
        ("https://till.example/ida", None),
        ("<b>Ida</b>&nbsp;Holm", "Ida Holm"),
        (" - ", None),
    ],
)
def test_a_person_is_a_name(written: str, name: str | None) -> None:
    assert parse.person(written) == name


@UNTIMED
@given(ENTRIES)
def test_a_packed_entry_comes_back(entry: Entry) -> None:
    packed = parse.pack(entry)

    assert parse.unpack(packed) == entry
    assert parse.pack(parse.unpack(packed)) == packed
