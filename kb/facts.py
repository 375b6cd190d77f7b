"""Single facts about a store that are no noun's: name and value."""

from sqlalchemy import Connection, delete, insert, select

from kb.schema import facts


def get(db: Connection, name: str) -> str | None:
    """Return a fact, or None."""
    return db.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def put(db: Connection, name: str, value: str) -> None:
    """Keep a fact in place of an earlier one of that name."""
    db.execute(delete(facts).where(facts.c.name == name))
    db.execute(insert(facts).values(name=name, value=value))
