"""`vmss-oracle plan` shows steps, what stays up in each, and why that is free of downtime."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.shell import Outcome, run

DESCRIPTION = """
group: {name: web, update_domains: 3, fault_domains: 2, health: extension}
image: {publisher: Canonical, offer: UbuntuServer, sku: 18.04-LTS}
target: 18.04.202107200
instances: {count: 6, version: 18.04.202106150}
"""


@pytest.fixture
def web(tmp_path: Path) -> str:
    """The path of a description of six instances over three update domains."""
    file = tmp_path / "web.yaml"
    file.write_text(DESCRIPTION, encoding="utf-8")
    return str(file)


def steps(outcome: Outcome) -> list[list[str]]:
    """The instances of each step."""
    assert outcome.code == 0
    return [step["instances"] for step in json.loads(outcome.out)["steps"]]


def test_one_update_domain_at_a_time_unless_told_otherwise(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """With the rules behind it and what stays up."""
    outcome = run(capsys, "plan", web)
    assert outcome.code == 0
    assert outcome.err == ""
    assert "web: one update domain at a time\n" in outcome.out
    rows = [line.split() for line in outcome.out.splitlines()]
    assert ["1", "0,", "3", "update", "domain", "0", "4", "of", "6", "none", "UPGRADE-MANUAL"] in rows
    assert "update domain 2  o2 o5\n" in outcome.out
    assert "at least 4 of 6 instances stay up throughout (ROLLOUT-PLAN, UPGRADE-NO-DOWNTIME).\n" in outcome.out


def test_a_scale_set_is_named_in_recordings_alone(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """A description has one group, whatever its name is."""
    outcome = run(capsys, "plan", web, "--scale-set", "nope")

    assert outcome.code == 2
    assert outcome.one_line().startswith(f"vmss-oracle: {web}: it describes a single group; ")


def test_the_strategies(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """Domains, batches, chosen instances, and one of the former for chosen ones."""
    assert steps(run(capsys, "plan", web, "--json")) == [["0", "3"], ["1", "4"], ["2", "5"]]
    assert steps(run(capsys, "plan", web, "--by", "fault-domain", "--json")) == [["0", "2", "4"], ["1", "3", "5"]]
    assert steps(run(capsys, "plan", web, "--batch-size", "4", "--json")) == [["0", "1", "2", "3"], ["4", "5"]]
    chosen = ("--instances", "3,1", "--instances", "5", "--json")
    assert steps(run(capsys, "plan", web, *chosen)) == [["1", "3"], ["5"]]
    assert steps(run(capsys, "plan", web, *chosen, "--batch-size", "1")) == [["1"], ["3"], ["5"]]


def test_a_plan_with_downtime_says_so(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """It is a plan all the same."""
    outcome = run(capsys, "plan", web, "--batch-size", "6")
    assert outcome.code == 0
    assert "Not free of downtime: step 1 takes every running instance at once" in outcome.out
    assert "all down" in outcome.out


def test_what_is_no_plan_is_refused(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """By the model and its rule, with exit code 1; no picture is written then."""
    picture = Path(web).with_name("plan.svg")
    outcome = run(capsys, "plan", web, "--instances", "3", "--instances", "3", "--out", str(picture))
    assert outcome.code == 1
    assert "Not a plan: in more than one step: 3. (ROLLOUT-PLAN)\n" in outcome.out
    assert not picture.exists()
    answer = json.loads(run(capsys, "plan", web, "--instances", "3,3", "--json").out)
    assert answer["refused"][0]["rules"] == ["ROLLOUT-PLAN"]
    assert answer["free_of_downtime"] is None


def test_the_heat_map_of_a_step(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """What was upgraded before, what is being upgraded, and what is not yet."""
    out = run(capsys, "plan", web, "--step", "2").out
    assert "While step 2 is under way\n" in out
    assert "update domain 0  =0 =3\nupdate domain 1  >1 >4\nupdate domain 2  o2 o5\n" in out


def test_pictures(capsys: pytest.CaptureFixture[str], web: str, tmp_path: Path) -> None:
    """As SVG and as a page, with a heat map before, for each step, and after."""
    svg, html = tmp_path / "plan.svg", tmp_path / "plan.html"
    for file in (svg, html):
        assert run(capsys, "plan", web, "--out", str(file)).code == 0
    drawn = svg.read_text(encoding="utf-8")
    assert len([one for one in ElementTree.fromstring(drawn).iter() if (one.text or "").endswith("stay up")]) == 3
    assert html.read_text(encoding="utf-8").count("<svg") == 5


def test_a_target_and_an_edition_on_the_command_line(capsys: pytest.CaptureFixture[str], web: str) -> None:
    """They stand above what the file says."""
    up_to_date = run(capsys, "plan", web, "--target", "18.04.202106150")
    assert "Nothing is to be upgraded.\n" in up_to_date.out
    assert "does not speak of planning by hand" in up_to_date.out
    assert "does not speak of planning by hand" not in run(capsys, "plan", web, "--edition", "2017-05").out


@pytest.mark.parametrize("command", [("plan",), ("simulate", "--kind", "rolling")])
@pytest.mark.parametrize("version", ["1.0.0", "latest"])
@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("", "--target: it is the text ``; it has to be a version such as '2.0.0'"),
        ("latest", "--target: it is the text `latest`; it has to be a version number: the newest one that there is"),
        ("a\x1b[31mb", "--target: it is the text `a\\x1b[31mb`; it has to be a version such as '2.0.0'"),
    ],
)
def test_a_target_on_the_command_line_is_one_that_a_file_could_have(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...], version: str, target: str, said: str
) -> None:
    """Whichever version of the image the group asks for."""
    file = tmp_path / "d.yaml"
    file.write_text(
        f"image: {{publisher: a, offer: b, sku: c, version: {version}}}\ninstances: {{count: 4}}\n", "utf-8"
    )
    outcome = run(capsys, command[0], str(file), *command[1:], "--target", target)

    assert outcome.code == 2
    assert outcome.one_line() == f"vmss-oracle: {said}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--instances", "9"), "--instances: the group has no instance 9"),
        (("--instances", "1,"), "--instances: an instance's name is missing"),
        (("--by", "fault-domain", "--batch-size", "2"), "--by and --batch-size are two strategies: give one of them"),
        (("--step", "4"), "--step 4: the plan has 3 steps"),
        (("--out", "x.png"), "--out x.png: give a file that ends in .svg or .html"),
        (("--edition", "2020"), "unknown edition '2020'"),
        (("--batch-size", "0"), "Invalid value for '--batch-size'"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    capsys: pytest.CaptureFixture[str], web: str, arguments: tuple[str, ...], said: str
) -> None:
    """With exit code 2."""
    outcome = run(capsys, "plan", web, *arguments)
    assert outcome.code == 2
    assert said in outcome.one_line()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("instances: {count: 0}", "instances.count: it is 0; it has to be a whole number from 1 to 1,000"),
        ("group: {zones: [1, 2, 3, 4]}\ninstances: {count: 4}", "the group: zones ['1', '2', '3', '4'] are not"),
        ("edition: 2019-10\ninstances: {count: 4}", "edition: it is the text `2019-10`; the editions that speak"),
    ],
)
def test_a_wrong_description_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, said: str
) -> None:
    """That begins with the file's name; exit code 2."""
    file = tmp_path / "group.yaml"
    file.write_text(content, encoding="utf-8")
    outcome = run(capsys, "plan", str(file))
    assert outcome.code == 2
    assert outcome.one_line().startswith(f"vmss-oracle: {file}: {said}")
    missing = run(capsys, "plan", str(tmp_path / "none.yaml"))
    assert missing.one_line().endswith("none.yaml: it does not exist; name a description or a recording")


def test_a_narrow_terminal(capsys: pytest.CaptureFixture[str], web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table fits; the rules stand in the verdict."""
    monkeypatch.setenv("COLUMNS", "60")
    out = run(capsys, "plan", web).out
    table = out.partition("step")[2].partition("Before")[0]
    assert max(map(len, table.splitlines())) <= 60
    assert "UPGRADE-MANUAL" not in table
