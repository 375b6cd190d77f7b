"""The commands that look at what is there: `search`, `topics`, `principle`, `post`; and `reindex`."""

import click

from guidepost import program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, pass_settings, print_json, say
from guidepost.program import now
from kb import corrections, posts, principles, related, schema, search, shapes, topics
from kb.corrections import Correction
from kb.model import Query

ID = click.IntRange(1, 2**63 - 1)  # as far as a database goes


@click.command("search")
@click.argument("query")
@click.option(
    "-n", "limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many hits."
)
@click.option("--topic", help="Only what is filed under this topic.")
@click.option("--posts", "whole", is_flag=True, help="Find posts instead of guidance.")
@as_json
@pass_settings
def search_command(
    settings: Settings, query: str, limit: int, topic: str | None, whole: bool, as_json: bool
) -> None:
    """Find guidance."""
    wanted = Query(text=query, topic=topics.get(topic).name if topic else None, limit=limit)
    with program.opened(settings) as opened, opened.engine.connect() as db:
        if whole:
            found = search.posts(db, opened.index, wanted)
        else:
            found = search.principles(db, opened.index, wanted, opened.semantic)
    for note in found.notes:
        say(note)
    answer(found, as_json, shapes.results, show.results)


@click.group("topics", invoke_without_command=True)
@as_json
@click.pass_context
@pass_settings
def topics_command(settings: Settings, context: click.Context, as_json: bool) -> None:
    """List the topics, with how many principles each has; or correct what is filed under them."""
    if context.invoked_subcommand is None:
        _list_topics(settings, as_json)


def _list_topics(settings: Settings, as_json: bool) -> None:
    with program.opened(settings) as opened, opened.engine.connect() as db:
        counts = principles.topic_counts(db)
    listed = [(topic, counts.get(topic.name, 0)) for topic in topics.load()]
    if as_json:
        print_json([{"topic": topic.name, "title": topic.title, "principles": n} for topic, n in listed])
    else:
        click.echo(show.topics(listed))


@topics_command.command("correct")
@click.argument("number", type=ID, metavar="PRINCIPLE")
@click.argument("names", metavar="TOPIC[,TOPIC...]")
@pass_settings
def correct_topics(settings: Settings, number: int, names: str) -> None:
    """File a principle under other topics, the main one first. What is alike is filed better from then on."""
    wanted = [name.strip() for name in names.split(",")]
    with program.opened(settings) as opened:
        with schema.writing(opened.engine) as db:
            done = corrections.correct(db, number, wanted, now())
        opened.index.catch_up(opened.engine)
    click.echo(_line(done))


@topics_command.command("undo")
@click.argument("number", type=ID, metavar="ID")
@pass_settings
def undo_correction(settings: Settings, number: int) -> None:
    """Take back a correction, named by the id that `guidepost topics corrections` shows."""
    with program.opened(settings) as opened:
        with schema.writing(opened.engine) as db:
            done = corrections.undo(db, number, now())
        opened.index.catch_up(opened.engine)
    click.echo(_line(done))


@topics_command.command("corrections")
@as_json
@pass_settings
def list_corrections(settings: Settings, as_json: bool) -> None:
    """List what was corrected, the oldest first."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = corrections.all(db)
    if as_json:
        print_json([_shape(one) for one in found])
    else:
        click.echo("\n".join(map(_line, found)))


def _line(found: Correction) -> str:
    undone = " (undone)" if found.undone_at else ""
    return show.plain(
        f"{found.id:>6}  {found.made_at:%Y-%m-%d}  {', '.join(found.topics)}{undone}: {found.texts[0]}"
    )


def _shape(found: Correction) -> shapes.Shape:
    return {
        "correction": found.id,
        "topics": list(found.topics),
        "texts": list(found.texts),
        "made": shapes.moment(found.made_at),
        "undone": shapes.moment(found.undone_at),
    }


@click.command()
@click.argument("number", type=ID, metavar="ID")
@as_json
@pass_settings
def principle(settings: Settings, number: int, as_json: bool) -> None:
    """Show a principle with its evidence, and others like it."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = principles.get(db, number)
        alike = () if as_json else related.to(db, opened.index, found)
    answer(found, as_json, shapes.principle, lambda one: show.principle(one, alike))


@click.command()
@click.argument("number", type=ID, metavar="ID")
@as_json
@pass_settings
def post(settings: Settings, number: int, as_json: bool) -> None:
    """Show a post with the guidance in it."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = posts.get(db, number)
    answer(found, as_json, shapes.post, show.post)


@click.command()
@pass_settings
def reindex(settings: Settings) -> None:
    """Build the search index anew from the store."""
    with program.opened(settings) as opened:
        click.echo(f"{show.count(opened.index.rebuild(opened.engine), 'item')} indexed")
