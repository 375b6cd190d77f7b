"""How many sentences a CPU second extraction reads: `python bench/extract.py [posts]`.

The posts are made up from a seed: about one sentence in four is guidance, the rest is story, figures, questions.
"""

import random
import sys
import time

from ingest import extract
from kb.model import Block, Post
from kb.text import sentences

WHO = (
    "a guest",
    "the caller",
    "an angry customer",
    "your team",
    "the new clerk",
    "a supplier",
    "every agent",
)
DO = ("listen to", "call back", "thank", "train", "apologize to", "follow up with", "give some time to")
WHEN = ("before noon", "on the same day", "without being asked", "when the line is busy", "in plain words")
ADVICE = (
    "Always {do} {who} {when}.",
    "When things go wrong, {do} {who} {when}.",
    "It is important to {do} {who} {when}.",
    "A manager should {do} {who} {when}, even in the busiest week of the year.",
)
STORY = (
    "Last year we had to {do} {who} {when}, and nobody was quite sure why.",
    "About {n} percent of those who {do} {who} {when} said that they would do so again.",
    "Who would not {do} {who} {when}?",
    "The harbour was grey that week, and {who} walked past the window {n} times.",
    "“I will {do} {who} {when},” said the woman at desk {n}, e.g. to her colleague Mr. Fox.",
    "It rained, as it often does here in the autumn, and {who} came in late with a wet coat and a long story.",
    "They never found out.",
    "Our own numbers for the {n} branches tell another story, which the next part of this series will look at.",
)


def made_up(luck: random.Random, number: int) -> Post:
    """Return a post of about forty sentences under six headings."""
    text, blocks = "", []
    for _ in range(6):
        said = [phrase(luck, luck.choice(ADVICE if luck.random() < 0.25 else STORY)) for _ in range(6)]
        for kind, chunk in (
            ("heading", phrase(luck, "{do} {who}").capitalize()),
            ("paragraph", " ".join(said)),
        ):
            start = len(text) + 2 if text else 0
            text = f"{text}\n\n{chunk}" if text else chunk
            blocks.append(Block(kind=kind, start=start, end=len(text), level=2 * (kind == "heading")))
    return Post(
        key=str(number),
        source="bench",
        publisher="bench",
        title=f"Note {number}",
        text=text,
        blocks=tuple(blocks),
    )


def phrase(luck: random.Random, pattern: str) -> str:
    return pattern.format(
        who=luck.choice(WHO), do=luck.choice(DO), when=luck.choice(WHEN), n=luck.randint(2, 98)
    )


def main(count: int) -> None:
    """Print what reading *count* posts costs."""
    luck = random.Random(7)
    posts = [made_up(luck, number) for number in range(count)]
    total = sum(len(sentences(post.text)) for post in posts)
    extract.quotes(posts[0])  # loads the lexicons
    start = time.process_time()
    found = sum(len(extract.quotes(post)) for post in posts)
    seconds = time.process_time() - start
    print(f"{count:,} posts, {total:,} sentences, {found:,} quotes")
    print(f"{seconds:.2f} s of CPU, {total / seconds:,.0f} sentences a second, splitting and filing included")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
