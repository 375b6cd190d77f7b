"""The stored quotes in memory, as far as a run has needed them: which of them says the same as a new one.

The store stays the truth. What is on a shelf holds for as long as shelf and store bear the same stamp, a random word
that every transaction changes when it changes quotes; what another process wrote, or a rollback took back, empties it.

Which quotes hold a term are bits of integers (`kb.bits`): what the terms of a new quote weigh in thousands of others is
added up at once, in a few operations.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from sqlalchemy import Column, Connection, Select, String, bindparam, cast, delete, func, insert, select

from kb import facts, merge
from kb import sought as kb_sought
from kb.bits import PAGE, Bits, at_least, held, ids, sums
from kb.merge import Signature
from kb.schema import principles, quote_terms, quotes
from kb.sought import TIERS, Sought
from kb.support import Support

COMMON = 2_000  # quotes; a term of more is looked at only where the rarer ones do not suffice
FEW, FEW_UNREAD = 24, 3  # quotes of a page; more are looked at all at once
MOST_CANDIDATES = 200  # quotes of a tier that a new one is compared with, the oldest first
MOST_QUOTES = 250_000  # in memory when a transaction begins; 0.7 kB each
BATCH = 500  # values named in one statement; SQLite takes 32,766 where nobody has raised that
_STAMP = "quotes stamp"  # name of the fact in the store
# Raise it when terms are made in another way: those of all stored quotes are then made anew, once.
TERMS = "2"
_TERMS = "quote terms"  # name of the fact

_Masks = dict[int, int]  # page -> quotes of it, as bits
_Alike = tuple[float, int]  # similarity and quote id


class Shelf:
    """Quotes by what they say. Each transaction begins with `open`; until it ends only its owner writes."""

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._expected: dict[str, Sought] = {}
        self._empty()

    def _empty(self) -> None:
        self._holders: dict[str, Bits] = {}  # of the terms that were looked at
        self._counts: dict[str, int] = {}  # term -> quotes, more or less
        self._read = Bits()
        self._quotes: dict[int, tuple[int, Signature]] = {}  # id -> principle and what it says; of those read
        self._copies: dict[
            tuple[int, str], int
        ] = {}  # principle and text -> how often but for the first time
        self._alike: dict[str, list[_Alike]] = {}  # text -> stored quotes that say the same; of one `seek`
        self._since = 0  # id of the first quote that was added after it
        self.supports: dict[int, Support] = {}  # principle -> what its quotes come to, where they are many
        self.newest_quote = self.newest_principle = 0

    def open(self, db: Connection) -> None:
        """Forget everything that may not be so in the store; what is put here from now on holds once it is closed."""
        stamp = facts.get(db, _STAMP)
        if stamp is None or stamp != self._stamp or len(self._quotes) > MOST_QUOTES:
            self._empty()
            if facts.get(db, _TERMS) != TERMS:
                _renew(db)
            newest = select(
                *(select(func.max(table.c.id)).scalar_subquery() for table in (quotes, principles))
            )
            self.newest_quote, self.newest_principle = (found or 0 for found in db.execute(newest).one())
        self._stamp = None  # until all has gone well

    def close(self, db: Connection, *, holds: bool) -> None:
        """Note that quotes were changed, and whether what is on the shelf is so in the store."""
        stamp = secrets.token_hex(8)
        facts.put(db, _STAMP, stamp)
        self._stamp = stamp if holds else None

    def expect(self, sought: Mapping[str, Sought]) -> None:
        """Take what somebody else has worked out already of the texts of the next `seek`."""
        self._expected |= sought

    def seek(self, db: Connection, texts: Iterable[str]) -> dict[str, Sought]:
        """Look for the stored quotes that say the same as each of *texts*."""
        expected, self._expected = self._expected, {}
        sought = {text: expected.get(text) or kb_sought.of(text) for text in texts}
        self._look_up(db, sought.values())
        self._since = self.newest_quote + 1
        self._alike = {text: [] for text in sought}
        left = {text: self._reach(one) for text, one in sought.items()}
        for tier, target in enumerate(TIERS):
            self._fetch(db, [tiers[tier] for tiers in left.values()])
            for text, tiers in left.items():
                self._alike[text] += self._compare(sought[text].signature, tiers[tier])
            left = {text: tiers for text, tiers in left.items() if _best(self._alike[text]) < target}
        return sought

    def same(self, text: str, sought: Sought) -> int | None:
        """Return the principle of the quote that says the same best, the oldest of equals; None if none does."""
        alike = [one for one in self._alike[text] if one[1] in self._quotes]
        for added in self._reach(sought, self._since):
            alike += self._compare(sought.signature, added)
        if not alike:
            return None
        return self._quotes[min(alike, key=lambda one: (-one[0], one[1]))[1]][0]

    def add(self, quote_id: int, principle_id: int, text: str, sought: Sought) -> None:
        """Put a new quote on the shelf; whoever looks finds only the first of a principle's in the same words."""
        self.newest_quote = max(self.newest_quote, quote_id)
        self.newest_principle = max(self.newest_principle, principle_id)
        if self._note(quote_id, principle_id, text, sought.signature):
            for term in sought.terms:
                self._counts[term] = self._counts.get(term, 0) + 1
                if term in self._holders:
                    self._holders[term].add(quote_id)

    def remove(self, quote_id: int, principle_id: int, text: str) -> None:
        """Take a quote off the shelf, unless its principle has others in the same words."""
        copies = self._copies.pop((principle_id, text), 0)
        if copies:
            self._copies[principle_id, text] = copies - 1
        else:
            self._quotes.pop(quote_id, None)

    def _look_up(self, db: Connection, sought: Collection[Sought]) -> None:
        """Read which quotes hold the terms of *sought*, common words only where they have to be known."""
        words = {word for one in sought for word in one.units} - self._counts.keys()
        counts = select(quote_terms.c.term, func.count()).group_by(quote_terms.c.term)
        self._counts.update(dict.fromkeys(words, 0))
        self._counts.update((word, count) for word, count in _rows(db, counts, quote_terms.c.term, words))
        wanted = {word for word in words if self._counts[word] <= COMMON}
        wanted.update(term for one in sought for term in (*self._rarest(one)[0], *one.least))
        new = wanted - self._holders.keys()
        self._holders.update((term, Bits()) for term in new)
        stored = [term for term in new if self._counts.setdefault(term, 1)]
        # All in one value a term: 600,000 rows of one quote each take 0.8 s.
        listed = func.aggregate_strings(cast(quote_terms.c.quote_id, String), ",")
        holders = select(quote_terms.c.term, listed).group_by(quote_terms.c.term)
        for term, found in _rows(db, holders, quote_terms.c.term, stored):
            self._holders[term] = Bits(map(int, found.split(",")))

    def _rarest(self, sought: Sought) -> tuple[list[str], bool]:
        """Return so many of the rarest words that a quote with only one of them cannot say the same.

        Where one may be enough, so many that a quote with none of them cannot, and False.
        """
        ordered = sorted(sought.units, key=lambda word: (self._counts[word], word))
        least = _least(sought)
        rest = most = sum(sought.units.values())
        enough = len(ordered)
        for number, word in enumerate(ordered):
            if rest < least:
                enough = min(enough, number)
            most = max(most if number else 0, sought.units[word])
            rest -= sought.units[word]
            if rest + most < least:
                return ordered[: number + 1], True
        return ordered[:enough], False

    def _reach(self, sought: Sought, since: int = 0) -> list[_Masks]:
        """Return the quotes of id *since* and later that may hold enough of *sought*, each in its tier."""
        words, two = self._rarest(sought)
        rare = [self._holders[word] for word in words]
        found: list[_Masks] = [{} for _ in TIERS]
        for page in sorted({page for bits in rare for page in bits.pages if page >= since // PAGE}):
            likely = held([bits.of(page) for bits in rare])[two]
            if page == since // PAGE:
                likely &= -1 << since % PAGE
            unread = likely & ~self._read.of(page)
            if likely.bit_count() > FEW or unread.bit_count() > FEW_UNREAD:
                self._sort(sought, page, likely, found)
            elif likely:
                found[0][page] = likely ^ unread | self._sift(sought, page, unread)
        return found

    def _sift(self, sought: Sought, page: int, likely: int) -> int:
        """Return which of a few quotes hold enough of *sought*, looking at them one by one."""
        places = (quote_id % PAGE for quote_id in ids(page, likely))
        return sum(1 << place for place in places if self._is_enough(sought, page, place))

    def _is_enough(self, sought: Sought, page: int, place: int) -> bool:
        def holds(term: str) -> int:
            # Of the words that were not looked at everything is assumed to be there.
            return self._holders[term].of(page) >> place & 1 if term in self._holders else 1

        common = sum(units for word, units in sought.units.items() if holds(word))
        return any(common >= least[-1] and holds(size) for size, least in sought.least.items())

    def _sort(self, sought: Sought, page: int, likely: int, found: Sequence[_Masks]) -> None:
        """Put many quotes of a page, those that hold enough of *sought*, into their tiers."""
        looked = [
            (self._holders[word], units) for word, units in sought.units.items() if word in self._holders
        ]
        unseen = sum(sought.units.values()) - sum(units for _, units in looked)
        common = sums((bits.of(page) & likely, units) for bits, units in looked)
        sizes = [(self._holders[size].of(page), least) for size, least in sought.least.items()]
        likely &= at_least(_least(sought) - unseen, common)
        for tier, masks in enumerate(found if likely else ()):
            enough = 0
            for alike, least in sizes:
                if alike & likely:
                    enough |= alike & likely & at_least(least[tier] - unseen, common)
            masks[page] = enough
            likely &= ~enough

    def _compare(self, signature: Signature, likely: _Masks) -> list[_Alike]:
        """Return which of the likely quotes say the same, and how nearly."""
        found = []
        for quote_id in _first(likely):
            if quote_id in self._quotes:
                similarity = merge.similarity(signature, self._quotes[quote_id][1])
                if similarity >= merge.SAME:
                    found.append((similarity, quote_id))
        return found

    def _fetch(self, db: Connection, likely: Iterable[_Masks]) -> None:
        """Read what the likely quotes say, as far as it was not read before."""
        wanted = Bits({quote_id for masks in likely for quote_id in _first(masks)})
        unread = {page: wanted.of(page) & ~self._read.of(page) for page in sorted(wanted.pages)}
        columns = select(quotes.c.id, quotes.c.principle_id, quotes.c.text)
        for quote_id, principle_id, text in _rows(db, columns, quotes.c.id, list(_ids(unread))):
            signature = merge.signature(text)
            if not self._note(quote_id, principle_id, text, signature):
                self._hide(quote_id, signature)

    def _note(self, quote_id: int, principle_id: int, text: str, signature: Signature) -> bool:
        """Note what a quote says, and return whether it is the first of its principle in these words."""
        self._read.add(quote_id)
        self._quotes[quote_id] = principle_id, signature
        copies = self._copies.get((principle_id, text), -1) + 1
        self._copies[principle_id, text] = copies
        return not copies

    def _hide(self, quote_id: int, signature: Signature) -> None:
        for term in (*merge.terms(signature), kb_sought.size(signature.total)):
            if term in self._holders:
                self._holders[term].remove(quote_id)


def _least(sought: Sought) -> int:
    return min(least[-1] for least in sought.least.values())


def _best(alike: Sequence[_Alike]) -> float:
    return max((similarity for similarity, _ in alike), default=0.0)


def _renew(db: Connection) -> None:
    """Make the terms of all stored quotes."""
    db.execute(delete(quote_terms))
    last = 0
    some = (
        select(quotes.c.id, quotes.c.text)
        .where(quotes.c.id > bindparam("last"))
        .order_by(quotes.c.id)
        .limit(BATCH)
    )
    while found := db.execute(some, {"last": last}).all():
        terms = [{"term": term, "quote_id": row.id} for row in found for term in kb_sought.of(row.text).terms]
        db.execute(insert(quote_terms), terms)
        last = found[-1].id
    facts.put(db, _TERMS, TERMS)


def _first(masks: _Masks) -> Iterator[int]:
    return islice(_ids(masks), MOST_CANDIDATES)


def _ids(masks: _Masks) -> Iterator[int]:
    return chain.from_iterable(ids(page, mask) for page, mask in masks.items())


def _rows(db: Connection, found: Select[Any], column: Column[Any], values: Collection[Any]) -> Iterator[Any]:
    """Yield the rows of *found* that have one of *values* in *column*."""
    ordered: Sequence[Any] = list(values)
    one_of = found.where(column.in_(bindparam("some", expanding=True)))
    for start in range(0, len(ordered), BATCH):
        yield from db.execute(one_of, {"some": ordered[start : start + BATCH]})
