import pytest

from kb import stretches


@pytest.mark.parametrize(
    ("written", "roles"),
    [
        ("listen and learn", "core second second"),
        ("when angry , listen", "condition condition core core"),
        ("listen because it helps", "core reason reason reason"),
        ("choose quality instead of speed", "core core instead instead instead"),
        ("better late than never", "core core instead instead"),
        ("more often than not", "core core core core"),
        ("please smile . it helps", "core core later later later"),
        ("listen so that they talk", "core reason reason reason reason"),
        ("listen no matter what", "core condition condition condition"),
        ("once there , listen", "condition condition core core"),
        ("", ""),
    ],
)
def test_every_piece_has_its_role(written: str, roles: str) -> None:
    assert " ".join(place.role for place in stretches.roles(written.split())) == roles


def test_a_condition_knows_the_word_that_began_it() -> None:
    assert [place.opener for place in stretches.roles(["ask", "before", "you", "go"])][1:] == ["before"] * 3


def test_a_denial_ends_where_a_stretch_does() -> None:
    assert [place.ends for place in stretches.roles(["don't", "argue", ",", "listen"])] == [
        False,
        False,
        True,
        False,
    ]


def test_nothing_follows_the_last_piece() -> None:
    assert stretches.following(["listen"], 0) == ""
