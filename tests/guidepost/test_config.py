import re
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from guidepost import config
from guidepost.config import Settings
from kb import schema
from kb.errors import BadSetting

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def load(home: Path, **named: str) -> Settings:
    return config.load(
        {"GUIDEPOST_HOME": str(home), **{f"GUIDEPOST_{name}": value for name, value in named.items()}}
    )


def test_without_any_setting_the_defaults_hold(tmp_path: Path) -> None:
    found = load(tmp_path)

    assert (found.host, found.port, found.allow) == ("127.0.0.1", 8000, ())
    assert found.file == tmp_path / "guidepost.db"


def test_the_home_is_the_users_data_folder_by_default() -> None:
    assert config.load({}).home.name == "guidepost"


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "guidepost.toml").write_text('port = 9000\nhost = "0.0.0.0"\nallow = ["10.0.0.0/8"]\n')

    found = load(tmp_path, PORT="9001")

    assert (found.port, found.host, found.allow) == (9001, "0.0.0.0", (ip_network("10.0.0.0/8"),))


def test_lists_are_written_with_commas_in_variables(tmp_path: Path) -> None:
    found = load(tmp_path, ALLOW="127.0.0.0/8, ::1/128", PORTS="80,8000")

    assert found.allow == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert found.ports == (80, 8000)


def test_the_file_may_stand_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text('contact = "mailto:desk@shop.example"\ndatabase = "sqlite:///x.db"\nopml = "list.opml"\n')

    found = load(tmp_path, CONFIG=str(path))

    assert found.user_agent.endswith(" (+mailto:desk@shop.example)")
    assert found.database == "sqlite:///x.db"
    assert found.opml == Path("list.opml")
    assert load(tmp_path).user_agent.startswith("Guidepost/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PROT", "80"),
        ("ALLOW", "everywhere"),
        ("ALLOW", "127.0.0.1/8"),
        ("AT_ONCE", "0"),
        ("READ_SECONDS", "-1"),
        ("TOTAL_SECONDS", "inf"),
        ("MAX_BYTES", "nan"),
        ("CONTACT", "two\nlines"),
        ("CONFIG", "/nowhere/at/all.toml"),
    ],
)
def test_an_unusable_variable_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name.lower() if name != "CONFIG" else "settings file"):
        load(tmp_path, **{name: value})


@pytest.mark.parametrize(
    "text", ["port = ", "port = [1]", "home = '/x'", "nonsense = 1", "allow = 5", "host = 1", "\x00"]
)
def test_an_unusable_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "guidepost.toml").write_text(text)

    with pytest.raises(BadSetting):
        load(tmp_path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "guidepost.toml").mkdir()

    with pytest.raises(BadSetting, match="directory"):
        load(tmp_path)


def test_every_setting_is_documented_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", DOCS.read_text("utf-8"), re.MULTILINE))

    assert told.keys() == {field.name for field in fields(Settings)} - {"home"}
    for field in fields(Settings):
        if field.name != "home" and field.default not in ("", None, ()):
            default = (
                ", ".join(map(str, field.default)) if isinstance(field.default, tuple) else f"{field.default}"
            )
            assert told[field.name].strip() == f"`{default}`".replace(".0`", "`")


def test_the_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new"

    first = config.secret(home)

    assert config.secret(home) == first
    assert len(first) == 32
    assert [(path.name, path.stat().st_mode & 0o777) for path in home.iterdir()] == [("secret", 0o600)]


def test_what_is_shipped_is_found() -> None:
    assert config.shipped("feeds.opml").exists()
    assert config.shipped("starter").is_dir()


@pytest.mark.parametrize("name", ["with space", "50%", "%2F", "a?b=c", "a#b", "quo'te\"s", "日本 🙂", "a\nb"])
def test_the_store_stands_in_its_home_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    home.mkdir()

    schema.open_store(schema.at(load(home).file)).dispose()

    assert (home / "guidepost.db").exists()


@pytest.mark.parametrize(
    "line", ["port = inf", "port = true", "port = 80.5", "max_bytes = inf", f"at_once = {'9' * 400}"]
)
def test_what_is_no_whole_number_is_said(tmp_path: Path, line: str) -> None:
    (tmp_path / "guidepost.toml").write_text(line)

    with pytest.raises(BadSetting, match="whole number"):
        load(tmp_path)


def test_an_empty_list_of_first_subscriptions_is_the_one_that_comes_with_guidepost(tmp_path: Path) -> None:
    assert load(tmp_path, OPML="").opml is None


def test_a_home_of_nobody_is_said() -> None:
    with pytest.raises(BadSetting, match="user"):
        load(Path("~nobody-of-this-name/home"))


def test_a_folder_of_a_model_is_a_path_and_none_by_default(tmp_path: Path) -> None:
    assert load(tmp_path).semantic_model is None
    assert load(tmp_path, SEMANTIC_MODEL="").semantic_model is None
    assert load(tmp_path, SEMANTIC_MODEL="~/model").semantic_model == Path.home() / "model"
