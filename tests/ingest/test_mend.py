from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import mend
from ingest.parsed import MOST_ENTRIES

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def inner(text: str) -> str | None:
    return ET.fromstring(mend.xml(f"<rss><a>{text}</a></rss>")).findtext("a")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Tea & cake", "Tea & cake"),
        ("a&b=c;&&", "a&b=c;&&"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ("caf&eacute;&nbsp;&hellip;", "café\xa0…"),
        ("&amp;eacute; &lt;b&gt; &quot;&apos;", "&eacute; <b> \"'"),
        ("&nope; &b;", "&nope; &b;"),
        ("&#233;&#xe9;&#x1F600;&#8217;&#x2019;&#9;", "éé\U0001f600’’\t"),
        ("a\x01b\x00c\ud800d\ufffee\x0cf\x1fg", "abcd e f g"),
        ("<![CDATA[Tea & cake < &nope; &#0;]]> &", "Tea & cake < &nope; &#0; &"),
    ],
)
def test_what_would_make_xml_unreadable_is_mended(written: str, read: str) -> None:
    assert inner(written) == read


@pytest.mark.parametrize(
    "number",
    [
        "#xD800",
        "#55296",
        "#0",
        "#x1b",
        "#27",
        "#x110000",
        "#99999999999999999999",
        "#xFFFFFFFFFFFF",
        "#xfffe",
    ],
)
def test_a_number_that_is_no_character_costs_only_itself(number: str) -> None:
    assert inner(f"a&{number};b") == "a\ufffdb"


@pytest.mark.parametrize(
    "text",
    [
        "<rss version='2.0'/>",
        "<RSS>",
        "<rdf:RDF xmlns:rdf='x'>",
        "<feed\n>",
        "<a:feed >",
        "<channel>",
        "<entry xmlns='http://www.w3.org/2005/Atom'>",
    ],
)
def test_the_root_of_a_feed_is_found_behind_anything(text: str) -> None:
    assert mend.root(f"junk <?xml?xml x?><!-- y -->{text}") == 28


@pytest.mark.parametrize("text", ["", "<html><p>A feed>", "<feedback>", "<opml>", "<entry>", "rss"])
def test_other_documents_have_none(text: str) -> None:
    assert mend.root(text) is None


def test_what_follows_the_root_goes() -> None:
    assert mend.xml("<rss><a>b</a></rss ><script>track()</script></html>") == "<rss><a>b</a></rss >"


@pytest.mark.parametrize("text", ["<rss><a>b</a>", "<rss></rss", "<a>b</a> </rss>"])
def test_a_feed_without_an_end_stays_as_it_is(text: str) -> None:
    assert mend.xml(text) == text


def test_a_tag_without_end_goes() -> None:
    endless = "<a b=" + "x" * mend.LONGEST_TAG

    assert mend.xml(f"<rss>{endless}>c</a><d>{'x' * mend.LONGEST_TAG}</d></rss>").startswith("<rss></a><d>x")


@pytest.mark.parametrize(
    ("head", "end"),
    [
        ("<rss><channel>", "</channel></rss>"),
        ("<feed>", "</feed>"),
        ("<rdf:RDF><channel></channel>", "</rdf:RDF>"),
    ],
)
def test_a_feed_beyond_the_caps_ends_behind_an_entry(head: str, end: str) -> None:
    entry = "<item><a/><![CDATA[<b><b>]]></item>"

    assert mend.xml(head + entry * 20_000 + end) == head + entry * MOST_ENTRIES + end
    assert mend.xml(head + entry + "<item>" + "<a/>" * mend.MOST_TAGS + end) == head + entry + end


def test_tags_beyond_the_cap_go() -> None:
    assert (
        mend.xml("<rss>" + "<a/>" * (mend.MOST_TAGS + 5))
        == "<rss>" + "<a/>" * (mend.MOST_TAGS - 1) + "</rss>"
    )


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("<rss><a/></rss>", "<rss><a/></rss>"),
        ("<rss><a/><item>1</item><item>2</item><b/></rss>", "<rss><a/>item><b/></rss>"),
        ("<rss><a/><item>1", "<rss><a/>1"),
    ],
)
def test_what_a_feed_says_of_itself_stands_around_its_entries(text: str, outside: str) -> None:
    assert mend.outside(text) == outside


@UNTIMED
@given(st.text())
def test_text_without_tags_always_becomes_xml(text: str) -> None:
    assert inner(text.replace("<", "< ").replace("]]>", "")) is not None
