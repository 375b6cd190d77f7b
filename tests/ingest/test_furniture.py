"""What goes by its words alone, and the advice that looks like it and must stay."""

import pytest

from ingest.blocks import Piece
from ingest.furniture import cut_at, is_line, tidy, without_shortcodes


@pytest.mark.parametrize(
    "text",
    [
        "Tweet",
        "Share this:",
        "Share on Facebook | Twitter | 12",
        "facebook twitter linkedin",
        "Technorati Tags: service, manners",
        "Posted in Complaints",
        "Published by Ida Holm on May 8, 2012 at noon",
        "By Ida Holm | May 8, 2012 | 5 min read",
        "8 May 2012",
        "Viewed 1,906 times",
        "Ida Holm has 1 articles online",
        "14 comments",
        "Log in or Create Account to post a comment.",
        "Security Code: Captcha Image Change Image",
        "The post Own it appeared first on The Till.",
        "© 2012 The Till. All rights reserved.",
        "« Older posts",
        "Subscribe to our newsletter",
        "Photo credit: Bo Lind",
        "iStock_000123456Small.jpg",
        "* * *",
    ],
)
def test_furniture_is_known_by_its_words(text: str) -> None:
    assert is_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tweet your customers back within the hour.",
        "Email",
        "Share what you have learned with the next shift.",
        "By putting the customer in control you win.",
        "By Friday in the afternoon the line was down the street.",
        "Next: call the customer.",
        "Topics customers care about",
        "Rating your agents by speed alone is a mistake.",
        "10 tips for 2015",
        "Comments are a gift.",
        "Don't make people solve a captcha to reach you.",
        "Our help centre has 40 articles on refunds.",
        "Print clearly.",
        "Like your customers.",
        "google + + " * 18 + "!",
    ],
)
def test_advice_that_looks_like_furniture_stays(text: str) -> None:
    assert not is_line(text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("We were told … Continue reading", "We were told …"),
        ("We were told Continue reading “Told” →", "We were told"),
        ("We were told. Read more", "We were told."),
        ("We were told... [Read more]", "We were told..."),
        ("We were told (more…)", "We were told"),
        ("We were told [&#8230;]", "We were told"),
        ("Read the rest of this entry »", ""),
        ("We were told. More »", "We were told."),
    ],
)
def test_the_mark_of_a_cut_is_found(text: str, rest: str) -> None:
    at = cut_at(text)

    assert at is not None
    assert text[:at].rstrip() == rest


@pytest.mark.parametrize(
    "text",
    ["Staff should read more.", "Keep reading the room.", "And so on...", "[sic]", "Ask for more.", ""],
)
def test_an_ordinary_end_is_no_mark(text: str) -> None:
    assert cut_at(text) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ('[vc_row css=".a{b:c}"]Say so.[/vc_row]', "Say so."),
        ("[gallery ids=1,2]Say so.", "Say so."),
        ("Say so.[fusion_builder_container hundred_percent=", "Say so."),
        ('[box type="x"]Say so.', "Say so."),
        ("Say [Ida] so [sic] [1].", "Say [Ida] so [sic] [1]."),
        ("[caption id=1]A van[/caption]Say so.", "Say so."),
    ],
)
def test_codes_in_brackets_go(text: str, rest: str) -> None:
    assert without_shortcodes(text) == rest


def test_only_some_marks_of_a_cut_may_follow_each_other() -> None:
    pieces, cut = tidy([Piece(kind="paragraph", text="Read more " * 50)])

    assert cut
    assert len(pieces) == 1
