import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.permalinks import address, permalink

PAGE = "https://till.example/queues"


@pytest.mark.parametrize(
    ("link", "base", "found"),
    [
        ("https://a.example/1", "", "https://a.example/1"),
        ("1.html", "https://a.example/blog/", "https://a.example/blog/1.html"),
        ("//b.example/1", "https://a.example/", "https://b.example/1"),
        (" https://a.example/\n1 ", "", "https://a.example/ 1"),
        ("1.html", "", None),
        ("javascript:alert(1)", "https://a.example/", None),
        ("http://[x", "", None),
        ("http://", "", None),
        ("", "https://a.example/", None),
        (None, "https://a.example/", None),
        ("https://a.example/" + "x" * 5_000, "", None),
    ],
)
def test_a_link_counts_where_it_leads_to_the_web(link: str | None, base: str, found: str | None) -> None:
    assert address(link, base) == found


@pytest.mark.parametrize(
    "extra",
    [
        "?utm_source=rss&utm_medium=rss&UTM_Campaign=x",
        "?fbclid=1",
        "?mc_cid=1&mc_eid=2",
        "?_hsenc=1&_hsmi=2",
        "?gclid=1&igshid=2&pk_campaign=3",
        "?utm_source=a&amp;utm_medium=b",
        "?source=rss----1f2e---4",
        "?ref=feed&rss=1",
        "?",
        "#",
        "#comments",
        "#respond",
        "#more-123",
        "#utm_source=rss",
        "#xtor=RSS-1",
        "#:~:text=sorry",
        "?utm_source=a#utm_medium=b",
    ],
)
def test_what_only_tells_where_a_reader_came_from_goes(extra: str) -> None:
    assert permalink(PAGE + extra) == PAGE


@pytest.mark.parametrize(
    "url",
    [
        "https://till.example/?p=7",
        "https://till.example/?b=2&a=1&c",
        "https://till.example/?source=catalogue&ref=42",
        "https://till.example/?q=a%20b+c&x=%E4",
        "https://till.example/changes#v2",
        "https://till.example/#!/post/1",
        "https://till.example/#/post/1",
        "https://till.example/?redirect=https://a.example/?utm_source=x",
        "no address at all",
    ],
)
def test_all_else_stays_as_it_is(url: str) -> None:
    assert permalink(url) == url


def test_the_other_parameters_keep_their_order() -> None:
    assert permalink(f"{PAGE}?z=1&utm_source=x&a=2&fbclid=3&m=4#part-2") == f"{PAGE}?z=1&a=2&m=4#part-2"


@given(
    st.text() | st.from_regex(r"https://a\.example/(\?((utm_a|p|ref)=[a-z]*&?)*)?(#[a-z]*)?", fullmatch=True)
)
def test_what_was_shortened_once_is_short(url: str) -> None:
    assert permalink(permalink(url)) == permalink(url)
