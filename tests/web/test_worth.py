"""What the pages say of posts that are copies, or that no person has worded."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

SAID = "Ring people back before they ring you."
STORY = (
    "Our phones rang all morning because a van had broken down. We had forty calls and one honest answer: the van"
    " is in a garage, and your parcel comes on Thursday. Nobody shouted, and three people laughed. Say what you"
    f" know, and say when you will know more. {SAID}"
)
FLAW = "it reads as if a machine had reworded it"

Page = Callable[[str], str]
Keep = Callable[..., Any]


def keep_two(keep: Keep) -> tuple[int, int]:
    """Keep a post and a copy of it."""
    posts = []
    for day, name in enumerate(("first.example", "second.example"), 1):
        known = {"source": f"https://{name}/feed", "publisher": name, "key": name}
        posts.append(keep(STORY, SAID, published=datetime(2014, 3, day, tzinfo=UTC), **known))
    return posts[0], posts[1]


def test_a_copy_names_its_original(page: Page, keep: Keep) -> None:
    first, second = keep_two(keep)

    text = page(f"/posts/{second}")

    assert f'Republished from <a href="/posts/{first}"><bdi>first.example</bdi></a>' in text
    assert "1 March 2014" in text
    assert "Also published at" not in text


def test_an_original_names_its_copies(page: Page, keep: Keep) -> None:
    first, second = keep_two(keep)

    text = page(f"/posts/{first}")

    assert f'Also published at <a href="/posts/{second}"><bdi>second.example</bdi></a>' in text
    assert "Republished from" not in text


def test_evidence_of_a_copy_says_so_and_is_no_source_of_its_own(page: Page, keep: Keep) -> None:
    first, _ = keep_two(keep)

    text = page("/principles/1")

    assert text.count(f'Its post republishes <a href="/posts/{first}">another one</a>') == 1
    assert text.count('<span class="badge">republished</span>') == 1
    assert "1 source<" in text


def test_a_flawed_post_says_what_is_wrong_with_it(page: Page, keep: Keep) -> None:
    post = keep(STORY, SAID, flaw=FLAW)

    assert "It reads as if a machine had reworded it. Its guidance ranks behind" in page(f"/posts/{post}")
    assert f"About its post: {FLAW}." in page("/principles/1")
    assert '<span class="badge">doubtful text</span>' in page("/principles/1")


def test_an_ordinary_post_says_nothing_of_that(page: Page, keep: Keep) -> None:
    post = keep(STORY, SAID)

    text = page(f"/posts/{post}") + page("/principles/1")

    assert not [
        word for word in ("ublished from", "lso published", "doubtful", "ranks behind") if word in text
    ]
