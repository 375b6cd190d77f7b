from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st

from kb import opml
from kb.errors import DocumentError
from kb.model import Feed, Outline

TEXT = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
    .map(lambda t: " ".join(t.split()))
    .filter(bool)
)


def feed(url: str, title: str, *folder: str, site_url: str | None = None) -> Feed:
    return Feed(
        id=1,
        url=url,
        title=title,
        folder=folder,
        site_url=site_url,
        added_at=NOW,
        next_due=NOW + timedelta(1),
    )


def test_nested_folders_titles_and_sites_are_read() -> None:
    (one, two) = opml.read(
        b"""<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><head><title>All</title></head><body>
        <outline text="Service"><outline text="Desks">
          <outline type="rss" text="One" xmlUrl="https://one.example/feed" htmlUrl="https://one.example/"/>
        </outline></outline>
        <outline title="Two" xmlUrl="https://two.example/feed"/></body></opml>"""
    )

    assert one == Outline(
        url="https://one.example/feed",
        title="One",
        site_url="https://one.example/",
        folder=("Service", "Desks"),
    )
    assert two == Outline(url="https://two.example/feed", title="Two")


def test_a_bare_ampersand_loses_no_line() -> None:
    body = (
        b'<opml><body><outline text="Q & A"><outline text="B&B" xmlUrl="http://b.example/?x=1&y=2"></outline>'
    )

    assert opml.read(body) == [Outline(url="http://b.example/?x=1&y=2", title="B&B", folder=("Q & A",))]


def test_a_line_without_a_usable_address_is_kept_for_the_report() -> None:
    found = opml.read(
        b'<opml><outline text="bad" xmlUrl="not an address"/><outline text="ok" xmlUrl="http://ok.example/"/>'
    )

    assert [line.url for line in found] == ["not an address", "http://ok.example/"]


def test_an_unclosed_feed_is_no_folder() -> None:
    body = b"<opml><body><outline text=x xmlUrl=http://a.example/><outline text=y xmlUrl=http://b.example/>"

    assert [(line.url.rstrip("/"), line.folder) for line in opml.read(body)] == [
        ("http://a.example", ()),
        ("http://b.example", ()),
    ]


def test_two_thousand_unclosed_lines_are_all_read() -> None:
    body = "<opml><body>" + "".join(
        f'<outline text="{n}" xmlUrl="http://a.example/{n}">' for n in range(2000)
    )

    assert len(opml.read(body.encode())) == 2000


def test_unclosed_lines_keep_their_folders_and_their_addresses() -> None:
    inside = "".join(f"<outline text={n} xmlUrl=http://a.example/{n}/>" for n in range(3000))

    found = opml.read(f"<opml><body><outline text=F>{inside}".encode())

    assert [(line.url, line.folder) for line in found] == [
        (f"http://a.example/{n}/", ("F",)) for n in range(3000)
    ]


def test_a_category_serves_where_there_is_no_folder() -> None:
    (line,) = opml.read(
        b'<opml><body><outline xmlUrl="http://a.example/" category="/Work/Service,/Other"/></body></opml>'
    )

    assert line.folder == ("Work", "Service")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "latin-1"])
def test_encodings_declared_marked_or_neither_are_read(encoding: str) -> None:
    declared = "" if encoding.startswith(("utf-16", "utf-8-sig")) else f' encoding="{encoding}"'
    text = f'<?xml version="1.0"{declared}?><opml><body><outline text="Café" xmlUrl="http://a.example/"/></body></opml>'

    assert opml.read(text.encode(encoding))[0].title == "Café"


def test_a_list_may_be_declared_twice() -> None:
    body = b'<?xml version="1.0"?><?xml version="1.0" encoding="utf-8"?><opml><outline xmlUrl="http://a.example/"/>'

    assert [line.url for line in opml.read(body)] == ["http://a.example/"]


def test_a_wrong_declaration_is_overruled() -> None:
    text = '<?xml version="1.0" encoding="x-nonsense"?><opml><body><outline text="Café" xmlUrl="http://a.example/"/></body>'

    assert opml.read(text.encode())[0].title == "Café"
    assert opml.read(text.encode("latin-1"))[0].title == "Café"
    assert opml.read(b'<opml><outline text="\x81\xe9" xmlUrl="http://a.example/"/>')[0].title == "\x81é"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b'<?xml version="1.0" encoding="utf-8"',
        b"<html><p>Hello",
        b"\x00\x01\x02",
        b"\xff\xfe",
        b"plain words",
    ],
)
def test_what_holds_no_outline_is_refused(body: bytes) -> None:
    with pytest.raises(DocumentError, match="subscription list"):
        opml.read(body)


def test_a_list_may_be_empty() -> None:
    (line,) = opml.read(b'<opml><body><outline text="Folder"/></body></opml>')

    assert not line.is_feed


