import codecs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.encoding import decode

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-8", "cp1252"]
)
def test_text_is_read_whatever_its_encoding(encoding: str) -> None:
    text = "Crème brûlée – “good”, said the long-suffering waiter at table nine"

    assert decode(text.encode(encoding)) == text


def test_a_byte_order_mark_of_big_endian_text_counts() -> None:
    assert decode(codecs.BOM_UTF16_BE + "ask".encode("utf-16-be")) == "ask"


@pytest.mark.parametrize(
    "name", ["no-such-code", "utf-8", "iso-8859-1", "utf-7x", "idna", "base64", "undefined"]
)
def test_a_wrong_declaration_is_no_hindrance(name: str) -> None:
    assert decode(b"caf\xe9", f"text/html; charset={name}") == "café"


def test_text_pasted_from_two_sources_keeps_both() -> None:
    assert decode("café ".encode() + b"caf\xe9") == "café café"


def test_a_byte_without_meaning_becomes_a_replacement_mark() -> None:
    assert decode(b"a\x81") == "a\ufffd"


def test_only_reading_is_lenient() -> None:
    with pytest.raises(UnicodeEncodeError):
        "é".encode("ascii", "guidepost-1252")


@UNTIMED
@given(st.binary(), st.none() | st.text())
def test_no_bytes_break_it(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(body, content_type), str)
