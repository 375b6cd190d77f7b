"""Cutting a feed into its entries: whatever is cut must read the same in any company.

Case files in `cases/items`: feeds of each dialect in three parts (before, one item, behind); what may stand in an
item of an ordinary feed and what would lead a careless cut astray, one a line with Python's escapes; names of elements.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import items, parse
from ingest.parsed import Entry
from kb.errors import NotAFeed

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

CASES = Path(__file__).parent / "cases" / "items"
DIALECTS = {path.stem: path.read_text("utf-8").split("\n=====\n") for path in sorted(CASES.glob("*.xml"))}
ORDINARY, NASTY, NAMES = (
    (CASES / f"{name}.txt").read_bytes().decode("unicode_escape").splitlines()
    for name in ("ordinary", "nasty", "names")
)
URL = "https://feed.example/feed"
MEDIA = "http://search.yahoo.com/mrss/"

ELEMENT = st.recursive(
    st.sampled_from(["", "text", "a &amp; b", "https://a.example/x", "2024-01-01"]),
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format,
        st.sampled_from(NAMES),
        st.sampled_from(
            ["", ' type="html"', ' type="xhtml"', ' type="xml"', ' xml:base="https://b.example/"']
        ),
        st.lists(inner, max_size=3).map("".join),
    ),
    max_leaves=5,
)
PIECES = st.lists(st.sampled_from(ORDINARY + NASTY) | ELEMENT, max_size=3).map("".join)
INSIDE = st.lists(st.sampled_from(ORDINARY) | ELEMENT, max_size=4).map("".join) | PIECES
AROUND = st.dictionaries(st.sampled_from(["prolog", "head", "gap", "tail"]), PIECES, max_size=1)


def document(
    dialect: str, inside: Sequence[str], *, prolog: str = "", head: str = "", gap: str = "", tail: str = ""
) -> bytes:
    """Return a feed whose items hold these pieces, with others around them."""
    before, item, behind = DIALECTS[dialect]
    each = (item.replace("{more}", more).replace("{n}", str(number)) for number, more in enumerate(inside))
    return f"{prolog}{before}{head}{gap.join(each)}{tail}{behind}".encode()


def entries(body: bytes, content_type: str | None = None) -> tuple[Entry, ...]:
    return parse.feed(body, URL, content_type).entries


def marks(body: bytes) -> tuple[str, ...]:
    pieces = items.cut(body, None)
    assert pieces is not None
    return pieces.marks


def is_cut(body: bytes, wanted: Sequence[int], content_type: str | None = None) -> bool:
    """Tell whether a feed is cut; where it is and no two entries share a key, the pieces must read as in the whole."""
    pieces = items.cut(body, content_type)
    if pieces is None:
        return False
    whole = entries(body, content_type)
    alone = [
        found for at in range(len(pieces.items)) for found in entries(items.only(pieces, [at]), content_type)
    ]
    if len({found.key for found in alone}) == len(pieces.items):
        assert tuple(alone) == whole
        some = entries(items.only(pieces, wanted), content_type)
        assert some == tuple(whole[position] for position in wanted)
    return True


@UNTIMED
@given(
    dialect=st.sampled_from(sorted(DIALECTS)),
    inside=st.lists(INSIDE, min_size=1, max_size=4),
    around=st.just({}) | AROUND,
    picks=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_what_is_cut_reads_as_in_the_whole(
    dialect: str, inside: list[str], around: dict[str, str], picks: list[bool]
) -> None:
    try:
        is_cut(
            document(dialect, inside, **around),
            [number for number in range(len(inside)) if picks[number]],
        )
    except NotAFeed:
        pytest.fail("a part is no feed, though the whole is one, or the whole is none though it was cut")


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("more", ORDINARY)
def test_ordinary_feeds_are_cut(dialect: str, more: str) -> None:
    assert is_cut(document(dialect, ["", more, more]), [1])


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "iso-8859-2", "iso-2022-jp"]
)
def test_any_encoding_is_cut(encoding: str) -> None:
    word = "お客様" if encoding == "iso-2022-jp" else "Łódź"
    text = document("rss", ["", f"<description>{word}</description>"]).decode()

    assert is_cut(text.encode(encoding), [1], f"text/xml; charset={encoding}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": "<rss><item></item></rss>"}]}',
        b"<rss><channel><title>None yet</title></channel></rss>",
        document("rss", ["", ""], prolog="junk"),
        document("rss", ["", ""], prolog='<!DOCTYPE rss [<!ENTITY a "b">]>'),
        document("rss", ["", ""], prolog="<!-- <rss > -->"),
        document("rss", ["", ""], gap="<link>https://b.example</link>"),
        document("rss", ["", ""], gap="text"),
        document("rss", ["", ""], tail="<link>https://b.example</link>"),
        document("rss", ["", ""], tail="</channel></rss>"),
        document("rss", ["", ""], head="<b>"),
        document("rss", ["", ""], head="<!-- <item > -->"),
        document("rss", ["", ""], head="<description><title>Inside</title></description>"),
        document("rss", ["", ""], head='<image xml:base="https://b.example/"/>'),
        document("rss", ["<item></item>", ""]),
        document("rss", ["<ITEM/>", ""]),
        document("rss", ["<b>", ""]),
        document("rss", ["<![CDATA[</item>]]>", ""]),
        document("rss", ["<!-- <![CDATA[ -->", ""]),
        document("rss", ["<!-- --\u200b> <b> -->", ""]),
        document("rss", ["\x00", ""]),
        document("rss", ["<description><title>Inside</title></description>", ""]),
        document("rss", [f'<a:content xmlns:a="{MEDIA}"><a:title/></a:content>', ""]),
        document("atom", ['<link xml:base="https://b.example/">x</link>', ""]),
        document("atom", ['<link xml:base="https://b.example/">https://[</link>', ""]),
        document("atom", ['<link xml:base="https://b.example/"><b/></link>', ""]),
        document("atom", ['<link href="x" xml:base="https://b.example/"/>', ""]),
        document("rss", ["<link xml:base = 'https://b.example/'>https://a.example/</link>", ""]),
        document("rss", ['<x:y xmlns:x="https://x.example/"/>', ""]),
        document("rss", ['<total xmlns="http://purl.org/syndication/thread/1.0"/>', ""]),
        document("rss", ["<textInput/>", ""]),
        document("rss", ["", ""]).replace(b"<rss ", b'<rss xmlns="https://x.example/" '),
        document("rdf", ["", ""]).replace(b"http://purl.org/rss/1.0/", b"https://x.example/"),
    ],
)
def test_what_is_not_certain_is_not_cut(body: bytes) -> None:
    assert items.cut(body, None) is None


@pytest.mark.parametrize(
    "inside",
    [
        b"<item></item>" * 10_001,
        b"<item>" + b"<a/>" * 100_000 + b"</item>",
        b"<item>" + b"</item " * 50_000,
        b"<item>" * 50_000,
        b"<![CDATA[" * 10_000 + b"<item></item>",
        b"<!--" * 20_000 + b"<item></item>",
        b"<pubDate>" * 20_000 + b"<item></item>",
        b"<item>" + b"<b>" * 50_000 + b"</item>",
    ],
)
def test_hostile_feeds_are_not_cut(inside: bytes) -> None:
    assert items.cut(b"<rss><channel>" + inside + b"</channel></rss>", None) is None


@pytest.mark.parametrize(
    ("dialect", "more"),
    [
        ("atom", '<content xml:base="https://b.example/">a</content><link href="https://a.example/{n}"/>'),
        ("atom", '<link xml:base="https://b.example/">https://a.example/{n}</link>'),
        ("rss", "<media:content><media:title>Film</media:title></media:content>"),
        ("rss", "<description>He said &ldquo;no&rdquo; & left.</description>"),
    ],
)
def test_what_real_feeds_do_is_cut(dialect: str, more: str) -> None:
    assert is_cut(document(dialect, [more, more, ""]), [1, 2])


@pytest.mark.parametrize(
    ("dialect", "old", "new"),
    [
        ("rss", "Mon, 1 Jan 2024", "Tue, 2 Jan 2024"),
        ("rss", "0.1 seconds", "0.2 seconds"),
        ("rss", '<?xml version="1.0"?>', '<?xml version="1.0"?><!-- now -->'),
        ("atom", "2024-01-01T00:00:00Z", "2024-02-01T00:00:00+01:00"),
        (
            "rdf",
            '<rdf:li rdf:resource="https://a.example/1"/>',
            '<rdf:li resource="https://a.example/2?a&b" />',
        ),
    ],
)
def test_what_moves_at_every_fetch_does_not_change_a_mark(dialect: str, old: str, new: str) -> None:
    body = document(dialect, ["", ""]).decode()
    assert old in body

    assert marks(body.replace(old, new).encode()) == marks(body.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://a.example/", "https://b.example/"),
        ('xmlns:media="', 'xmlns:film="'),
        ("<title>T</title>", "<title>U</title>"),
        ("Mon, 1 Jan 2024", "Mon &amp; Tue"),
        ('<?xml version="1.0"?>', ""),
    ],
)
def test_what_an_item_may_depend_on_changes_its_mark(old: str, new: str) -> None:
    body = document("rss", ["", ""]).decode()
    assert old in body

    assert not set(marks(body.replace(old, new).encode())) & set(marks(body.encode()))


def test_a_date_that_is_part_of_a_text_changes_the_marks() -> None:
    link = "<link><![CDATA[<updated>2024-01-0{}</updated>]]></link>"

    assert marks(document("rss", [""], head=link.format(1))) != marks(
        document("rss", [""], head=link.format(2))
    )


def test_a_base_in_one_item_counts_for_all() -> None:
    base = '<content xml:base="https://b.example/">text</content>'

    assert marks(document("atom", ["", base]))[0] != marks(document("atom", ["", ""]))[0]


def test_the_address_of_the_feed_changes_the_marks() -> None:
    body = document("rss", ["", ""])
    elsewhere = items.cut(body, None, url="https://b.example/feed")

    assert elsewhere is not None
    assert not set(elsewhere.marks) & set(marks(body))


def test_another_item_leaves_the_marks_of_the_rest() -> None:
    assert marks(document("rss", ["<b/>", "", "a"]))[1:] == marks(document("rss", ["<a/>", "", "a"]))[1:]


def test_a_known_item_is_not_looked_at_again() -> None:
    known = marks(document("rss", ["", "<pubDate/>"]))
    grown, doubtful = (document("rss", ["", "<pubDate/>", more]) for more in ("<link/>", "<b>"))

    assert items.cut(grown, None, known=known) == items.cut(grown, None)
    assert items.cut(doubtful, None, known=known) is None


def test_items_come_in_the_order_of_the_document() -> None:
    pieces = items.cut(document("rss", ["", "", ""]), None)

    assert pieces is not None
    assert items.only(pieces, [2, 0]) == items.only(pieces, [0, 2])
