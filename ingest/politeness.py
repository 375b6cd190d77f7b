"""Turns at the sites of a run: one request at a time for each registrable domain, a pause after it, and no more
requests to a domain that turns them away.

An overloaded site is often one feed's trouble (a single 503 must not silence a blog host with thousands of feeds),
so it takes two addresses that refuse before the rest of the domain is left alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from ingest import domains
from kb.errors import Spared

_PATIENCE = 2  # addresses that refuse


@dataclass(slots=True, kw_only=True)
class _Site:
    """What a run has learned of one registrable domain."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    pause: float  # seconds from the end of one request to the start of the next
    rested_at: float = 0.0  # by the event loop's clock
    refusals: dict[str, timedelta | None] = field(default_factory=dict)  # address -> how long to wait

    def has_refused(self, url: str) -> bool:
        return url in self.refusals or len(self.refusals) >= _PATIENCE

    @property
    def wait(self) -> timedelta | None:
        return max((wait for wait in self.refusals.values() if wait is not None), default=None)


class Turns:
    """Whose turn it is, at every site of a run."""

    def __init__(self, gap: float) -> None:
        self._sites = defaultdict[str, _Site](lambda: _Site(pause=gap))

    @asynccontextmanager
    async def turn(self, url: str, asked: str) -> AsyncIterator[None]:
        """Wait for a turn to ask *url*, on behalf of the address *asked*.

        Raises Spared when there is no asking there any more.
        """
        site = self._site(url)
        loop = asyncio.get_running_loop()
        async with site.turn:
            if site.has_refused(url):
                raise Spared(asked, "its site was turning requests away, so it was not asked", site.wait)
            if (left := site.rested_at - loop.time()) > 0:
                await asyncio.sleep(left)
            try:
                yield
            finally:
                site.rested_at = loop.time() + site.pause

    def refused(self, url: str, wait: timedelta | None) -> None:
        """Note that *url* was turned away."""
        self._site(url).refusals[url] = wait

    def slow_down(self, url: str, pause: float) -> None:
        """Leave at least *pause* seconds between requests to the site of *url*."""
        site = self._site(url)
        site.pause = max(site.pause, pause)

    def _site(self, url: str) -> _Site:
        return self._sites[domains.registrable(url)]
