"""Maps an address to the block that one customer has, for which callers are counted."""

from __future__ import annotations

import ipaddress

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

# A customer gets at least a /64, and can use any address in it (RFC 6177).
IPV6_PREFIX_BITS = 64


def block_of(address: str) -> str:
    """Return the block of an address, which counts as one caller.

    The block of an IPv4 address, however it is written, is that address; of an IPv6 address, its
    /64. A port that a proxy adds is dropped. A word that is no address stands for itself.
    """
    text = address.strip().strip('"').lower()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text[:64]
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX_BITS), strict=False))


def block_of_caller(request: HttpRequest | Request) -> str:
    """Return the block of the address that a request comes from; see `PROXIES_IN_FRONT`."""
    return block_of(BaseThrottle().get_ident(request) or "")
