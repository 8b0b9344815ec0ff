"""What is in deploy/, read by machines: it names only what exists. No container is started here."""

from __future__ import annotations

import configparser
import ipaddress
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from connector.cli.main import cli
from connector.config import load_settings
from connector.running.metrics import _DEPTHS, Metrics
from connector.running.serve import ROLES, SHUTDOWN_SECONDS, WORKER_SECONDS
from connector.storage.dead_letters import KINDS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OUR_METRIC = re.compile(r"\bloyalty_\w+")
COMMAND = re.compile(r"belong ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")
AGGREGATED = re.compile(r"(?:min_over_time\()?(?:sum|max|histogram_quantile\(0\.\d+, sum)(?: by \(([^)]*)\))?")
SECONDS_TO_END = SHUTDOWN_SECONDS + WORKER_SECONDS


class Unit(configparser.ConfigParser):
    """systemd tells capitals apart."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def loaded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return found


def exists(words: Sequence[str]) -> bool:
    """Whether the first words are a command."""
    command: click.Command = cli
    rest = [*words]
    while rest and isinstance(command, click.Group):
        found = command.commands.get(rest.pop(0))
        if found is None:
            return False
        command = found
    return not isinstance(command, click.Group)


def settings_named(text: str) -> set[str]:
    return set(re.findall(r"\b(?:BELONG_[A-Z_]+|DATABASE_URL)\b", text))


def known_settings() -> set[str]:
    return settings_named((ROOT / "connector" / "config.py").read_text())


def rules() -> Iterator[dict[str, Any]]:
    for group in loaded("alerts.yaml")["groups"]:
        yield from group["rules"]


def exposed_metrics() -> set[str]:
    """Names as Prometheus stores them."""
    names: set[str] = set()
    for metric in Metrics().registry.collect():
        ends = {"counter": ("_total", "_created"), "histogram": ("_bucket", "_sum", "_count", "_created")}
        names |= {metric.name + end for end in ends.get(metric.type, ("",))}
    return names


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_metrics_and_states_that_exist_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "action"}
    expression = rule["expr"]
    assert expression.count("(") == expression.count(")")
    assert not re.search(r"\w\)\[\d", expression) or re.search(r"\[\d+\w:\d+\w\]", expression), "a subquery has a step"
    named = set(OUR_METRIC.findall(expression))
    assert named <= exposed_metrics()
    assert named or re.search(r"\bup\{", expression)
    for labels in re.findall(r"loyalty_depth\{([^}]*)\}", expression):
        asked = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        assert any(
            all(asked.get(label, value) == value for label, value in zip(("what", "state"), depth, strict=True))
            for depth in _DEPTHS
        ), labels
        assert set(asked) <= {"what", "state"}
    for words in COMMAND.findall(" ".join(rule["annotations"].values())):
        assert any(exists(words.split()[:length]) for length in (1, 2)), words


def test_what_is_set_aside_or_given_up_is_alerted_of_whatever_kind_it_is() -> None:
    asked = " ".join(rule["expr"] for rule in rules())
    for _, state in _DEPTHS:
        if state in ("parked", "given-up"):
            assert f'loyalty_depth{{state="{state}"}}' in asked


def test_both_sides_of_an_and_have_the_same_labels_or_the_alert_never_comes() -> None:
    joined = [rule["expr"].split(" and ") for rule in rules() if " and " in rule["expr"]]
    assert joined
    for operands in joined:
        found = [AGGREGATED.match(operand) for operand in operands]
        assert all(found), operands
        assert len({one.group(1) for one in found if one}) == 1, operands


def test_no_metric_has_a_label_that_prometheus_gives_itself() -> None:
    metrics = Metrics()
    for name in Metrics.__dataclass_fields__:
        assert not {"job", "instance"} & {*getattr(getattr(metrics, name), "_labelnames", ())}, name


def test_dead_letters_of_every_kind_are_counted() -> None:
    counted = [sql.partition(" FROM ")[2] for sql in _DEPTHS.values()]
    for name, kind in KINDS.items():
        assert f"{kind.table} WHERE {kind.waiting}" in counted, name


def test_every_gauge_of_trouble_is_alerted_of() -> None:
    asked = " ".join(rule["expr"] for rule in rules())
    gauges = {metric.name for metric in Metrics().registry.collect() if metric.type == "gauge"}
    told_elsewhere = {"loyalty_ledger_entries", "loyalty_job_age_seconds", "loyalty_job_seconds"}
    for name in gauges - told_elsewhere:
        assert name in asked, f"{name}: nobody is told"
    for what in (depth for depth in _DEPTHS if depth[1] == "held" and depth[0] != "work"):
        assert f'loyalty_depth{{what="{what[0]}",state="held"}}' in asked, what


def test_the_compose_file_runs_each_role_once_on_one_postgresql() -> None:
    services = loaded("compose.yaml")["services"]
    ours = {name: one for name, one in services.items() if one["image"] == "belong"}
    assert set(services) == {*ROLES, "key", "postgres"}
    for role in ROLES:
        assert ours[role]["command"] == ["serve", "--role", role]
        assert exists(ours[role]["command"][:1])
        assert ours[role]["depends_on"]["key"]["condition"] == "service_completed_successfully"
        assert int(ours[role]["stop_grace_period"].removesuffix("s")) > SECONDS_TO_END
        assert (ours[role]["read_only"], ours[role]["cap_drop"]) == (True, ["ALL"])
    assert [name for name, one in services.items() if "ports" in one] == ["web"]
    assert services["web"]["ports"] == ["127.0.0.1:8420:8420"], "a proxy stands in front"
    (script,) = [words for words in ours["key"]["entrypoint"] if "belong" in words]
    assert exists(shlex.split(script.split("|| belong ")[1]))
    volumes = set(loaded("compose.yaml")["volumes"])
    assert {volume.split(":")[0] for one in services.values() for volume in one["volumes"]} == volumes


def test_the_compose_files_environment_is_read_by_belong() -> None:
    given = {name: str(value) for name, value in loaded("compose.yaml")["services"]["web"]["environment"].items()}
    # The image says these, and what lies in the one folder stays there.
    of_the_image = {"BELONG_HOME", "BELONG_HOST", "BELONG_PORT", "BELONG_KEY_FILE", "BELONG_ERASURE_JOURNAL"}
    assert set(given) == known_settings() - of_the_image

    def filled_in(found: re.Match[str]) -> str:
        return "https://x.example" if "URL" in found[1] else found[2].removeprefix("-") if found[2][:1] == "-" else ""

    filled = {name: re.sub(r"\$\{(\w+):([^}]*)\}", filled_in, value) for name, value in given.items()}
    settings = load_settings(filled)
    proxies = [ipaddress.ip_network(one) for one in settings.trusted_proxies]
    assert any(ipaddress.ip_address("172.18.0.1") in one for one in proxies if one.version == 4), "Docker's bridge"
    assert settings.database_url == "postgresql://belong:@postgres:5432/belong"
    assert settings.public_url == "https://x.example"


def test_the_image_runs_belong_as_nobody_special() -> None:
    lines = re.sub(r"\\\n", " ", (DEPLOY / "Dockerfile").read_text()).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    last = {name: value for name, value in steps}
    assert all(value.split()[0].startswith("python:3.") and "-slim" in value for name, value in steps if name == "FROM")
    assert last["USER"] == "belong"
    assert [name for name, _ in steps].index("USER") > max(at for at, (name, _) in enumerate(steps) if name == "COPY")
    assert yaml.safe_load(last["ENTRYPOINT"]) == ["belong"]
    assert exists(yaml.safe_load(last["CMD"]))
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert settings_named("\n".join(lines)) <= known_settings()
    for name, value in steps:
        if name == "COPY" and not value.startswith("--from"):
            assert all((ROOT / source).exists() for source in value.split()[:-1]), value
    assert any("--require-hashes" in value for name, value in steps if name == "RUN")


def test_the_systemd_unit_starts_belong_and_lets_it_finish() -> None:
    unit = Unit(interpolation=None, strict=True)
    unit.read(DEPLOY / "belong.service")
    assert unit.sections() == ["Unit", "Service", "Install"]
    service = unit["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/bin/belong") and exists(words)
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) > SECONDS_TO_END
    assert settings_named(service["Environment"]) <= known_settings()
    assert service["Environment"].endswith(f"/var/lib/{service['StateDirectory']}")
    assert (service["DynamicUser"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("yes", "yes", "strict")


IDENTITY = ("DynamicUser", "User", "StateDirectory", "StateDirectoryMode", "Environment", "EnvironmentFile", "UMask")


def test_backups_and_commands_run_as_the_service_does_or_they_leave_files_that_it_cannot_write() -> None:
    unit, backup = Unit(interpolation=None), Unit(interpolation=None, strict=False)
    unit.read(DEPLOY / "belong.service")
    backup.read(DEPLOY / "belong-backup.service")
    guide = (ROOT / "docs" / "operations.md").read_text()
    for name in IDENTITY:
        value = unit["Service"][name]
        assert backup["Service"][name] == value
        assert f"-p {name}={value}" in guide
    assert " belong backup " in (DEPLOY / "belong-backup.service").read_text().replace("/opt/belong/bin/", "")
    assert exists(["backup"])
    timer = Unit(interpolation=None)
    timer.read(DEPLOY / "belong-backup.timer")
    assert timer["Timer"]["OnCalendar"] == "hourly"
