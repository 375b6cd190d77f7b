"""Many feeds on the loopback interface, for benchmarks: `python -m bench.loadserver --feeds 1000 --port 8901`.

Posts are of the size and make of real blogs' (`prose`). `/opml` and `/addresses` list the feeds.
`/set?validators=0&moving=1&revision=1` changes how they answer: with or without ETag, with a date of building that is
another at each request, with so many new entries. `/asked` says how often a feed was asked for since the last look.
"""

import argparse
import asyncio
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qsl, urlsplit

from bench.prose import STORY, TITLES, body, sentence

HOSTS = 100  # 127.0.0.1 to 127.0.0.100
_LARGEST_HEAD = 16_384
_BEGAN = datetime(2024, 1, 1, 8, tzinfo=UTC)
_UNTIL = "@@ the date of building @@"
_NAMES = ("Ida Holm", "Jon Reyes", "Mara Lind", "Tom Okafor", "Ines Duarte", "Karl Weiss", "Ana Petrov")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One entry, before it is written in a feed's dialect."""

    title: str
    url: str
    key: str
    at: datetime
    author: str
    html: str
    excerpt: str


def story(feed: int, number: int, site: str) -> Story:
    """Return one entry of a feed, always the same; the higher its number the newer."""
    luck = random.Random(f"{feed}/{number}")
    html = body(luck)
    return Story(
        title=sentence(luck, TITLES),
        url=f"{site}/{number}",
        key=f"tag:blog{feed}.example,2024:{number}",
        at=_BEGAN + timedelta(days=number, minutes=feed),
        author=_NAMES[feed % len(_NAMES)],
        html=html,
        excerpt=sentence(luck, STORY),
    )


def _rss(entry: Story) -> str:
    return (
        f"<item>\n<title>{escape(entry.title)}</title>\n<link>{entry.url}</link>\n"
        f"<dc:creator><![CDATA[{entry.author}]]></dc:creator>\n<pubDate>{format_datetime(entry.at)}</pubDate>\n"
        f'<category><![CDATA[Service]]></category>\n<guid isPermaLink="false">{entry.key}</guid>\n'
        f"<description><![CDATA[{escape(entry.excerpt)}]]></description>\n"
        f"<content:encoded><![CDATA[{entry.html}]]></content:encoded>\n</item>\n"
    )


def _plain_rss(entry: Story) -> str:
    return (
        f"<item><title>{escape(entry.title)}</title><link>{entry.url}</link><guid>{entry.url}</guid>"
        f"<pubDate>{format_datetime(entry.at)}</pubDate><description>{escape(entry.html)}</description></item>\n"
    )


def _atom(entry: Story) -> str:
    at = entry.at.isoformat()
    return (
        f'<entry><id>{entry.key}</id><title>{escape(entry.title)}</title><link href="{entry.url}"/>'
        f"<published>{at}</published><updated>{at}</updated><author><name>{entry.author}</name></author>"
        f'<category term="service"/><content type="html">{escape(entry.html)}</content></entry>\n'
    )


def _rdf(entry: Story) -> str:
    return (
        f'<item rdf:about="{entry.url}"><title>{escape(entry.title)}</title><link>{entry.url}</link>'
        f"<dc:date>{entry.at.isoformat()}</dc:date><dc:creator>{entry.author}</dc:creator>"
        f"<description>{escape(entry.html)}</description></item>\n"
    )


_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_RSS_HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_DC} '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Blog {feed}</title>'
    "<link>{site}/</link><description>Notes</description><lastBuildDate>" + _UNTIL + "</lastBuildDate>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    head: str
    entry: Callable[[Story], str]
    tail: str
    content_type: str
    date: Callable[[datetime], str] = format_datetime


RSS = Dialect(head=_RSS_HEAD, entry=_rss, tail="</channel></rss>\n", content_type="application/rss+xml")
PLAIN = Dialect(head=_RSS_HEAD, entry=_plain_rss, tail="</channel></rss>\n", content_type="text/xml")
ATOM = Dialect(
    head='<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog {feed}</title>'
    '<id>{site}/</id><link href="{site}/"/><updated>' + _UNTIL + "</updated>\n",
    entry=_atom,
    tail="</feed>\n",
    content_type="application/atom+xml",
    date=datetime.isoformat,
)
RDF = Dialect(
    head='<?xml version="1.0"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
    f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {_DC}>'
    '<channel rdf:about="{site}/"><title>Blog {feed}</title><link>{site}/</link><dc:date>'
    + _UNTIL
    + "</dc:date></channel>\n",
    entry=_rdf,
    tail="</rdf:RDF>\n",
    content_type="application/rdf+xml",
    date=datetime.isoformat,
)
# Of twenty feeds; real blogs are mostly WordPress.
MIX = [RSS] * 12 + [PLAIN] * 3 + [ATOM] * 4 + [RDF]


@dataclass(slots=True, kw_only=True)
class Manner:
    """How the feeds answer just now."""

    validators: int = 1
    moving: int = 0
    revision: int = 0
    latency: int = 20  # milliseconds
    asked: int = 0


