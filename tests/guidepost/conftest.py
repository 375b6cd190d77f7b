"""The command itself, on a home of its own."""

import shutil
from pathlib import Path

import pytest
from command import Guidepost
from feeds import numbered
from loopback import Reply, Site


@pytest.fixture
def guidepost(tmp_path: Path) -> Guidepost:
    return Guidepost(tmp_path / "home")


def feed(guidepost: Guidepost, site: Site) -> None:
    """Subscribe and ingest a feed of six posts."""
    site["/feed"] = Reply(body=numbered(6), etag='"6"')
    assert guidepost("feeds", "add", site.url("/feed"), "--folder", "Shops").status == 0
    assert guidepost("ingest").status == 0


@pytest.fixture(scope="session")
def fed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = Guidepost(tmp_path_factory.mktemp("fed") / "home")
    with Site() as site:
        feed(made, site)
    return made.home


@pytest.fixture
def fed(guidepost: Guidepost, fed_once: Path) -> Guidepost:
    """A home with one feed of six posts, ingested; the feed's server is gone."""
    shutil.copytree(fed_once, guidepost.home)
    return guidepost


@pytest.fixture
def live(guidepost: Guidepost, site: Site) -> Guidepost:
    """The same with the feed's server still there."""
    feed(guidepost, site)
    return guidepost
