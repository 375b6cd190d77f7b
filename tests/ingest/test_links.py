import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import links

BASE = "https://till.example/feed"
HUB = "https://hub.example/"


@pytest.mark.parametrize(
    "header",
    [
        f'<{HUB}>; rel="hub"',
        f"<{HUB}>;rel=hub",
        f'< {HUB} > ; REL = "Hub next"',
        f'<https://other.example/>; rel="prev", <{HUB}>; rel=hub',
        f'<{HUB}>; title="a, \\"b\\"; rel=no"; rel=hub; rel=self',
        f"<mailto:a@b>; rel=hub, <http://[::1>; rel=hub, <{HUB}>; rel=hub, <https://late.example/>; rel=hub",
        f'<https://late.example/>; rel=hub; anchor="/other", <{HUB}>; crossorigin; rel=hub',
    ],
)
def test_the_first_hub_is_found(header: str) -> None:
    assert links.targets([header], BASE)["hub"] == HUB


def test_links_of_several_headers_are_resolved_against_the_answers_address() -> None:
    found = links.targets(["</hub>; rel=hub", "<?page=1>; rel=self"], BASE)

    assert found == {"hub": "https://till.example/hub", "self": "https://till.example/feed?page=1"}


@pytest.mark.parametrize("header", ["", "<", "<>", HUB, f"<{HUB}>", f"<{HUB}>; title=hub", f"<{HUB}>; rel"])
def test_what_is_no_link_with_a_relation_is_left_out(header: str) -> None:
    assert links.targets([header], BASE) == {}


@pytest.mark.parametrize("piece", ["<", '<a>;b="', ';a="\\"', "<a>;", " ;", '"\\'])
def test_a_hostile_header_of_the_largest_size_is_read_in_one_go(piece: str) -> None:
    assert links.targets([piece * (64 * 1024 // len(piece))], BASE) == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is no fault
@given(st.lists(st.text() | st.text('<>;="\\, relhubself')))
def test_only_web_addresses_are_found(values: list[str]) -> None:
    assert all(url.startswith(("http://", "https://")) for url in links.targets(values, BASE).values())
