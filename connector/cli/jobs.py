"""``belong jobs``: what the schedule did and will do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import click

from connector import clock
from connector.cli.operator_view import reading
from connector.config import load_settings
from connector.running.firings import JobState, job_states
from connector.running.scheduler import JOBS
from connector.storage.database import Database

MOMENT = "%Y-%m-%d %H:%M:%S"


@click.command("jobs")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of text.")
def jobs_command(as_json: bool) -> None:
    """Each scheduled job: last run, how long it took, how it ended, next run (UTC). Only reads."""

    async def look(database: Database) -> list[JobState]:
        return await job_states(database.reading(), JOBS, clock.utc_now())

    states = reading(load_settings(), look)
    click.echo(json.dumps([state.as_json() for state in states], indent=2) if as_json else jobs_as_text(states))


def jobs_as_text(states: Sequence[JobState]) -> str:
    """A line for each job; what needs somebody is marked with ``!``."""
    lines = [f"  {'job':24}{'last run':21}{'took':>9}  {'result':8}{'next run':21}outcome"]
    lines += [_line(state) for state in states]
    return "\n".join(lines)


def _line(state: JobState) -> str:
    last = _moment(state.last.started_at if state.last else None)
    took = f"{state.took_ms:,} ms" if state.took_ms is not None else ""
    mark = "!" if state.needs_attention else " "
    line = (
        f"{mark} {state.name:24}{last:21}{took:>9}  {state.result or '-':8}{_moment(state.next_at):21}{_words(state)}"
    )
    return line.rstrip()


def _words(state: JobState) -> str:
    words = [state.outcome] if state.outcome else []
    if state.running_since is not None:
        words.append("running now")
    if state.skipped:
        words.append(f"skipped {state.skipped} times since, an earlier firing still ran")
    if state.late:
        words.append("late: no run began for two intervals; does a process with the role scheduler run?")
    return "; ".join(words)


def _moment(moment: datetime | None) -> str:
    return moment.strftime(MOMENT) if moment else "never"
