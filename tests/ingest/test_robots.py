import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.robots import Rules

PAGE = "https://till.example/blog/own-it?print=1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /private",
        "User-agent: SomeBot\nDisallow: /",
        "User-agent: Guide\nDisallow: /",
        "User-agent: *\nDisallow: /\n\nUser-agent: Guidepost\nDisallow: /private",
        "User-agent: *\nDisallow: /\nAllow: /blog",
        "User-agent: *\nDisallow: /*print=\nAllow: /blog/own-it*",
        "User-agent: *\nDisallow: /blog$",
        "User-agent: *\nDisallow: /blog\nAllow: /blog",
        "Disallow: /",
        "<html><body>Not found</body></html>",
    ],
)
def test_a_page_that_no_rule_closes_may_be_asked_for(text: str) -> None:
    assert Rules(text.encode()).allow(PAGE)


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /",
        "\ufeffUser-agent: *\r\nDisallow: /blog # all of it",
        "user-agent:GUIDEPOST\ndisallow:/",
        "User-agent: Guidepost/1.0\nDisallow: /",
        "User-agent: SomeBot\nUser-agent: Guidepost\nDisallow: /",
        "User-agent: SomeBot\nDisallow: /x\n\nUser-agent: *\nDisallow: /",
        "User-agent: Guidepost\nDisallow: /x\n\nUser-agent: guidepost\nDisallow: /blog",
        "User-agent: *\nDisallow: /*print=",
        "User-agent: *\nAllow: /blog\nDisallow: /blog/own",
        "User-agent: *\nDisallow: /bl%6Fg",
    ],
)
def test_a_page_that_a_rule_closes_may_not(text: str) -> None:
    assert not Rules(text.encode()).allow(PAGE)


@pytest.mark.parametrize(
    ("delay", "seconds"), [("2.5", 2.5), ("3600", 30.0), ("-1", 0.0), ("inf", 0.0), ("soon", 0.0)]
)
def test_a_site_can_ask_for_pauses(delay: str, seconds: float) -> None:
    assert Rules(f"User-agent: *\nCrawl-delay: {delay}".encode()).delay == seconds


def test_what_is_said_to_others_is_no_matter() -> None:
    assert Rules(b"User-agent: SomeBot\nCrawl-delay: 20").delay == 0


def test_many_robots_with_many_rules_take_no_more_than_a_few() -> None:
    robots = "\n".join(f"User-agent: bot{n}" for n in range(15_000))
    rules = "\n".join(f"Disallow: /{n}" for n in range(15_000))

    assert Rules(f"{robots}\n{rules}".encode()).allow(PAGE)


def test_rules_beyond_the_size_that_must_be_read_are_left() -> None:
    assert Rules(b"#" * 512_000 + b"\nUser-agent: *\nDisallow: /").allow(PAGE)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault
@given(st.binary() | st.text("User-agent: *\nDisallow: /%$#").map(str.encode), st.text())
def test_no_rules_are_too_odd(body: bytes, path: str) -> None:
    assert Rules(body).allow(f"https://till.example/{path}") in {True, False}
