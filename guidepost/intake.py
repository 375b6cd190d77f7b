"""How feeds and documents get in: fetching, digesting and keeping put together, without a word on the terminal."""

from collections.abc import Callable
from pathlib import Path

from guidepost import config, runs
from guidepost.config import Settings
from guidepost.program import Program, now, read
from ingest import fetch, loose, upkeep
from ingest.upkeep import Redone
from kb import facts, feeds, opml, posts, raws, schema, tensions
from kb.model import Digest, ImportLine, Origins, Raw
from kb.posts import Kept

# Facts kept in the store.
_SUBSCRIBED = "first subscriptions"
_STARTER = "starter collection"  # loaded or removed; neither happens again by itself


def subscribe_first(program: Program) -> list[ImportLine]:
    """Subscribe the list of a first run, once in a store's life."""
    path = program.settings.opml or config.shipped("feeds.opml")
    with schema.writing(program.engine) as db:
        if facts.get(db, _SUBSCRIBED) is not None:
            return []
        report = feeds.subscribe(db, opml.read(read(path, program.settings), str(path)), now())
        facts.put(db, _SUBSCRIBED, str(path))
    return report


def documents(given: str) -> list[str]:
    """Return the documents meant by an argument: itself, or the files in a folder."""
    path = Path(given)
    # No argument at all, such as "$FILE" with nothing in it, does not mean the folder one stands in.
    if not given or is_address(given) or not path.is_dir():
        return [given]
    inside = [file for file in sorted(path.rglob("*")) if file.is_file()]
    return [
        str(file) for file in inside if not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]


def is_address(given: str) -> bool:
    return given.lower().startswith(("http://", "https://"))


def body_of(given: str, settings: Settings) -> bytes:
    """Return the bytes at a path or web address."""
    if is_address(given):
        return fetch.one(given, runs.limits(settings)).body
    return read(Path(given), settings)


def add(program: Program, given: str) -> Kept | None:
    """Keep a loose document's posts; None when it is there already."""
    body = body_of(given, program.settings)
    name = given if is_address(given) else str(Path(given).resolve())
    raw = Raw(kind="document", name=_told(name), body=body)
    return loose.add(program.engine, raw, Origins(source=_told(given), origin="document"), now())


def _told(path: str) -> str:
    """Return a path as text; a file's name need not be UTF-8, what is stored must."""
    return path.encode("utf-8", "backslashreplace").decode()


def load_starter(program: Program) -> Kept:
    """Load the starter collection."""
    kept = []
    for path in sorted(Path(__file__).with_name("starter").iterdir()):
        name = f"starter/{path.name}"
        raw = Raw(kind="document", name=name, body=path.read_bytes())
        kept.append(loose.add(program.engine, raw, Origins(source=name, origin="starter"), now()))
    with schema.writing(program.engine) as db:
        facts.put(db, _STARTER, "loaded")
    program.index.catch_up(program.engine)
    tensions.catch_up(program.engine)
    program.semantic.catch_up(program.engine)
    return posts.total(one for one in kept if one)


def remove_starter(program: Program) -> int:
    """Remove the starter collection for good; return how many posts went."""
    with schema.writing(program.engine) as db:
        removed = posts.remove_origin(db, "starter")
        facts.put(db, _STARTER, "removed")
    program.index.catch_up(program.engine)
    return removed


def wants_starter(program: Program) -> bool:
    """Say whether there are no posts but some of a starter collection that was neither loaded whole nor removed."""
    with program.engine.connect() as db:
        found = posts.totals(db)
        return found.posts == found.starter and facts.get(db, _STARTER) is None


def redo(program: Program, tick: Callable[[], None]) -> Redone:
    """Digest everything again."""
    with runs.processes(program.settings) as workers:
        done = upkeep.redo(program.engine, program.index, workers, now(), tick)
    program.semantic.catch_up(program.engine)
    return done


def sources(program: Program) -> int:
    """Return how many raw sources are kept."""
    with program.engine.connect() as db:
        return len(raws.ids(db))


def digest(given: str, settings: Settings) -> list[Digest]:
    """Return what would be kept of a document."""
    return loose.digested(body_of(given, settings), given)
