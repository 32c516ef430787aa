"""An endpoint's name in logs and answers holds no key."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thenar.domain.endpoints import shown, trust_for


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
        ("https://rpc.example", "https://rpc.example"),
        ("http://[::1]:8545", "http://[::1]:8545"),
        ("https://rpc.example/v3/0123456789abcdef", "https://rpc.example/…"),
        ("https://user:secret@rpc.example:443", "https://rpc.example:443/…"),
        ("https://rpc.example?key=secret", "https://rpc.example/…"),
        ("http://host:notaport/secret", "an address that is none"),
    ],
)
def test_only_scheme_host_and_port_are_shown(url, name):
    assert shown(url) == name


@given(
    st.from_regex(r"[A-Z0-9]{12,40}", fullmatch=True), st.sampled_from(("{}@h", "u:{}@h", "h/{}", "h/?a={}", "h#{}"))
)
def test_a_key_is_not_shown_wherever_it_stands(key, place):
    assert key not in shown("https://" + place.format(key))


def test_an_endpoint_with_tls_is_verified_and_one_without_trusts_nobody():
    plain = trust_for("http://127.0.0.1:8545")

    assert trust_for("https://rpc.example") is True
    assert isinstance(plain, ssl.SSLContext)
    assert (plain.verify_mode, plain.cert_store_stats()["x509"]) == (ssl.CERT_REQUIRED, 0)