@pytest.mark.parametrize(
    "line",
    [
        '<outline pref-name="FRESH_ARTICLE_MAX_AGE" value="24"/>',
        '<outline label-name="Later" label-fg-color="" label-bg-color=""/>',
        '<outline filter-type="2">{"rules": []}</outline>',
        '<outline text="" type="rule" rule="unread" value="" additive="true"/>',
        '<outline text="Unread" type="vfolder"><outline type="rule" rule="unread"/></outline>',
        '<outline text="Fresh" type="rss" xmlUrl="query:Fresh:age &lt; 2"/>',
        '<outline text="A bookmark" type="link" url="https://a.example/"/>',
        '<outline text="More" type="include" url="https://a.example/more.opml"/>',
        '<outline text="A blog without a feed" htmlUrl="https://a.example/"/>',
        '<outline text="Buy milk"/>',
        "<outline/>",
    ],
)
def test_what_other_readers_keep_beside_feeds_is_no_feed(line: str) -> None:
    found = opml.read(f'<opml><body>{line}<outline xmlUrl="https://b.example/"/></body></opml>'.encode())

    assert [one.is_feed for one in found] == [False, True]


@pytest.mark.parametrize(
    "line",
    [
        '<outline text="Till" type="rss" version="RSS" description="" xmlUrl="https://a.example/feed"/>',
        '<outline text="Till" type="atom" url="https://a.example/feed"/>',
        '<OUTLINE TEXT="Till" URL="https://a.example/feed">',
        '<outline text="" title="Till" type="link" xmlUrl="https://a.example/feed"/>',
        '<opml:outline text="Till" xmlUrl="https://a.example/feed"/>',
        '<outline text="&lt;b&gt;Till&lt;/b&gt;" xmlUrl=" https://a.example/feed\n"/>',
        "<outline text='Till' xmlUrl='https://a.example/feed'><outline text='A post'/></outline>",
    ],
)
def test_feeds_are_known_however_they_are_written(line: str) -> None:
    first = opml.read(f"<opml><body>{line}</body></opml>".encode())[0]

    assert first == Outline(url="https://a.example/feed", title="Till")


def test_a_title_that_was_escaped_twice_is_read() -> None:
    (line,) = opml.read(
        b'<opml><outline text="Q&amp;amp;A &amp;#8211; caf&amp;eacute;" xmlUrl="http://a.example/"/>'
    )

    assert line.title == "Q&A \N{EN DASH} café"


def test_a_list_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opml, "LARGEST", 10)
    with pytest.raises(DocumentError, match="larger"):
        opml.read(b"<opml><outline/>")


def test_entities_are_not_expanded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE o [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    )

    (line,) = opml.read(bomb + b'<opml><body><outline text="&b;" xmlUrl="http://a.example/"/></body></opml>')

    assert len(line.title or "") < 10


def test_very_deep_folders_are_cut() -> None:
    body = b'<outline text="f">' * 5000 + b'<outline xmlUrl="http://a.example/"/>'

    for line in opml.read(body):
        assert len(line.folder) <= opml.DEEPEST


def test_the_list_that_comes_with_guidepost_has_thirty_feeds_in_nested_folders() -> None:
    path = Path(opml.__file__).parents[1] / "guidepost" / "feeds.opml"
    path = path if path.exists() else Path(opml.__file__).parents[1] / "feeds.opml"

    found = opml.read(path.read_bytes())

    assert len({line.url for line in found}) == len(found) >= 30
    assert all(len(line.folder) == 2 and line.title and line.site_url for line in found)


ODD = st.sampled_from(
    [
        "/",
        ",",
        "a/b",
        "/a,b/",
        "\u200b",
        "\u200f",
        "\u202e",
        "مقهى",
        "שלום/a",
        "&amp;",
        "&#38;lt;",
        "<b>x</b>",
        "<",
        '"',
        "'",
    ]
)


@given(
    st.lists(
        st.tuples(TEXT | ODD, st.lists(TEXT | ODD, max_size=4), st.booleans()),
        max_size=8,
        unique_by=lambda made: made[0],
    )
)
def test_what_is_written_is_read_back_as_the_same_tree(made: list[tuple[str, list[str], bool]]) -> None:
    feeds = [
        feed(
            f"https://a.example/{n}?a=1&b=2",
            title,
            *folder,
            site_url="https://a.example/" if has_site else None,
        )
        for n, (title, folder, has_site) in enumerate(made)
    ]

    found = opml.read(opml.write(feeds)) if feeds else []

    assert {line.url: (line.title, line.folder, line.site_url) for line in found} == {
        one.url: (one.title, one.folder, one.site_url) for one in feeds
    }


def test_secrets_are_only_written_when_asked_for() -> None:
    feeds = [
        feed("https://a.example/?token=hunter2", "Paid"),
        feed("https://b.example/", "Free", site_url="https://b.example/?token=hunter2"),
    ]

    assert b"hunter2" not in opml.write(feeds)
    assert [line.url for line in opml.read(opml.write(feeds))] == ["https://b.example/"]
    assert opml.write(feeds, private=True).count(b"hunter2") == 2


def test_control_characters_are_not_written() -> None:
    body = opml.write([feed("https://a.example/", "a\x00b\x1bc\ud800d")])

    assert opml.read(body)[0].title == "abcd"


@given(st.text(st.sampled_from("<>/=\"' &;outline xmlUrltextbody!-[]CDATA\n"), max_size=300))
def test_no_list_is_too_broken_to_be_read_or_refused(text: str) -> None:
    try:
        found = opml.read(f"<opml><outline {text}".encode())
    except DocumentError:
        return
    assert all(isinstance(line, Outline) for line in found)


def test_only_web_addresses_of_sites_are_written() -> None:
    written = opml.write([feed("https://a.example/feed", "A", site_url="javascript:alert(1)")])

    assert b"javascript" not in written
