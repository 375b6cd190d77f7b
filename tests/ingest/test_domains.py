import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import domains


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://example.org/feed", "example.org"),
        ("http://a.b.Example.co.uk:8080/", "example.co.uk"),
        ("https://one.wordpress.com/feed", "one.wordpress.com"),
        ("https://one.github.io/feed", "one.github.io"),
        ("https://feeds.feedburner.com/x", "feedburner.com"),
        ("https://user:secret@example.org./", "example.org"),
        ("http://192.0.2.7/", "192.0.2.7"),
        ("http://[2001:db8::1]:8080/", "2001:db8::1"),
        ("http://nas/feed", "nas"),
        ("http://blog.till.test/", "till.test"),
        ("ftp://example.org/", ""),
        ("example.org", ""),
        ("http://", ""),
        ("http://..../", ""),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_the_registrable_domain_of_an_address(url: str, domain: str) -> None:
    assert domains.registrable(url) == domain


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault
@given(st.text())
def test_any_address_has_a_domain_or_none(text: str) -> None:
    assert isinstance(domains.registrable(f"http://{text}"), str)
