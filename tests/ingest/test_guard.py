from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses

from ingest import guard

CASES = Path(__file__).parent / "cases" / "guard"
# What the standard library's is_global lets through is among them, and IPv4 addresses in all their disguises.
FORBIDDEN = (CASES / "forbidden.txt").read_text().split()
PUBLIC = (CASES / "public.txt").read_text().split()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(guard.AddressError, match=r"^it leads to "):
        guard.check(address, 80)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    guard.check(address, 443)


@given(ip_addresses())
def test_whatever_the_standard_library_calls_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global and address not in ip_network("::ffff:0:0/96"):
        with pytest.raises(guard.AddressError):
            guard.check(str(address), 80)


@pytest.mark.parametrize(
    "address", ["", "localhost", "127.1", "0x7f.1", "2130706433", "127.0.0.1:80", "[::1]", "é"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(guard.AddressError, match="no internet address"):
        guard.check(address, 80)


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_web_ports_are_let_through(port: int) -> None:
    guard.check("8.8.8.8", port)


@pytest.mark.parametrize("port", [0, 22, 25, 81, 6379, 65535])
def test_other_ports_of_public_addresses_are_refused(port: int) -> None:
    with pytest.raises(guard.AddressError, match=f"port {port},"):
        guard.check("8.8.8.8", port)


def test_ports_can_be_added() -> None:
    guard.check("8.8.8.8", 8000, ports={*guard.WEB_PORTS, 8000})


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00::1"])
def test_an_allowed_network_is_let_through_on_any_port(address: str) -> None:
    guard.check(address, 22, allow=(ip_network("10.0.0.0/8"), ip_network("fd00::/8")))


def test_allowing_one_network_allows_no_other() -> None:
    with pytest.raises(guard.AddressError, match="a private network"):
        guard.check("192.168.0.1", 80, allow=(ip_network("10.0.0.0/8"),))


def test_a_translator_that_is_allowed_by_name_leads_to_public_addresses_only() -> None:
    allow = (ip_network("64:ff9b::/96"),)

    guard.check("64:ff9b::8.8.8.8", 443, allow)
    with pytest.raises(guard.AddressError, match="a private network"):
        guard.check("64:ff9b::10.0.0.1", 443, allow)
    with pytest.raises(guard.AddressError, match="port 22"):
        guard.check("64:ff9b::8.8.8.8", 22, allow)
