"""What people correct about topics: kept, taken back, and learned from.

A correction files the quotes of a principle at once, and what it teaches files the same words better the next time:
`load` gives it to whoever digests, as plain data. One act of a person is a row for each wording of the principle, all
of the same moment; undoing any of them undoes the act.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from kb import changes, support, topics
from kb import quotes as kb_quotes
from kb.errors import BadSetting, NotFound
from kb.model import Filing
from kb.schema import corrections, posts, principle_topics, quotes
from kb.support import MOST_TOPICS
from kb.topics import Lessons, Passage

# What one more voice for a topic makes of a word that says something already, and of one that said nothing. Halved by
# the first correction that says otherwise, so that words which stand anywhere come to teach nothing.
_KNOWN, _NEW = 0.8, 0.4
_ENDS = (".", "!", "?", "…", '"', "”")
_PLAIN = 8  # words; each word of a longer text teaches less


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person says that a principle is about."""

    id: int
    texts: tuple[str, ...]  # of its quotes
    heading: str  # that the first one stands under
    topics: tuple[str, ...]  # main one first
    made_at: datetime
    undone_at: datetime | None = None


def correct(db: Connection, principle_id: int, names: Sequence[str], now: datetime) -> Correction:
    """File a principle and its quotes under these topics, the main one first, and learn from it.

    Raises NotFound for an unknown topic or principle, BadSetting for too many or too few topics.
    """
    wanted = [topics.get(name).name for name in dict.fromkeys(names)]
    if not 1 <= len(wanted) <= MOST_TOPICS:
        raise BadSetting(f"a principle has one to {MOST_TOPICS} topics")
    said = _quotes(db, quotes.c.principle_id == principle_id)
    if not said:
        raise NotFound(f"there is no principle {principle_id}")
    headings = {row.text: _heading(row) for row in reversed(said)}
    moment = _moment(db, now)
    rows = [
        {"text": text, "heading": heading, "topics": wanted, "made_at": moment}
        for text, heading in sorted(headings.items())
    ]
    db.execute(insert(corrections), rows)
    _file(db, said)
    (made,) = _acts(db, corrections.c.made_at == moment)
    return made


def undo(db: Connection, correction_id: int, now: datetime) -> Correction:
    """Take a correction back: its quotes are filed by their words again. Raises NotFound."""
    moment = select(corrections.c.made_at).where(
        corrections.c.id == correction_id, corrections.c.undone_at.is_(None)
    )
    made_at = db.execute(moment).scalar()
    if made_at is None:
        raise NotFound(f"there is no correction {correction_id} to undo")
    (act,) = _acts(db, corrections.c.made_at == made_at)
    db.execute(update(corrections).where(corrections.c.made_at == made_at).values(undone_at=now))
    _file(db, _quotes(db, quotes.c.text.in_(act.texts)))
    (undone,) = _acts(db, corrections.c.made_at == made_at)
    return undone


def all(db: Connection) -> list[Correction]:  # noqa: A001 - read as corrections.all
    """Return the corrections, the oldest first, those that were undone among them."""
    return _acts(db)


def load(db: Connection) -> Lessons:
    """Return what the corrections that stand teach."""
    return learn(_acts(db, corrections.c.undone_at.is_(None)))


def learn(found: Iterable[Correction]) -> Lessons:
    """Return what corrections teach; of two about the same text the later one counts."""
    last = {key: (text, act) for act in found for text in act.texts if (key := topics.key(text))}
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    steps: dict[str, float] = {}
    told: Counter[str] = Counter()
    for text, act in last.values():
        words = {mention.key: mention.weights for mention in topics.mentions(text) if mention.key}
        told.update(words.keys())
        steps.update((word, _KNOWN if weights else _NEW) for word, weights in words.items())
        share = min(1.0, _PLAIN / len(words))
        wrong = {filing.topic for filing in topics.file(text, heading=act.heading)}.difference(act.topics)
        for word, weights in words.items():
            for rank, topic in enumerate(act.topics, 1):
                votes[word][topic] += share / rank
            for topic in wrong.intersection(weights):
                votes[word][topic] -= share
    shifts = {
        word: {topic: steps[word] * vote / (told[word] + 1) for topic, vote in sorted(counted.items())}
        for word, counted in votes.items()
    }
    return Lessons(texts={key: act.topics for key, (_, act) in last.items()}, shifts=shifts)


