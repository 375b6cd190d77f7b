"""Quotes -> principles: each quote goes where the group of its sense stands (`kb.grouping`).

Whatever changes about a principle's quotes, `_refresh` works out its wording, topics and support anew (`kb.support`).
Quotes of an earlier text of their post remain, flagged: they neither count as support nor, while there are others,
word it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from kb import changes, facts, grouping, senses, sought, support, tensions
from kb import quotes as kb_quotes
from kb.model import Quote
from kb.quotes import New, Stored
from kb.schema import principle_topics, principles, sense_terms, versions
from kb.schema import senses as senses_table
from kb.shelf import Shelf
from kb.support import Support

MANY = 8  # quotes of a principle whose sum a shelf keeps; to add up fewer anew is as cheap
# Raise it when signatures or their terms are made in another way: all stored quotes are then grouped anew, once.
SENSES = "4"
_SENSES = "senses"  # name of the fact


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to become of the quotes of one post."""

    post_id: int
    new: Sequence[Quote]
    kept: Sequence[tuple[Stored, Quote]]
    gone: Sequence[Stored]


def file(
    db: Connection, found: Mapping[int, Sequence[Quote]], now: datetime, shelf: Shelf | None = None
) -> None:
    """Make *found* the quotes of these posts (id -> quotes): those there already stay in their principles.

    Many posts at once cost less than one by one, and less again if a run gives one shelf to all its calls.
    """
    shelf = _opened(db, shelf)
    there = kb_quotes.of_posts(db, found)
    plans = [_plan(post_id, said, there[post_id]) for post_id, said in found.items()]
    sought = shelf.sought({quote.text: None for plan in plans for quote in plan.new})
    kept = [pair for plan in plans for pair in plan.kept]
    gone = [one for plan in plans for one in plan.gone]
    kb_quotes.change(db, kept)
    kb_quotes.remove(db, gone)
    waiting = shelf.take(sought.values())
    numbers = {text: shelf.number(one) for text, one in sought.items()}
    waiting += _drop(db, shelf, gone, frozenset(numbers.values()))
    new = [
        New(post_id=plan.post_id, quote=quote, sense_id=numbers[quote.text])
        for plan in plans
        for quote in plan.new
    ]
    changed = {stored.principle_id for stored, _ in kept} | {stored.principle_id for stored in gone}
    _regroup(db, shelf, waiting, new, now, changed)


def clear(db: Connection, post_ids: Collection[int], shelf: Shelf | None = None) -> None:
    """Remove all quotes of these posts."""
    _remove(db, kb_quotes.ever_of_posts(db, post_ids), shelf)


def forget(db: Connection, post_id: int, version_ids: Collection[int], shelf: Shelf | None = None) -> None:
    """Remove these earlier texts of a post, with the quotes that stand in them only."""
    if version_ids:
        _remove(db, kb_quotes.of_versions(db, post_id, version_ids), shelf)
        db.execute(delete(versions).where(versions.c.id.in_(version_ids)))


def _remove(db: Connection, gone: Sequence[Stored], shelf: Shelf | None) -> None:
    if gone:
        shelf = _opened(db, shelf)
        kb_quotes.remove(db, gone)
        _regroup(db, shelf, _drop(db, shelf, gone), (), None, {stored.principle_id for stored in gone})


def weigh(db: Connection, post_ids: Collection[int], shelf: Shelf | None = None) -> None:
    """Work out anew what the principles of these posts come to: the posts have got another original."""
    if post_ids:
        shelf = _opened(db, shelf)
        _refresh(db, shelf, {one.principle_id for one in kb_quotes.ever_of_posts(db, post_ids)})
        shelf.close()


def outdate(
    db: Connection, post_id: int, texts: Collection[str], version_id: int, shelf: Shelf | None = None
) -> None:
    """Flag those of a post's quotes that have one of *texts*: they stand in that earlier text of it only."""
    changed = [one for one in kb_quotes.of_posts(db, [post_id])[post_id] if one.text in texts]
    if changed:
        shelf = _opened(db, shelf)
        kb_quotes.flag(db, changed, version_id)
        _refresh(db, shelf, {one.principle_id for one in changed})
        shelf.close()


def reconsider(db: Connection, texts: Iterable[str]) -> None:
    """Bring principles to what curators have decided about quotes with these texts."""
    shelf = _opened(db, None)
    named = shelf.numbers({sought.of(text).hash for text in texts})
    waiting = shelf.loosen(named.values())
    touched = {one for some in senses.principles(db, waiting).values() for one in some}
    for principle in sorted(touched):
        _part(db, shelf, principle)
    _regroup(db, shelf, waiting, (), None, touched)


def _part(db: Connection, shelf: Shelf, principle: int) -> None:
    """Let all groups of a principle that are not merged with the first one look for principles of their own."""
    leaders = sorted(senses.leaders_under(db, principle))
    joined = _joined(shelf)
    kinds = [joined.get(leader, leader) for leader in leaders]
    for leader, kind in zip(leaders, kinds, strict=True):
        if kind != kinds[0]:
            shelf.lead(leader, None)


