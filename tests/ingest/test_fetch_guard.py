"""Every closed address, in every way to name it: nothing is sent there. `no_network` fails on any attempt."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from loopback import Names, Site, redirect

from ingest import fetch
from ingest.fetch import Limits, Request
from kb.errors import FeedError, Forbidden

CASES = Path(__file__).parent / "cases" / "guard"
CLOSED = [address for address in (CASES / "forbidden.txt").read_text().split() if "%" not in address]
LIMITS = Limits(user_agent="t", allow=(ip_network("127.9.9.9/32"),), gap=0)


@pytest.fixture
def outside() -> Iterator[Site]:
    """A server at the one address that may be asked."""
    with Site("127.9.9.9") as running:
        yield running


def outcomes(urls: Iterable[str], names: Names | None = None) -> list[object]:
    return [type(outcome) for _, outcome in fetch.many([Request(url=url) for url in urls], LIMITS, names)]


def literal(address: str) -> str:
    return f"http://[{address}]/" if isinstance(ip_address(address), IPv6Address) else f"http://{address}/"


def test_no_closed_address_is_connected_to() -> None:
    assert outcomes(map(literal, CLOSED)) == [Forbidden] * len(CLOSED)


def test_no_name_of_a_closed_address_is_connected_to() -> None:
    names = Names(**{f"n{number}": [address] for number, address in enumerate(CLOSED)})

    assert outcomes([f"http://{name}/" for name in names.known], names) == [Forbidden] * len(CLOSED)


@pytest.mark.parametrize("public", ["127.9.9.9", "8.8.8.8", "2606:4700::1111"])
def test_no_name_with_a_closed_address_beside_a_public_one_is_connected_to(public: str) -> None:
    names = Names(**{f"n{number}": [public, address] for number, address in enumerate(CLOSED)})

    assert outcomes([f"http://{name}/" for name in names.known], names) == [Forbidden] * len(CLOSED)


def test_no_redirect_to_a_closed_address_is_followed(outside: Site) -> None:
    for number, address in enumerate(CLOSED):
        outside[f"/{number}"] = redirect(literal(address))

    found = outcomes(outside.url(f"/{number}") for number in range(len(CLOSED)))

    assert found == [Forbidden] * len(CLOSED)
    assert len(outside.asked) == len(CLOSED)


@pytest.mark.parametrize("host", ["[fe80::1%25eth0]", "0x7f.1", "017700000001", "127.1", "[::1%251]"])
def test_no_odd_spelling_of_a_closed_address_is_connected_to(host: str) -> None:
    (found,) = fetch.many([Request(url=f"http://{host}/")], LIMITS, Names())

    assert isinstance(found[1], FeedError)
