"""Which addresses may be asked: public ones on web ports, and networks that were allowed by name. Pure.

A feed's address comes from strangers, and so does every redirect. The check belongs on the very address about
to be connected to: a name that is looked up twice can answer twice differently.
The standard library's `is_global` lets 192.88.99.1, multicast and tunnels through, hence our own list.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

WEB_PORTS = frozenset({80, 443, 8080, 8443})

# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190) with later entries. Where the
# registry marks part of a block as reachable (192.0.0.9, AS112, AMT), nobody keeps a blog there.
_CLOSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "this machine itself"),  # RFC 791
        ("10.0.0.0/8", "a private network"),  # RFC 1918
        ("100.64.0.0/10", "a provider's inner network"),  # RFC 6598; cloud metadata at 100.100.100.200 too
        ("127.0.0.0/8", "this machine itself"),  # RFC 1122
        ("168.63.129.16/32", "a cloud's own service"),  # Azure's platform address, public only by its number
        ("169.254.0.0/16", "the local link"),  # RFC 3927; cloud metadata at 169.254.169.254
        ("172.16.0.0/12", "a private network"),  # RFC 1918
        ("192.0.0.0/24", "a reserved network"),  # RFC 6890
        ("192.0.2.0/24", "a network for examples"),  # RFC 5737
        ("192.31.196.0/24", "a reserved network"),  # RFC 7535
        ("192.52.193.0/24", "a reserved network"),  # RFC 7450
        ("192.88.99.0/24", "a tunnel"),  # RFC 7526
        ("192.168.0.0/16", "a private network"),  # RFC 1918
        ("192.175.48.0/24", "a reserved network"),  # RFC 7534
        ("198.18.0.0/15", "a test network"),  # RFC 2544
        ("198.51.100.0/24", "a network for examples"),  # RFC 5737
        ("203.0.113.0/24", "a network for examples"),  # RFC 5737
        ("224.0.0.0/4", "a multicast group"),  # RFC 5771
        ("240.0.0.0/4", "a reserved network"),  # RFC 1112; the broadcast address too
        ("::/128", "this machine itself"),  # RFC 4291
        ("::1/128", "this machine itself"),  # RFC 4291
        ("::/96", "a tunnel"),  # RFC 4291: IPv4-compatible, withdrawn
        ("::ffff:0:0:0/96", "a tunnel"),  # RFC 2765: IPv4-translated
        ("64:ff9b:1::/48", "a private network"),  # RFC 8215: translation to a network of one's own
        ("100::/64", "a network that discards"),  # RFC 6666
        ("2001::/32", "a tunnel"),  # RFC 4380: Teredo
        ("2001:db8::/32", "a network for examples"),  # RFC 3849
        ("2001::/23", "a reserved network"),  # RFC 2928: benchmarks, ORCHID, AMT and the like
        ("2002::/16", "a tunnel"),  # RFC 3056: 6to4, whose relays were withdrawn by RFC 7526
        ("2620:4f:8000::/48", "a reserved network"),  # RFC 7534
        ("3fff::/20", "a network for examples"),  # RFC 9637
        ("5f00::/16", "a reserved network"),  # RFC 9602
        ("fc00::/7", "a private network"),  # RFC 4193; cloud metadata at fd00:ec2::254
        ("fe80::/10", "the local link"),  # RFC 4291
        ("fec0::/10", "a private network"),  # RFC 3879
        ("ff00::/8", "a multicast group"),  # RFC 4291
    )
)
_PUBLIC_IPV6 = ip_network("2000::/3")  # RFC 4291: all that was ever handed out
# These two lead to the IPv4 host in their last 32 bits, which is therefore the one to judge.
_MAPPED = ip_network("::ffff:0:0/96")  # RFC 4291
# Where it leads is up to whoever runs the translator. A machine that reaches the IPv4 world only through one names
# this network in its settings.
_TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052
_ISATAP = 0x5EFE  # RFC 5214: the IPv4 host follows after 0000:5efe or 0200:5efe


class AddressError(OSError):
    """We do not go there. An OSError, for that is what may come out of a connector's socket factory."""


def check(
    address: str, port: int, allow: Collection[Network] = (), ports: Collection[int] = WEB_PORTS
) -> None:
    """Raise AddressError unless *address* is public and *port* in *ports*, or *allow* names its network."""
    try:
        target = ip_address(address)
    except ValueError as error:
        raise AddressError("it leads to something that is no internet address") from error
    reached = _last_32_bits(target) if target in _MAPPED or target in _TRANSLATED else target
    if _is_in(allow, reached):
        return
    what = _closed(reached)
    if what is None and target in _TRANSLATED and not _is_in(allow, target):
        what = "a tunnel"
    if what:
        raise AddressError(f"it leads to {what}, where Guidepost goes only if its settings allow it")
    if port not in ports:
        raise AddressError(f"it leads to port {port}, which is no web port that the settings allow")


def _is_in(networks: Collection[Network], address: Address) -> bool:
    return any(address in network for network in networks)


def _closed(address: Address) -> str | None:
    """Return what kind of non-public network *address* is in, or None."""
    for network, what in _CLOSED:
        if address in network:
            return what
    if address.version == 4:  # noqa: PLR2004
        return None
    if address not in _PUBLIC_IPV6:
        return "a reserved network"
    if int(address) >> 32 & 0xFDFF_FFFF == _ISATAP:
        return _closed(_last_32_bits(address))
    return None


def _last_32_bits(address: Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFF_FFFF)
