"""Link-local and metadata addresses: where no provider is, and the platform's credentials are."""

from __future__ import annotations

import ipaddress
import socket

_METADATA_NAMES = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.0.0/16",  # RFC 3927; AWS, Google Cloud, Azure and others answer at 169.254.169.254
        "fe80::/10",  # RFC 4291
        "fd00:ec2::/32",  # AWS: fd00:ec2::254 (metadata), ::23 (credentials)
        "fd20:ce::/32",  # Google Cloud: fd20:ce::254
        "100.100.100.200/32",  # Alibaba Cloud
        "192.0.0.192/32",  # Oracle Cloud
        "168.63.129.16/32",  # Azure's wire server
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_link_local(host: str) -> bool:
    """Whether a host (name or address, in any spelling that resolvers accept) is one of the refused."""
    name = host.lower().rstrip(".")
    if name in _METADATA_NAMES:
        return True
    return any(address in network for address in _addresses(name) for network in _REFUSED_NETWORKS)


def _addresses(name: str) -> tuple[Address, ...]:
    """The address that a literal stands for, with the IPv4 one inside a mapped, 6to4 or NAT64 one."""
    try:
        address: Address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return _legacy_ipv4(name)
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return (address,) if inner is None else (address, inner)


def _legacy_ipv4(name: str) -> tuple[Address, ...]:
    """inet_aton's spellings: 2852039166, 0xa9fea9fe, 0251.0376.0251.0376, 169.254.43518."""
    if not name or name[-1] not in "0123456789abcdefx" or not name[0].isdigit():
        return ()
    try:
        return (ipaddress.IPv4Address(socket.inet_aton(name)),)
    except OSError:
        return ()
