"""Feeds as real software writes them, with posts of our own."""

from xml.sax.saxutils import escape

ADVICE = (
    "Answer every letter within a day.",
    "Never blame another department.",
    "Say sorry before you explain.",
    "Write down what you promised.",
    "Greet people by their name.",
    "Let the agent decide small refunds.",
)


def item(number: int, advice: str | None = None) -> str:
    """Return one entry; its advice is the same for the same number."""
    told = advice or ADVICE[number % len(ADVICE)]
    said = (
        f"We opened shop number {number} on a Monday.",
        told,
        "It rained all week.",
        "Nobody minded the rain.",
    )
    body = "".join(f"<p>{one}</p>" for one in said)
    return (
        f"<item><title>Notes, part {number}</title><link>https://blog.example/{number}</link>"
        f'<guid isPermaLink="false">post-{number}</guid>'
        f"<pubDate>Mon, {number % 28 + 1:02} Jan 2024 08:00:00 GMT</pubDate>"
        f"<description>{escape(body)}</description></item>"
    )


def rss(*items: str, title: str = "The shop blog") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{title}</title><link>https://blog.example/</link>{''.join(items)}</channel></rss>"
    ).encode()


def numbered(count: int) -> bytes:
    """Return a feed with so many entries, the newest first."""
    return rss(*(item(number) for number in reversed(range(1, count + 1))))
