"""Feeds: case files in `cases/parse`: a feed, a line `=====`, and in JSON the fields that it must come to."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from unittest import mock

import feedparser.api
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import expat, parse
from ingest.mend import MOST_TAGS
from ingest.parsed import MOST_ENTRIES
from kb.errors import NotAFeed

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = sorted((Path(__file__).parent / "cases" / "parse").glob("*.txt"))
URL = "https://feed.example/feed"


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
    said = plain(asdict(found))
    assert {name: said[name] for name in expected} == expected  # type: ignore[index]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "an empty answer"),
        (b" \n", "an empty answer"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "a web page, not a feed"),
        (b"<html><body><p>What is an <rss > feed?</body>", "a web page, not a feed"),
        (b"Just words.", "what came holds no feed"),
        (b'{"items": [{"id": 1, "content": "of another program"}]}', "what came holds no feed"),
        (b'{"version": 2, "items": "none"}', "what came holds no feed"),
        (
            b'{"version": "https://jsonfeed.org/version/1.1"' + b"," * 500_000,
            "what came is larger than any feed",
        ),
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
    items = "".join(f"<item><guid>{number}</guid></item>" for number in range(MOST_ENTRIES + 5))

    assert len(parse.feed(rss(items), URL).entries) == MOST_ENTRIES


def test_tags_beyond_the_cap_are_not_read() -> None:
    found = parse.feed(
        rss("<item><guid>1</guid></item>" + "<a/>" * MOST_TAGS + "<item><guid>2</guid></item>"), URL
    )

    assert [entry.key for entry in found.entries] == ["1"]


@pytest.mark.parametrize(
    "items",
    [
        "<item><title>&lol;</title></item>",
        "<item><description>" + "<div>" * 20_000,
        "<item><description><![CDATA[" + '<a href="' * 20_000,
        "<item><description>" + '<![><img src="]>' * 20_000,
        "<item><description>" + "<!--" * 200_000,
        "<item><description>" + "<![CDATA[" * 20_000,
        "<item>" * 20_000,
        "<item><title>" + "\n" * 1_000_000,
        "<item><author>" + "a" * 200_000 + "</author></item>",
        "<item>" + "".join(f'<category domain="{n}">{n}</category>' for n in range(40_000)) + "</item>",
        "".join(f'<a{n}:b xmlns:a{n}="u:{n}"/>' for n in range(40_000)),
        "<item " + " ".join(f'a{n}="1"' for n in range(9_000)) + "/>",
        "<skipHours>" * 20_000,
        "<a" + " " * 1_000_000,
    ],
    ids=range(14),
)
def test_hostile_feeds_come_to_an_end(items: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY lo "lol"><!ENTITY lol "' + "&lo;" * 1_000 + '">]>'

    found = parse.feed(rss(items, bomb), URL)

    assert all("lollol" not in entry.title for entry in found.entries)


@pytest.mark.parametrize("junk", ["[" * 100_000, '{"a":' * 100_000, "1" * 100_000, '"' * 100_000])
def test_hostile_json_comes_to_an_end(junk: str) -> None:
    head = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"}, '

    assert [entry.key for entry in parse.feed(f"{head}{junk}".encode(), URL).entries] == ["1"]
    with pytest.raises(NotAFeed):
        parse.feed(f"{head.replace('items', 'ітems')}{junk}".encode(), URL)


@UNTIMED
@given(st.binary() | st.text().map(lambda text: rss(f"<item><title>{text}</title></item>")))
def test_no_body_breaks_the_parser(body: bytes) -> None:
    try:
        found = parse.feed(body, URL)
    except NotAFeed:
        return
    assert all(entry.key for entry in found.entries)


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


@UNTIMED
@given(
    st.lists(
        st.sampled_from(
            ["<b>", "</b>", "&amp;", "&#233;", "\n", "\r\n", "word ", "<![CDATA[<p>\n&x;]]>", "é"]
        )
    ).map("".join)
)
def test_text_in_one_piece_comes_to_the_same(text: str) -> None:
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id>'
        f"<title>{text}</title><summary type='html'>{text}</summary>"
        f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{text}</div></content></entry></feed>"
    )

    with mock.patch.object(feedparser.api, "PREFERRED_XML_PARSERS", []):
        plainly = parse.feed(document.encode(), URL)

    assert parse.feed(document.encode(), URL) == plainly


def test_feedparser_reads_with_our_driver() -> None:
    with mock.patch.object(expat, "create_parser", wraps=expat.create_parser) as made:
        parse.feed(rss(""), URL)

    assert made.call_count == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp037"])
def test_a_feed_is_read_in_any_encoding(encoding: str) -> None:
    body = "<?xml version='1.0' encoding='iso-8859-1'?><rss version='2.0'><channel><title>Tea</title></channel></rss>"

    assert parse.feed(body.encode(encoding), URL).title == "Tea"


def test_the_text_of_a_feed_is_what_came() -> None:
    assert parse.text("<rss>Tea & caf\xe9".encode("utf-16"), URL) == "<rss>Tea & café"


def test_json_is_told_by_its_content() -> None:
    body = '\ufeff{"version": "https://jsonfeed.org/version/1.1", "title": "Till"}'.encode()

    assert parse.feed(body, URL, "text/html; charset=iso-8859-1").title == "Till"


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


def test_a_feed_over_which_the_parser_stumbles_is_refused() -> None:
    odd = "<abstract><width></width></abstract>"

    with pytest.raises(NotAFeed, match="so broken"):
        parse.feed(rss(f"<item><title>One</title>{odd}</item>"), URL)
