"""Which senses hold a term, in memory as far as a run has needed to know, and so which may say the same as another.

Senses are bits of integers (`kb.bits`): what the terms of a new one weigh in thousands of others is added up at once,
in a few operations.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from sqlalchemy import Connection, String, bindparam, cast, func, select

from kb import quotes, senses
from kb.bits import PAGE, Bits, at_least, held, ids, sums
from kb.schema import sense_terms
from kb.sought import Sought

COMMON = 2_000  # senses; a term of more is looked at only where the rarer ones do not suffice
FEW, FEW_UNREAD = 10, 3  # senses of a page; more are looked at all at once
_FEW_LEFT = 8  # that are compared as soon as sorted further

Masks = dict[int, int]  # page -> senses of it, as bits


class Terms:
    """The terms that were looked at, and the senses that hold them; with those that are not stored yet."""

    def __init__(self) -> None:
        self._holders: dict[str, Bits] = {}
        self._counts: dict[str, int] = {}  # term -> senses, more or less
        self._unstored: dict[str, list[int]] = defaultdict(list)  # term -> senses

    def __contains__(self, term: str) -> bool:
        return term in self._holders

    def hold(self, sense: int, terms: Collection[str]) -> None:
        """Note that a sense holds these terms, so that others find it."""
        for term in terms:
            self._counts[term] = self._counts.get(term, 0) + 1
            self._unstored[term].append(sense)
            if term in self._holders:
                self._holders[term].add(sense)

    def unstored(self) -> Iterator[tuple[str, int]]:
        """Yield terms with senses that hold them, as far as that is not stored."""
        return ((term, sense) for term, found in self._unstored.items() for sense in found)

    def stored(self) -> None:
        """Note that everything is stored, or never will be."""
        self._unstored.clear()

    def look_up(self, db: Connection, sought: Collection[Sought]) -> None:
        """Read which senses hold the terms of *sought*, common words only where they have to be known."""
        words = {word for one in sought for word in one.units} - self._counts.keys()
        if words:
            self._counts.update(dict.fromkeys(words, 0))
            self._counts.update((word, count) for word, count in senses.counts(db, words))
        wanted = {word for word in words if self._counts[word] <= COMMON}
        wanted.update(
            term for one in sought for term in (*self._rarest(one, one.before)[0], *one.before, *one.after)
        )
        new = wanted - self._holders.keys()
        if not new:
            return
        self._holders.update((term, Bits()) for term in new)
        # All in one value a term: 600,000 rows of one sense each take 0.8 s.
        listed = func.aggregate_strings(cast(sense_terms.c.sense_id, String), ",")
        holders = select(sense_terms.c.term, listed).group_by(sense_terms.c.term)
        one_of = holders.where(sense_terms.c.term.in_(bindparam("some", expanding=True)))
        for some in quotes.batches(term for term in new if self._counts.setdefault(term, 1)):
            for term, found in db.execute(one_of, {"some": some}):
                self._holders[term] = Bits(map(int, found.split(",")))
        for term in new & self._unstored.keys():
            for number in self._unstored[term]:
                self._holders[term].add(number)

    def _rarest(self, sought: Sought, by_size: Mapping[str, int]) -> tuple[list[str], bool]:
        """Return so many of the rarest words that a sense with only one of them cannot say the same.

        Where one may be enough, so many that a sense with none of them cannot, and False.
        """
        ordered = sorted(sought.units, key=lambda word: (self._counts[word], word))
        least = min(by_size.values())
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

    def reach(
        self,
        db: Connection,
        sought: Sought,
        by_size: Mapping[str, int],
        read: Bits,
        among: Bits | None = None,
        since: int = 0,
    ) -> Masks:
        """Return the senses that may hold enough of *sought*: those of these sizes, *among* some, of number *since* on.

        Those *read* already are not looked at one by one, for comparing them is as cheap.
        """
        words, two = self._rarest(sought, by_size)
        if not self._holders.keys() >= set(words):  # other words have become commoner meanwhile
            self.look_up(db, [sought])
        rare = [self._holders[word] for word in words]
        found: Masks = {}
        for page in sorted({page for bits in rare for page in bits.pages if page >= since // PAGE}):
            likely = held([bits.of(page) for bits in rare])[two]
            if among is not None:
                likely &= among.of(page)
            if page == since // PAGE:
                likely &= -1 << since % PAGE
            unread = likely & ~read.of(page)
            if likely.bit_count() > FEW or unread.bit_count() > FEW_UNREAD:
                found[page] = self._sort(sought, by_size, page, likely)
            elif likely:
                found[page] = likely ^ unread | self._sift(sought, by_size, page, unread)
        return found

    def _sift(self, sought: Sought, by_size: Mapping[str, int], page: int, likely: int) -> int:
        """Return which of a few senses hold enough of *sought*, looking at them one by one."""
        places = (number % PAGE for number in ids(page, likely))
        return sum(1 << place for place in places if self._is_enough(sought, by_size, page, place))

    def _is_enough(self, sought: Sought, by_size: Mapping[str, int], page: int, place: int) -> bool:
        def holds(term: str) -> int:
            # Of the words that were not looked at everything is assumed to be there.
            return self._holders[term].of(page) >> place & 1 if term in self._holders else 1

        common = sum(units for word, units in sought.units.items() if holds(word))
        return any(common >= least and holds(size) for size, least in by_size.items())

    def _sort(self, sought: Sought, by_size: Mapping[str, int], page: int, likely: int) -> int:
        """Return which of many senses of a page hold enough of *sought*."""
        looked = [
            (self._holders[word], units) for word, units in sought.units.items() if word in self._holders
        ]
        unseen = sum(sought.units.values()) - sum(units for _, units in looked)
        common = sums((bits.of(page) & likely, units) for bits, units in looked)
        likely &= at_least(min(by_size.values()) - unseen, common)
        if likely.bit_count() <= _FEW_LEFT:
            return likely
        enough = 0
        for size, least in by_size.items():
            alike = self._holders[size].of(page) & likely
            if alike:
                enough |= alike & at_least(least - unseen, common)
        return enough


def numbers(masks: Masks) -> Iterator[int]:
    """Yield the numbers of senses, page by page."""
    return chain.from_iterable(ids(page, mask) for page, mask in masks.items())
