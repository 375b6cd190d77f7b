from builders import post

from ingest import boilerplate
from ingest.blocks import compose, piece
from kb.model import Post

OFFER = "Call us today for a free tour of our call centre."
SIGN = "Until next week, your shop keeper."


def made(*paragraphs: str) -> Post:
    text, blocks = compose([piece("paragraph", [(one, False)], 0) for one in paragraphs])
    return post(text, blocks=blocks)


def learned(*posts: Post) -> frozenset[str]:
    return boilerplate.learn((one.text, one.blocks) for one in posts)


def diary(count: int, *end: str) -> list[Post]:
    return [made(f"On day {n} it rained.", f"We sold {n} lamps.", *end) for n in range(count)]


def test_what_ends_every_post_goes() -> None:
    posts = diary(25, OFFER, SIGN)

    kept = boilerplate.without(posts[3], learned(*posts))

    assert kept.text == "On day 3 it rained.\n\nWe sold 3 lamps."
    assert [kept.text[block.start : block.end] for block in kept.blocks] == [
        "On day 3 it rained.",
        "We sold 3 lamps.",
    ]


def test_what_begins_every_post_goes_too() -> None:
    posts = [made("From our shop in Leeds:", f"Day {n} was quiet.") for n in range(8)]

    assert boilerplate.without(posts[0], learned(*posts)).text == "Day 0 was quiet."


def test_spacing_and_case_make_no_difference() -> None:
    posts = [*diary(4, OFFER), *diary(4, OFFER.upper() + " !")]

    assert boilerplate.without(posts[7], learned(*posts)).text.endswith("lamps.")


def test_a_few_posts_prove_nothing() -> None:
    assert learned(*diary(4, OFFER)) == frozenset()


def test_what_stands_under_some_posts_of_many_stays() -> None:
    assert learned(*diary(6, OFFER), *diary(24)) == frozenset()


def test_what_repeats_in_the_midst_of_a_post_stays() -> None:
    known = learned(*diary(9, OFFER))
    told = made("We tried a sign.", OFFER, "Nobody called.")

    assert boilerplate.without(told, known) == told


def test_a_post_of_nothing_else_stays_whole() -> None:
    known = learned(*diary(9, OFFER))

    assert boilerplate.without(made(OFFER), known).text == OFFER


def test_no_more_than_the_edges_are_taken() -> None:
    lines = [f"Line {n} of our terms and conditions." for n in range(20)]
    posts = diary(9, *lines)

    kept = boilerplate.without(posts[0], learned(*posts))

    assert kept.text.count("Line") == 12


def test_without_anything_learned_nothing_changes() -> None:
    told = made("One.", "Two.")

    assert boilerplate.without(told, ()) is told
    assert boilerplate.without(post("", blocks=()), {"x"}).text == ""