def _opened(db: Connection, shelf: Shelf | None) -> Shelf:
    shelf = shelf or Shelf()
    shelf.open(db)
    if facts.get(db, _SENSES) != SENSES:
        _renew(db)
        shelf.open(db)
    return shelf


def _renew(db: Connection) -> None:
    """Group all stored quotes anew; principles keep their numbers as far as there is a group to take them."""
    db.execute(delete(sense_terms))
    db.execute(delete(senses_table))
    shelf = Shelf()
    shelf.open(db)
    waiting: list[int] = []
    for some in kb_quotes.all_texts(db):
        sought = shelf.sought(some.values())
        waiting += shelf.take(sought.values())
        kb_quotes.say(db, {quote_id: shelf.number(sought[text]) for quote_id, text in some.items()})
    shelf.freed.update(db.execute(select(principles.c.id)).scalars())
    _regroup(db, shelf, waiting, (), None, ())
    facts.put(db, _SENSES, SENSES)


def _plan(post_id: int, said: Sequence[Quote], there: Iterable[Stored]) -> _Plan:
    by_text = defaultdict(list)
    for stored in there:
        by_text[stored.text].append(stored)
    new, kept = [], []
    for quote in said:
        if same := by_text[quote.text]:
            kept.append((same.pop(0), quote))
        else:
            new.append(quote)
    return _Plan(post_id=post_id, new=new, kept=kept, gone=[one for left in by_text.values() for one in left])


def _drop(db: Connection, shelf: Shelf, gone: Iterable[Stored], needed: Collection[int] = ()) -> list[int]:
    """Forget the senses that no quote has any more; return those that have lost their leader by that."""
    left = {stored.sense_id for stored in gone if stored.sense_id is not None}.difference(needed)
    return shelf.drop(sorted(senses.unsaid(db, left)))


def _regroup(
    db: Connection,
    shelf: Shelf,
    waiting: Iterable[int],
    new: Sequence[New],
    now: datetime | None,
    changed: Collection[int],
) -> None:
    """Place the senses that wait, store new quotes, and bring principles to it; *changed* ones have changed already."""
    grouping.settle(shelf, waiting)
    stood = senses.principles(db, shelf.moved)
    joined = _joined(shelf)
    shelf.freed.difference_update(shelf.principle(one) for one in joined if shelf.has_principle(one))
    begun = _begin(db, shelf, _claim(shelf, stood), new, now, _ages(db, stood))
    stood = {**stood, **senses.principles(db, _unite(shelf, joined))}
    moved = {number: shelf.principle(number) for number in stood}
    moved = {number: principle for number, principle in moved.items() if stood[number] != [principle]}
    senses.move(db, moved)
    stored = kb_quotes.add(db, [(one, shelf.principle(one.sense_id)) for one in new])
    grown = {shelf.principle(one.sense_id) for one in new}
    touched = {*changed, *moved.values(), *(one for number in moved for one in stood[number])}
    into = {one: principle for number, principle in moved.items() for one in stood[number]}
    _refresh(db, shelf, touched, grown - touched - begun, min(stored, default=0), into)
    shelf.close()


def _joined(shelf: Shelf) -> dict[int, int]:
    """Return the leaders whose groups a curator has merged, each with the one that stands for all of its kind."""
    named = shelf.numbers({hash_ for pair in shelf.verdicts.joins for hash_ in pair})
    roots: dict[int, int] = {}
    for pair in shelf.verdicts.joins:
        if all(hash_ in named for hash_ in pair):
            one, other = (_root(roots, shelf.leader(named[hash_]) or named[hash_]) for hash_ in pair)
            roots[max(one, other)] = roots[min(one, other)] = min(one, other)
    return {leader: _root(roots, leader) for leader in roots}


def _root(roots: Mapping[int, int], leader: int) -> int:
    while roots.get(leader, leader) != leader:
        leader = roots[leader]
    return leader


def _unite(shelf: Shelf, joined: Mapping[int, int]) -> list[int]:
    """Put merged groups under the oldest of their principles; return the senses of those that were under another."""
    targets: dict[int, int] = {}
    for leader, root in joined.items():
        principle = shelf.principle(leader)
        targets[root] = min(principle, targets.get(root, principle))
    moved = []
    for leader, root in joined.items():
        if shelf.principle(leader) != targets[root]:
            shelf.lead(leader, targets[root])
            moved += [leader, *shelf.followers(leader)]
    return moved


def _claim(shelf: Shelf, stood: Mapping[int, Sequence[int]]) -> list[int]:
    """Let new leaders take over the principles of those they replace; return those that need new ones."""
    groups = defaultdict(list)
    for number in sorted(shelf.moved):
        groups[shelf.leader_of(number)].append(number)
    left = []
    new = (leader for leader in groups if not shelf.has_principle(leader))
    for leader in sorted(new, key=lambda one: min(groups[one])):  # as they came
        before = (one for number in (leader, *groups[leader]) for one in stood.get(number, ()))
        claimed = next((one for one in before if one in shelf.freed), None)
        if claimed is None:
            left.append(leader)
        else:
            shelf.freed.discard(claimed)
            shelf.lead(leader, claimed)
    return left


