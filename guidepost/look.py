"""The commands that look at what is there: `search`, `topics`, `principle`, `post`; and `reindex`."""

import click

from guidepost import program, show
from guidepost.config import Settings
from guidepost.printing import answer, as_json, pass_settings, print_json
from kb import posts, principles, search, shapes, topics
from kb.model import Query

LARGEST_ID = 2**63 - 1  # that a database holds


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
    find = search.posts if whole else search.principles
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = find(db, opened.index, wanted)
    answer(found, as_json, shapes.results, show.results)


@click.command("topics")
@as_json
@pass_settings
def topics_command(settings: Settings, as_json: bool) -> None:
    """List the topics, with how many principles each has."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        counts = principles.topic_counts(db)
    listed = [(topic, counts.get(topic.name, 0)) for topic in topics.load()]
    if as_json:
        print_json([{"topic": topic.name, "title": topic.title, "principles": n} for topic, n in listed])
    else:
        click.echo(show.topics(listed))


@click.command()
@click.argument("number", type=click.IntRange(1, LARGEST_ID), metavar="ID")
@as_json
@pass_settings
def principle(settings: Settings, number: int, as_json: bool) -> None:
    """Show a principle with its evidence."""
    with program.opened(settings) as opened, opened.engine.connect() as db:
        found = principles.get(db, number)
    answer(found, as_json, shapes.principle, show.principle)


@click.command()
@click.argument("number", type=click.IntRange(1, LARGEST_ID), metavar="ID")
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
