"""The stored senses in memory, as far as a run has needed them: which of them say the same as a new one.

The store stays the truth. What is on a shelf holds for as long as shelf and store bear the same stamp, a random word
that every transaction changes when it changes quotes; what another process wrote, or a rollback took back, empties it.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from kb import decisions, facts, merge, verdicts
from kb import senses as kb_senses
from kb import sought as kb_sought
from kb.bits import Bits
from kb.grouping import Alike, Order
from kb.merge import Signature
from kb.sought import Sought
from kb.support import Support
from kb.terms import Masks, Terms
from kb.terms import numbers as numbers_of

MOST_SENSES = 250_000  # in memory when a transaction begins; 0.7 kB each
_STAMP = "quotes stamp"  # name of the fact in the store


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
        self._terms = Terms()
        self.verdicts = verdicts.of(())
        self.supports: dict[int, Support] = {}  # principle -> what its quotes come to, where they are many
        self._begin()

    def _begin(self) -> None:
        self._terms.stored()
        self._sought: dict[int, Sought] = {}  # of the senses that are being placed
        self._near: dict[int, list[Alike]] = {}  # new sense -> stored leaders that say the same
        self._around: dict[
            int, Masks
        ] = {}  # new sense without such -> stored ones after it that may be alike
        self._first = 0  # of the new senses
        self._new: set[int] = set()  # senses that nobody can find yet
        self.moved: set[int] = set()  # senses that were placed
        self.freed: set[int] = set()  # principles whose leader leads no more

    def open(self, db: Connection) -> None:
        """Forget everything that may not be so in the store; what is put here from now on holds once it is closed."""
        self._db = db
        stamp = facts.get(db, _STAMP)
        if stamp is None or stamp != self._stamp or len(self._senses) > MOST_SENSES:
            self._empty()
            self._leaders = Bits(kb_senses.leading(db))
            self.verdicts = verdicts.of(decisions.standing(db))
        self._stamp = None  # until all has gone well
        self._begin()

    def close(self) -> None:
        """Store where senses stand now; what is on the shelf is so in the store from here on."""
        terms = [
            {"term": term, "sense_id": number}
            for term, number in self._terms.unstored()
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

    def numbers(self, hashes: Collection[str]) -> dict[str, int]:
        """Return the numbers of those of these senses that there are."""
        self._note(kb_senses.by_hash(self._db, set(hashes) - self._numbers.keys()))
        return {one: self._numbers[one] for one in hashes if one in self._numbers}

    def loosen(self, numbers: Iterable[int]) -> list[int]:
        """Let senses that follow one of these be placed anew, and these themselves; return all of them."""
        found = sorted({one for number in numbers for one in (number, *self.followers(number))})
        for number in found:
            if self.leader(number) != number:
                self._senses[number].leader = None
                self.moved.add(number)
        return found

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

    def lead(self, leader: int, principle: int | None) -> None:
        """Let a leader's group stand under a principle, or under none for now."""
        self._get(leader).principle = principle
        self.moved.add(leader)

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
        self._terms.hold(sense, self._what(sense).terms)

    def _what(self, sense: int) -> Sought:
        """Return what a sense says, with all that is needed to look for others."""
        if sense in self._sought:
            return self._sought[sense]
        sought = kb_sought.of_sense(self._senses[sense].said)
        self._terms.look_up(self._db, [sought])
        return sought

    def _read_ahead(self) -> None:
        """Read whatever stored senses the new ones will be compared with, in a few statements."""
        self._terms.look_up(self._db, self._sought.values())
        likely = {
            number: self._reach(sought, sought.before, self._leaders)
            for number, sought in self._sought.items()
        }
        self._fetch(chain.from_iterable(map(numbers_of, likely.values())))
        for number, sought in self._sought.items():
            self._near[number] = list(self._compare(number, likely[number]))
            if not self._near[number]:
                self._around[number] = self._reach(sought, sought.after)
        self._fetch(chain.from_iterable(map(numbers_of, self._around.values())))

    def _reach(
        self, sought: Sought, by_size: Mapping[str, int], among: Bits | None = None, since: int = 0
    ) -> Masks:
        return self._terms.reach(self._db, sought, by_size, self._read, among, since)

    def _compare(self, sense: int, likely: Masks) -> Iterator[Alike]:
        """Yield which of the likely senses say the same, and how nearly."""
        self._fetch_masks(likely)
        one, apart = self._senses[sense], self.verdicts.apart
        for number in numbers_of(likely):
            other = self._senses.get(number)
            if other is not None and number != sense:
                if apart and frozenset((one.hash, other.hash)) in apart:
                    continue
                similarity = merge.similarity(one.signature, other.signature)
                if similarity >= merge.SAME:
                    yield similarity, number

    def _fetch(self, numbers: Iterable[int]) -> None:
        """Read senses, as far as they were not read before."""
        wanted = Bits(set(numbers))
        self._fetch_masks({page: wanted.of(page) for page in sorted(wanted.pages)})

    def _fetch_masks(self, wanted: Masks) -> None:
        unread = {page: mask & ~self._read.of(page) for page, mask in wanted.items()}
        if any(unread.values()):
            self._note(kb_senses.by_number(self._db, numbers_of(unread)))

    def _get(self, number: int) -> _Sense:
        if number not in self._senses:
            self._fetch([number])
        return self._senses[number]

    def _note(self, rows: Iterable[Any]) -> None:
        for number, hash_, said, leader, nearness, principle in rows:
            self._read.add(number)
            self._numbers[hash_] = number
            self._senses[number] = _Sense(hash_, said, kb_sought.read(said), leader, nearness, principle)
