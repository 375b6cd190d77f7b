"""The stored senses in memory, as far as a run has needed them: which of them say the same as a new one.

The store stays the truth. What is on a shelf holds for as long as shelf and store bear the same stamp, a random word
that every transaction changes when it changes quotes; what another process wrote, or a rollback took back, empties it.

Which senses hold a term are bits of integers (`kb.bits`): what the terms of a new one weigh in thousands of others is
added up at once, in a few operations.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection, String, bindparam, cast, func, select

from kb import facts, merge
from kb import senses as kb_senses
from kb import sought as kb_sought
from kb.bits import PAGE, Bits, at_least, held, ids, sums
from kb.grouping import Alike, Order
from kb.merge import Signature
from kb.schema import sense_terms
from kb.sought import Sought
from kb.support import Support

COMMON = 2_000  # senses; a term of more is looked at only where the rarer ones do not suffice
FEW, FEW_UNREAD = 10, 3  # senses of a page; more are looked at all at once
_FEW_LEFT = 8  # that are compared as soon as sorted further
MOST_SENSES = 250_000  # in memory when a transaction begins; 0.7 kB each
_STAMP = "quotes stamp"  # name of the fact in the store

_Masks = dict[int, int]  # page -> senses of it, as bits


@dataclass(slots=True)
class _Sense:
    hash: str
    said: str
    signature: Signature
    leader: int | None = None
    nearness: float = 0.0
    principle: int | None = None  # of one that leads


class Shelf:
    """Senses by what they say, for `kb.grouping`.

    Each transaction begins with `open`; until it ends only its owner writes.
    """

    def __init__(self) -> None:
        self._stamp: str | None = None
        self._expected: dict[str, Sought] = {}
        self._empty()

    def _empty(self) -> None:
        self._senses: dict[int, _Sense] = {}  # those read
        self._numbers: dict[str, int] = {}  # by hash; of those read
        self._read = Bits()
        self._leaders = Bits()  # all that there are
        self._holders: dict[str, Bits] = {}  # of the terms that were looked at
        self._counts: dict[str, int] = {}  # term -> senses, more or less
        self.supports: dict[int, Support] = {}  # principle -> what its quotes come to, where they are many
        self._begin()

    def _begin(self) -> None:
        self._sought: dict[int, Sought] = {}  # of the senses that are being placed
        self._near: dict[int, list[Alike]] = {}  # new sense -> stored leaders that say the same
        self._around: dict[
            int, _Masks
        ] = {}  # new sense without such -> stored ones after it that may be alike
        self._first = 0  # of the new senses
        self._new: set[int] = set()  # senses that nobody can find yet
        self._unstored: dict[str, list[int]] = defaultdict(list)  # term -> senses held but not stored
        self.moved: set[int] = set()  # senses that were placed
        self.freed: set[int] = set()  # principles whose leader leads no more

    def open(self, db: Connection) -> None:
        """Forget everything that may not be so in the store; what is put here from now on holds once it is closed."""
        self._db = db
        stamp = facts.get(db, _STAMP)
        if stamp is None or stamp != self._stamp or len(self._senses) > MOST_SENSES:
            self._empty()
            self._leaders = Bits(kb_senses.leading(db))
        self._stamp = None  # until all has gone well
        self._begin()

    def close(self) -> None:
        """Store where senses stand now; what is on the shelf is so in the store from here on."""
        terms = [
            {"term": term, "sense_id": number}
            for term, numbers in self._unstored.items()
            for number in numbers
            if number in self._senses
        ]
        kb_senses.add_terms(self._db, terms)
        kb_senses.place(self._db, [self._row(number) for number in self.moved])
        self._stamp = secrets.token_hex(8)
        facts.put(self._db, _STAMP, self._stamp)

    def _row(self, number: int) -> dict[str, Any]:
        sense = self._senses[number]
        return {
            "number": number,
            "leader": sense.leader,
            "near": sense.nearness,
            "principle": sense.principle,
        }

    def expect(self, sought: Mapping[str, Sought]) -> None:
        """Take what somebody else has worked out already of the texts of the next transaction."""
        self._expected |= sought

    def sought(self, texts: Iterable[str]) -> dict[str, Sought]:
        """Return what each of *texts* says."""
        expected, self._expected = self._expected, {}
        return {text: expected.get(text) or kb_sought.of(text) for text in texts}

    def take(self, sought: Iterable[Sought]) -> list[int]:
        """Store the senses that are new, and make ready to place them; return their numbers.

        Once in a transaction, but for the first senses of a store.
        """
        unread = {one.hash: one for one in sought if one.hash not in self._numbers}
        self._note(kb_senses.by_hash(self._db, unread))
        new = [one for one in unread.values() if one.hash not in self._numbers]
        numbers = kb_senses.add(self._db, new)
        for number, one in zip(numbers, new, strict=True):
            self._senses[number] = _Sense(one.hash, one.said, one.signature)
            self._numbers[one.hash] = number
            self._read.add(number)
        self._new.update(numbers)
        if self._leaders.pages:
            self._sought = dict(zip(numbers, new, strict=True))
            self._first = min(numbers, default=0)
            self._read_ahead()
        return numbers

    def number(self, one: Sought) -> int:
        """Return the number of a sense that was taken."""
        return self._numbers[one.hash]

    def drop(self, numbers: Collection[int]) -> list[int]:
        """Remove senses that no quote has any more; return those that have to be placed anew."""
        self._fetch(numbers)
        left = [one for number in numbers for one in self.followers(number)]
        for number in numbers:
            sense = self._senses.pop(number)
            del self._numbers[sense.hash]
            self._leaders.remove(number)
            self.moved.discard(number)
            if sense.principle is not None:
                self.freed.add(sense.principle)
        kb_senses.remove(self._db, numbers)
        left = [one for one in left if one in self._senses]
        for one in left:
            self._senses[one].leader = None
        self.moved.update(left)
        return left

    def principle(self, number: int) -> int:
        """Return the principle of the group that a sense is in."""
        found = self._get(self.leader_of(number)).principle
        assert found is not None  # noqa: S101 - every group has been given one
        return found

    def has_principle(self, leader: int) -> bool:
        """Tell whether a group has been given its principle."""
        return self._get(leader).principle is not None

    def lead(self, leader: int, principle: int) -> None:
        """Let a leader's group stand under a principle."""
        self._senses[leader].principle = principle
        self.freed.discard(principle)

    def order(self, sense: int) -> Order:
        """Return its place among all senses: those that say little come first."""
        one = self._get(sense)
        return one.signature.total, one.hash

    def leader(self, sense: int) -> int | None:
        """Return the sense that it follows, itself where it leads, None where it has not been placed yet."""
        return self._senses[sense].leader

    def leader_of(self, sense: int) -> int:
        """Return the leader of a sense that has been placed."""
        leader = self.leader(sense)
        assert leader is not None  # noqa: S101
        return leader

    def nearness(self, sense: int) -> float:
        """Return the similarity to its leader."""
        return self._senses[sense].nearness

    def followers(self, leader: int) -> list[int]:
        """Return the senses that follow a leader, without itself."""
        stored = [one for one in kb_senses.followers(self._db, leader) if one not in self.moved]
        self._fetch(stored)
        found = chain(stored, (one for one in self.moved if self.leader(one) == leader))
        return sorted(one for one in found if one != leader and one in self._senses)

    def before(self, sense: int) -> Iterator[Alike]:
        """Yield the leading senses before it that say the same."""
        sought, order = self._what(sense), self.order(sense)
        known = [alike for alike in self._near.get(sense, ()) if self.leader(alike[1]) == alike[1]]
        since = self._first if sense in self._near else 0
        likely = self._reach(sought, sought.before, self._leaders, since)
        found = chain(known, self._compare(sense, likely))
        return (alike for alike in found if self.order(alike[1]) < order)

    def after(self, sense: int) -> Iterator[Alike]:
        """Yield the placed senses after it that say the same."""
        sought, order = self._what(sense), self.order(sense)
        likely = dict(self._around.get(sense, {}))
        since = self._first if sense in self._around else 0
        for page, found in self._reach(sought, sought.after, None, since).items():
            likely[page] = likely.get(page, 0) | found
        return (alike for alike in self._compare(sense, likely) if self.order(alike[1]) > order)

    def place(self, sense: int, leader: int, nearness: float) -> None:
        """Let it follow a leader, or lead."""
        one = self._senses[sense]
        if sense in self._new:
            self._hold(sense)
        if leader == sense:
            self._leaders.add(sense)
            if sense not in self._near:  # nobody has thought of it as a leader
                self._near.clear()
        elif one.leader == sense:
            self._leaders.remove(sense)
            if one.principle is not None:
                self.freed.add(one.principle)
                one.principle = None
        one.leader, one.nearness = leader, nearness
        self.moved.add(sense)

    def _hold(self, sense: int) -> None:
        self._new.remove(sense)
        for term in self._what(sense).terms:
            self._counts[term] = self._counts.get(term, 0) + 1
            self._unstored[term].append(sense)
            if term in self._holders:
                self._holders[term].add(sense)

    def _what(self, sense: int) -> Sought:
        """Return what a sense says, with all that is needed to look for others."""
        if sense in self._sought:
            return self._sought[sense]
        sought = kb_sought.of_sense(self._senses[sense].said)
        self._look_up([sought])
        return sought

    def _read_ahead(self) -> None:
        """Read whatever stored senses the new ones will be compared with, in a few statements."""
        self._look_up(self._sought.values())
        likely = {
            number: self._reach(sought, sought.before, self._leaders)
            for number, sought in self._sought.items()
        }
        self._fetch(chain.from_iterable(map(_ids, likely.values())))
        for number, sought in self._sought.items():
            self._near[number] = list(self._compare(number, likely[number]))
            if not self._near[number]:
                self._around[number] = self._reach(sought, sought.after)
        self._fetch(chain.from_iterable(map(_ids, self._around.values())))

    def _look_up(self, sought: Collection[Sought]) -> None:
        """Read which senses hold the terms of *sought*, common words only where they have to be known."""
        words = {word for one in sought for word in one.units} - self._counts.keys()
        if words:
            self._counts.update(dict.fromkeys(words, 0))
            self._counts.update((word, count) for word, count in kb_senses.counts(self._db, words))
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
        for some in kb_senses.batches(term for term in new if self._counts.setdefault(term, 1)):
            for term, found in self._db.execute(one_of, {"some": some}):
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

    def _reach(
        self, sought: Sought, by_size: Mapping[str, int], among: Bits | None = None, since: int = 0
    ) -> _Masks:
        """Return the senses, *among* some of them and of number *since* and later, that may hold enough of *sought*."""
        words, two = self._rarest(sought, by_size)
        if not self._holders.keys() >= set(words):  # other words have become commoner meanwhile
            self._look_up([sought])
        rare = [self._holders[word] for word in words]
        found: _Masks = {}
        for page in sorted({page for bits in rare for page in bits.pages if page >= since // PAGE}):
            likely = held([bits.of(page) for bits in rare])[two]
            if among is not None:
                likely &= among.of(page)
            if page == since // PAGE:
                likely &= -1 << since % PAGE
            unread = likely & ~self._read.of(page)
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

    def _compare(self, sense: int, likely: _Masks) -> Iterator[Alike]:
        """Yield which of the likely senses say the same, and how nearly."""
        self._fetch_masks(likely)
        signature = self._senses[sense].signature
        for number in _ids(likely):
            other = self._senses.get(number)
            if other is not None and number != sense:
                similarity = merge.similarity(signature, other.signature)
                if similarity >= merge.SAME:
                    yield similarity, number

    def _fetch(self, numbers: Iterable[int]) -> None:
        """Read senses, as far as they were not read before."""
        wanted = Bits(set(numbers))
        self._fetch_masks({page: wanted.of(page) for page in sorted(wanted.pages)})

    def _fetch_masks(self, wanted: _Masks) -> None:
        unread = {page: mask & ~self._read.of(page) for page, mask in wanted.items()}
        if any(unread.values()):
            self._note(kb_senses.by_number(self._db, _ids(unread)))

    def _get(self, number: int) -> _Sense:
        if number not in self._senses:
            self._fetch([number])
        return self._senses[number]

    def _note(self, rows: Iterable[Any]) -> None:
        for number, hash_, said, leader, nearness, principle in rows:
            self._read.add(number)
            self._numbers[hash_] = number
            self._senses[number] = _Sense(hash_, said, kb_sought.read(said), leader, nearness, principle)


def _ids(masks: _Masks) -> Iterator[int]:
    return chain.from_iterable(ids(page, mask) for page, mask in masks.items())