def _moment(db: Connection, now: datetime) -> datetime:
    """Return *now*, or a moment later where another act has it: acts are told apart by their moments."""
    newest = db.execute(select(func.max(corrections.c.made_at))).scalar()
    return now if newest is None else max(now, newest + timedelta(microseconds=1))


def _acts(db: Connection, *which: ColumnElement[bool]) -> list[Correction]:
    rows = db.execute(select(corrections).where(*which).order_by(corrections.c.id))
    acts: dict[datetime, list[Any]] = defaultdict(list)
    for row in rows:
        acts[row.made_at].append(row)
    return [
        Correction(
            id=same[0].id,
            texts=tuple(row.text for row in same),
            heading=same[0].heading,
            topics=tuple(same[0].topics),
            made_at=made_at,
            undone_at=same[0].undone_at,
        )
        for made_at, same in acts.items()
    ]


def _quotes(db: Connection, which: ColumnElement[bool]) -> Sequence[Any]:
    """Return quotes with what they were filed by."""
    told = (quotes.c.id, quotes.c.principle_id, quotes.c.text, quotes.c.context, quotes.c.post_id)
    joined = quotes.join(posts, quotes.c.post_id == posts.c.id)
    columns = select(*told, posts.c.title, posts.c.tags).select_from(joined)
    return db.execute(columns.where(which).order_by(quotes.c.id)).all()


def _heading(row: Any) -> str:
    """Return the heading that a quote stands under: the first line of its context, unless that is a sentence."""
    first: str = row.context.partition("\n")[0].rstrip()
    return "" if first.endswith(_ENDS) else first


def _nearby(row: Any) -> tuple[str, ...]:
    return tuple(line for line in row.context.split("\n") if line != _heading(row))


def _file(db: Connection, said: Sequence[Any]) -> None:
    """File stored quotes anew, and with them their principles."""
    lessons = load(db)
    wanted = {row.id for row in said}
    filed = []
    for post_ids in kb_quotes.batches({row.post_id for row in said}):
        rows = _quotes(db, quotes.c.post_id.in_(post_ids))
        for _, of_one in groupby(sorted(rows, key=_post), key=_post):
            filed += _filed(list(of_one), lessons, wanted)
    if filed:
        changed = update(quotes).where(quotes.c.id == bindparam("stored")).values(topics=bindparam("filed"))
        db.execute(changed, filed)
    for ids in kb_quotes.batches({row.principle_id for row in said}):
        _file_principles(db, ids)


def _post(row: Any) -> int:
    return int(row.post_id)


def _filed(of_one: Sequence[Any], lessons: Lessons, wanted: Collection[int]) -> list[dict[str, Any]]:
    """Return how the wanted quotes of a post are filed; all of them tell what it is about."""
    passages = [Passage(row.text, _heading(row), _nearby(row)) for row in of_one]
    found = topics.of_post(passages, title=of_one[0].title, tags=of_one[0].tags, lessons=lessons)
    return [
        {"stored": row.id, "filed": _listed(filings)}
        for row, filings in zip(of_one, found, strict=True)
        if row.id in wanted
    ]


def _listed(filed: Iterable[Filing]) -> list[list[Any]]:
    return [[filing.topic, list(filing.words)] for filing in filed]


def _file_principles(db: Connection, ids: Sequence[int]) -> None:
    rows = [
        {"topic": filing.topic, "principle_id": one, "rank": rank, "words": list(filing.words)}
        for one, voices in kb_quotes.voices(db, ids).items()
        for rank, filing in enumerate(support.of(voices).topics)
    ]
    db.execute(delete(principle_topics).where(principle_topics.c.principle_id.in_(ids)))
    if rows:
        db.execute(insert(principle_topics), rows)
    changes.queue(db, "principle", ids)
