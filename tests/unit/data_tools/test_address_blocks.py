"""Which addresses are counted as one caller."""

from __future__ import annotations

import pytest

from data_tools.http.address_blocks import block_of


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:52114", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:0201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:52114", "2001:db8:1:2::/64"),
        ('"[2001:db8:1:2::1]"', "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
        ("1.2.3", "1.2.3"),
        ("::1", "::/64"),
    ],
)
def test_an_address_is_counted_with_those_of_the_same_customer(address: str, block: str) -> None:
    assert block_of(address) == block


def test_what_is_no_address_is_counted_within_a_bound() -> None:
    assert len(block_of("x" * 10_000)) == 64
