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


@pytest.mark.parametrize(
    ("encoding", "declared", "text"),
    [
        ("cp1251", "windows-1251", "Ждите ответа"),
        ("iso-8859-2", "ISO-8859-2", "Łódź"),
        ("gb18030", "gb2312", "朱镕基"),
        ("cp932", "Shift_JIS", "ⅳ番テーブル"),
        ("cp949", "euc-kr", "똠방각하"),
        ("iso-2022-jp", "ISO-2022-JP", "お待ちください"),
    ],
)
def test_a_declaration_counts_where_the_text_is_no_utf_8(encoding: str, declared: str, text: str) -> None:
    page = f'<?xml version="1.0" encoding="{declared}"?>{text}'

    assert decode(page.encode(encoding)) == page
    assert decode(page.encode(encoding), "text/xml; charset=ISO-8859-1") == page
    assert decode(page.encode(encoding), f"text/xml; charset={declared}") == page


def test_a_text_cut_within_a_letter_keeps_its_encoding() -> None:
    assert decode(("请稍等" * 100).encode("gb18030")[:-1], "text/xml; charset=gbk").startswith("请稍等")


def test_a_declaration_that_most_letters_contradict_does_not_count() -> None:
    assert decode("caf\xe9 cr\xe8me".encode("cp1252"), "text/xml; charset=shift_jis") == "café crème"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "unicode_escape", "punycode", "utf-7", "cp037"])
def test_an_encoding_that_reads_ascii_as_something_else_is_a_mistake(encoding: str) -> None:
    assert decode(b"\\u0041 +ADw- caf\xe9", f"text/xml; charset={encoding}") == "\\u0041 +ADw- café"


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "cp037"])
def test_a_document_without_a_mark_is_known_by_its_first_letters(encoding: str) -> None:
    assert decode("<?xml version='1.0'?><rss/>".encode(encoding)) == "<?xml version='1.0'?><rss/>"


@UNTIMED
@given(st.binary(), st.none() | st.text())
def test_no_bytes_break_it(body: bytes, content_type: str | None) -> None:
    assert isinstance(decode(body, content_type), str)
