import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import parsed
from ingest.parsed import Entry

# A loaded machine is no fault.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
MOMENT = st.datetimes(timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    key=TEXT,
    title=TEXT,
    url=st.none() | TEXT,
    published=st.none() | MOMENT,
    updated=st.none() | MOMENT,
    html=st.none() | TEXT,
    tags=st.lists(TEXT).map(tuple),
)
A, B = "https://s.example/a", "https://s.example/b"
EARLY, LATE = datetime(2017, 6, 25, 8, tzinfo=UTC), datetime(2017, 6, 25, 9, tzinfo=UTC)


def entry(key: str, url: str | None = None, title: str = "", published: datetime | None = None) -> Entry:
    return Entry(key=key, url=url, title=title, published=published)


def keys(*entries: Entry) -> list[str]:
    return [one.key for one in parsed.distinct(entries)]


@UNTIMED
@given(ENTRIES)
def test_a_packed_entry_comes_back(entry: Entry) -> None:
    packed = parsed.pack(entry)

    assert parsed.unpack(packed) == entry
    assert parsed.pack(parsed.unpack(packed)) == packed


def test_an_entry_packed_by_another_version_comes_back() -> None:
    packed = json.dumps({"key": "1", "title": "One", "tags": None, "mood": "glad"}).encode()

    assert parsed.unpack(packed) == entry("1", title="One")


def test_an_entry_is_known_by_its_id_then_its_link_then_its_content() -> None:
    assert parsed.key(" 17 ", A, "One", None) == "17"
    assert parsed.key("", A, "One", None) == A
    assert parsed.key("", None, "One", None) == parsed.key(" ", None, "One", "")
    assert parsed.key("", None, "One", "<p>x") != parsed.key("", None, "One", None)


def test_an_endless_id_is_kept_as_its_hash() -> None:
    assert parsed.key("1" * 1_000_000, A, "One", None).startswith("sha256:")
    assert parsed.key("1" * 9_000, A, "One", None) != parsed.key("2" * 9_000, A, "One", None)


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("One.\n \nTwo\nlines & <b>.", "<p>One.</p><p>Two\nlines &amp; &lt;b&gt;.</p>"),
        (" \n\n ", None),
        ("", None),
    ],
)
def test_plain_text_becomes_paragraphs(text: str, markup: str | None) -> None:
    assert parsed.paragraphs(text) == markup


def test_entries_of_one_id_go_by_their_links() -> None:
    assert keys(entry("x", A), entry("x", B), entry("y", A)) == [A, B, "y"]


def test_of_entries_with_one_id_and_link_the_first_stays() -> None:
    found = parsed.distinct([entry("y", A, "Now"), entry("y", A, "Before"), entry("z", B)])

    assert [one.title for one in found] == ["Now", ""]


def test_posts_of_one_day_that_share_an_anchor_go_by_their_dates() -> None:
    assert keys(entry(A, A, "Tea", EARLY), entry(A, A, "Cake", LATE)) == [
        f"{A} 2017-06-25T08:00:00+00:00",
        f"{A} 2017-06-25T09:00:00+00:00",
    ]


def test_entries_that_all_link_to_the_front_page_are_told_apart_by_their_content() -> None:
    assert len(set(keys(entry(A, A, "Open"), entry(A, A, "Closed"), entry(A, A, "Open")))) == 2


def test_entries_of_one_id_without_links_are_told_apart_by_their_content() -> None:
    assert len(set(keys(entry("x", None, "One"), entry("x", None, "Two"), entry("x", None, "One")))) == 2


def test_an_id_may_be_the_link_of_another_entry() -> None:
    assert len(set(keys(entry("x", A, "One"), entry("x", B), entry(A, A, "Two")))) == 3


@UNTIMED
@given(
    st.lists(st.builds(entry, st.sampled_from("xy"), st.sampled_from([None, A]), st.sampled_from(["", "T"])))
)
def test_no_two_entries_share_a_key(entries: list[Entry]) -> None:
    found = keys(*entries)

    assert len(found) == len(set(found))
    assert bool(found) == bool(entries)