class Feeds:
    """All feeds, written once and kept."""

    def __init__(self, count: int, entries: int, port: int) -> None:
        self.port = port
        self.entries = entries
        self._kept = [[self._entry(feed, number) for number in range(entries)] for feed in range(count)]

    def address(self, feed: int) -> str:
        return f"http://127.0.0.{1 + feed % HOSTS}:{self.port}/feed/{feed}"

    def addresses(self) -> Iterator[str]:
        return map(self.address, range(len(self._kept)))

    def document(self, feed: int, revision: int, until: datetime) -> bytes:
        """Return a feed with so many new entries, the newest first."""
        kept = self._kept[feed]
        while len(kept) < self.entries + revision:
            kept.append(self._entry(feed, len(kept)))
        dialect = MIX[feed % len(MIX)]
        head = dialect.head.format(feed=feed, site=self._site(feed))
        head = head.replace(_UNTIL, dialect.date(until))
        newest = reversed(kept[: self.entries + revision])
        return b"".join((head.encode(), *newest, dialect.tail.encode()))

    def opml(self) -> bytes:
        lines = (
            f'<outline type="rss" text="Blog {n}" xmlUrl="{url}"/>' for n, url in enumerate(self.addresses())
        )
        return f'<opml version="2.0"><head/><body>{"".join(lines)}</body></opml>'.encode()

    def _site(self, feed: int) -> str:
        return f"https://blog{feed}.example"

    def _entry(self, feed: int, number: int) -> bytes:
        return MIX[feed % len(MIX)].entry(story(feed, number, self._site(feed))).encode()


class Visit(asyncio.Protocol):
    """One connection; requests on it are answered one after the other."""

    def __init__(self, feeds: Feeds, manner: Manner) -> None:
        self.feeds, self.manner = feeds, manner
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if len(self.rest) > _LARGEST_HEAD:
            self.transport.abort()
        while b"\r\n\r\n" in self.rest:
            head, _, self.rest = self.rest.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            path = first.split(" ")[1]
            wait = self.manner.latency / 1000 if path.startswith("/feed/") else 0
            asyncio.get_running_loop().call_later(wait, self.answer, path, headers)

    def answer(self, path: str, headers: dict[str, str]) -> None:
        if path.startswith("/feed/"):
            self.manner.asked += 1
            self.feed(int(path.removeprefix("/feed/")), headers)
        elif path.startswith("/set?"):
            for name, value in parse_qsl(urlsplit(path).query):
                setattr(self.manner, name, int(value))
            self.send("200 OK", b"done\n", headers)
        elif path == "/asked":
            self.send("200 OK", str(self.manner.asked).encode(), headers)
            self.manner.asked = 0
        else:
            listed = self.feeds.opml() if path == "/opml" else "\n".join(self.feeds.addresses()).encode()
            self.send("200 OK", listed, headers)

    def feed(self, feed: int, headers: dict[str, str]) -> None:
        revision = self.manner.revision
        # Never back in time: reader passes over a feed that is older than what it has.
        until = _BEGAN + timedelta(
            days=revision, seconds=time.monotonic() % 86_400 if self.manner.moving else 0
        )
        etag = '"' + hashlib.sha256(f"{feed} {revision}".encode()).hexdigest()[:16] + '"'
        known = f"ETag: {etag}\r\n" if self.manner.validators else ""
        if known and headers.get("if-none-match") == etag:
            self.send("304 Not Modified", b"", headers, known)
            return
        kind = f"Content-Type: {MIX[feed % len(MIX)].content_type}; charset=utf-8\r\n"
        self.send("200 OK", self.feeds.document(feed, revision, until), headers, known + kind)

    def send(self, status: str, payload: bytes, asked: dict[str, str], more: str = "") -> None:
        length = "" if status.startswith("304") else f"Content-Length: {len(payload)}\r\n"
        self.transport.write(f"HTTP/1.1 {status}\r\n{length}{more}\r\n".encode() + payload)
        if asked.get("connection", "").lower() == "close":
            self.transport.close()


async def serve(feeds: Feeds, seconds: float, latency: int) -> None:
    """Answer on all hosts, for so long at most."""
    loop, manner = asyncio.get_running_loop(), Manner(latency=latency)
    for host in range(1, HOSTS + 1):
        await loop.create_server(lambda: Visit(feeds, manner), f"127.0.0.{host}", feeds.port, backlog=1024)
    print("ready", flush=True)
    await asyncio.sleep(seconds)


def main() -> None:
    """Make the feeds and serve them."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--entries", type=int, default=20)
    options.add_argument("--latency", type=int, default=20, help="milliseconds before each answer")
    options.add_argument("--port", type=int, default=8901)
    options.add_argument("--seconds", type=float, default=3600, help="ends by itself after so long")
    given = options.parse_args()
    asyncio.run(serve(Feeds(given.feeds, given.entries, given.port), given.seconds, given.latency))


if __name__ == "__main__":
    main()