def _ages(db: Connection, stood: Mapping[int, Sequence[int]]) -> dict[int, datetime]:
    """Return since when there has been what stored senses say: since the oldest of their principles was begun."""
    began: dict[int, datetime] = {}
    for some in kb_quotes.batches({one for found in stood.values() for one in found}):
        rows = db.execute(select(principles.c.id, principles.c.added_at).where(principles.c.id.in_(some)))
        began.update((row.id, row.added_at) for row in rows)
    return {number: began[found[0]] for number, found in stood.items()}


def _begin(
    db: Connection,
    shelf: Shelf,
    leaders: Sequence[int],
    new: Iterable[New],
    now: datetime | None,
    ages: Mapping[int, datetime],
) -> set[int]:
    """Begin a principle for each of these leaders, as far as new quotes tell what it is; return their ids."""
    said: dict[int, list[New]] = {leader: [] for leader in leaders}
    for one in new:
        leader = shelf.leader_of(one.sense_id)
        if leader in said:
            said[leader].append(one)
    made = [support.of(voices) for voices in kb_quotes.voices_of(db, said.values())]
    rows = [
        {"text": one.wording, "sources": len(one.publishers), "added_at": ages.get(leader, now)}
        for leader, one in zip(leaders, made, strict=True)
    ]
    ids = kb_quotes.insert_all(db, principles, rows)
    for leader, principle in zip(leaders, ids, strict=True):
        shelf.lead(leader, principle)
    _file_under_topics(db, dict(zip(ids, made, strict=True)))
    changes.queue(db, "principle", ids)
    tensions.queue(db, ids)
    return set(ids)


def _refresh(
    db: Connection,
    shelf: Shelf,
    changed: Collection[int],
    grown: Collection[int] = (),
    since: int = 0,
    into: Mapping[int, int] | None = None,
) -> None:
    """Work out principles' wording, topics and support from their quotes of now; remove empty ones.

    Those that have but *grown* got quotes of id *since* or later and lost none. *into* tells where quotes have gone.
    """
    for principle_id in changed:
        shelf.supports.pop(principle_id, None)
    touched = {*changed, *grown}
    worded = _worded(shelf)
    for some in kb_quotes.batches(touched):
        found = _supports(db, shelf, some, since)
        _write(db, found, worded)
        _file_under_topics(db, found, instead_of=some)
        _end(db, set(some) - found.keys(), into or {})
    changes.queue(db, "principle", touched)


def _worded(shelf: Shelf) -> dict[int, str]:
    """Return the wordings that curators have given: principle -> wording."""
    wordings = shelf.verdicts.wordings
    return {shelf.principle(number): wordings[hash_] for hash_, number in shelf.numbers(wordings).items()}


def _supports(db: Connection, shelf: Shelf, ids: Sequence[int], since: int) -> dict[int, Support]:
    """Add up the quotes of principles; of those whose sum is on the shelf, the new ones only."""
    found = {one: shelf.supports[one] for one in ids if one in shelf.supports}
    if found:
        for one, voices in kb_quotes.voices(db, list(found), since).items():
            for voice in voices:
                found[one].add(voice)
    for one, voices in kb_quotes.voices(db, [one for one in ids if one not in found]).items():
        found[one] = support.of(voices)
        if len(voices) >= MANY and not any(voice.changed for voice in voices):
            shelf.supports[one] = found[one]
    return found


def _write(db: Connection, found: Mapping[int, Support], worded: Mapping[int, str]) -> None:
    """Bring the wording and support of principles to what their quotes come to."""
    wordings = {one: worded.get(one, found[one].wording) for one in sorted(found)}
    before = db.execute(select(principles.c.id, principles.c.text).where(principles.c.id.in_(found)))
    tensions.queue(db, [row.id for row in before if row.text != wordings[row.id]])
    rows = [
        {"principle": one, "wording": wording, "publishers": len(found[one].publishers)}
        for one, wording in wordings.items()
    ]
    if rows:
        rewritten = update(principles).where(principles.c.id == bindparam("principle"))
        db.execute(rewritten.values(text=bindparam("wording"), sources=bindparam("publishers")), rows)


def _end(db: Connection, empty: set[int], into: Mapping[int, int]) -> None:
    """Remove principles that have no quotes any more."""
    for one in empty & into.keys():
        tensions.follow(db, one, into[one])
    if empty:
        db.execute(delete(principles).where(principles.c.id.in_(empty)))


def _file_under_topics(db: Connection, found: Mapping[int, Support], instead_of: Sequence[int] = ()) -> None:
    if instead_of:
        db.execute(delete(principle_topics).where(principle_topics.c.principle_id.in_(instead_of)))
    rows = [
        {"topic": filing.topic, "principle_id": one, "rank": rank, "words": list(filing.words)}
        for one in sorted(found)
        for rank, filing in enumerate(found[one].topics)
    ]
    if rows:
        db.execute(insert(principle_topics), rows)
