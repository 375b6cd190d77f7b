import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import address, privacy
from kb.errors import BadAddress


@pytest.mark.parametrize(
    ("given", "known_as"),
    [
        ("  https://A.Example/Feed?x=1#part ", "https://a.example/Feed?x=1"),
        ("http://a.example:80", "http://a.example/"),
        ("HTTPS://a.example:443?x=1", "https://a.example/?x=1"),
        ("https://a.example:8443/f", "https://a.example:8443/f"),
        ("feed://a.example/rss", "http://a.example/rss"),
        ("feed://a.example/rss?of=http://b.example/", "http://a.example/rss?of=http://b.example/"),
        ("FEED:https://a.example/rss", "https://a.example/rss"),
        ("http://user:pass@a.example/rss", "http://user:pass@a.example/rss"),
        ("http://[2001:DB8::1]/rss", "http://[2001:db8::1]/rss"),
        ("http://a.example./rss", "http://a.example/rss"),
    ],
)
def test_an_address_has_one_form(given: str, known_as: str) -> None:
    assert address.normal(given) == known_as


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "  ",
            "a.example/feed",
            "feed:",
            "feed:a.example/feed",
            "ftp://a.example/",
            "javascript:alert(1)",
        ),
        *("http://", "http:///feed", "file:///etc/passwd", "http://a example/", "http://a.example/\x00"),
        *("http://[::1", "http://a.example:99999/", "http://" + "a" * 3000, "https://a.example/\udcff"),
    ],
)
def test_what_can_never_be_fetched_is_no_address(given: str) -> None:
    with pytest.raises(BadAddress):
        address.normal(given)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" blog.example ", "https://blog.example/"),
        ("blog.example:8080/news?x=1", "https://blog.example:8080/news?x=1"),
        ("http://blog.example", "http://blog.example/"),
    ],
)
def test_people_leave_the_scheme_out(typed: str, meant: str) -> None:
    assert address.typed(typed) == meant


@pytest.mark.parametrize("typed", ["", "news", "javascript:alert(1)", "localhost", "a.example is down"])
def test_what_no_host_begins_is_no_address_either(typed: str) -> None:
    with pytest.raises(BadAddress):
        address.typed(typed)


def test_http_and_https_are_one_feed() -> None:
    assert address.alike("http://a.example/x") == address.alike("https://a.example/x")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/feed?token=hunter2&page=2", "https://a.example/feed?token=…&page=2"),
        ("https://a.example/?x=1&apiKey=hunter2", "https://a.example/?x=1&apiKey=…"),
        ("https://a.example/?os%5FauthType=basic", "https://a.example/?os%5FauthType=…"),
        ("https://a.example/rss?pw=12", "https://a.example/rss?pw=…"),
        ("https://ann:pass@a.example:8443/rss", "https://…@a.example:8443/rss"),
        ("https://a.example/rss;jsessionid=AB12?x=1", "https://a.example/rss;jsessionid=…?x=1"),
        ("https://a.example/secret:0a1b/u:ann/", "https://a.example/secret:…/u:ann/"),
        (
            "https://a.example/ical/private-0123456789abcdef0123456789abcdef/basic.ics",
            "https://a.example/ical/private-…/basic.ics",
        ),
        ("https://a.example/private/ab12cd.rss", "https://a.example/private/….rss"),
        (
            "https://a.example/show/1f0b4c8e-1111-4222-8333-abcdefabcdef.rss",
            "https://a.example/show/….rss",
        ),
        ("https://a.example/n/x8f3k2m9q1z7w4b6n5v0.xml", "https://a.example/n/….xml"),
        ("https://a.example/n/aB3-xY7_kQ9-mZ2_vW5-tR8", "https://a.example/n/…"),
        ("https://a.example/?f=Zk3xQ9vT1mB7nL5wR2cD", "https://a.example/?f=…"),
        ("https://a.example/?Zk3xQ9vT1mB7nL5wR2cD", "https://a.example/?…"),
        ("https://a.example/feed#access_token=1a2b", "https://a.example/feed#access_token=…"),
        (
            "https://www.google.com/alerts/feeds/01234567890123456789/1234567890123456789",
            "https://www.google.com/alerts/feeds/…/…",
        ),
        ("feed:https://a.example/?key=hunter2", "feed:https://a.example/?key=…"),
        ("https://ann:pass@[broken/rss", "https://…"),
    ],
)
def test_a_secret_is_not_shown(url: str, shown: str) -> None:
    assert privacy.shown(url) == shown
    assert privacy.is_private(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/2014/03/12/CustomerServiceBlogUpdate2014.xml",
        "https://a.example/top-10-tips-for-2014-and-3-ways-to-keep-them/feed/",
        "https://a.example/key-performance-indicators/private-banking/feed",
        "https://a.example/private/banking-news/feed",
        "https://a.example/feed?keyword=customer&author=smith&hashtag=cx&page=2&format=rss",
        "https://a.example/?feed=rss2&private=1&auth=",
        "https://video.example/videos.xml?channel_id=UCabcdefghij0123456789_-",
        "https://video.example/videos/UCabcdefghij0123456789_-",
        "https://a.example/feed?u=887caf4f48db76fd91e20a06d&id=4eb677ad19",
        "https://news.example/rss/b82693edf38ebff8",
        "https://a.example/wp-content/uploads/internationalisation.xml",
        "notes/2024/private/token-of-thanks-1234567890.txt",
        "C:\\notes\\one.txt",
        "a.example/?token=x y",
        "",
    ],
)
def test_what_is_no_secret_is_shown_as_it_is(url: str) -> None:
    assert privacy.shown(url) == url
    assert not privacy.is_private(url)


@given(st.text(st.sampled_from("ab12:/?#&;=.@[]%…-_ tokenkeyhttps"), max_size=60))
def test_what_is_shown_holds_no_more_secrets(text: str) -> None:
    assert not privacy.is_private(privacy.shown(text))


@given(st.text(max_size=200))
def test_no_text_is_too_odd_to_be_shown(text: str) -> None:
    assert isinstance(privacy.shown("https://a.example/" + text), str)
