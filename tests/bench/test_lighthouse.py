"""The bench of Lighthouse: what it takes off a page, what it reads of a report, what it makes of many."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.__main__ import main
from bench.headless_pages import SIGN, without_ours
from bench.lighthouse import figures
from bench.lighthouse_report import CATEGORIES, has_asked, scores_of
from bench.measure import WrongResult
from scripts import npm_packages
from scripts.npm_packages import NpmUnavailable

PAGE = """<head><link rel="stylesheet" href="/static/headless.css">
<link rel="stylesheet" href="http://127.0.0.1:1/storefront/belong.css">
<script src="http://127.0.0.1:1/storefront/belong.js" defer></script>
</head><body><h1>Tea</h1>
<belong-shop src="x">
  <belong-balance></belong-balance>
</belong-shop>
<p>Green</p></body>
"""
BARE = """<head><link rel="stylesheet" href="/static/headless.css">
</head><body><h1>Tea</h1>
<p>Green</p></body>
"""


def report(performance: float | None = 0.9, asked: str = "/v1/me/snapshot", status: int = 200) -> dict[str, Any]:
    scores = dict.fromkeys(CATEGORIES, 1.0) | {"performance": performance}
    items = [{"url": f"http://127.0.0.1:1{asked}?language=en", "statusCode": status}]
    return {
        "categories": {name: {"score": score} for name, score in scores.items()},
        "audits": {"network-requests": {"details": {"items": items}}},
    }


def test_without_belong_the_page_is_the_shops_alone() -> None:
    assert without_ours(PAGE) == BARE
    with pytest.raises(WrongResult, match="parts like"):
        without_ours(BARE)


def test_a_report_is_read_and_one_of_no_page_is_refused() -> None:
    assert scores_of(report(0.87)) == {"performance": 87.0, "accessibility": 100.0, "best-practices": 100.0}
    with pytest.raises(WrongResult, match="without a score"):
        scores_of(report(None))
    with pytest.raises(WrongResult, match="saw no page: gone"):
        scores_of({"runtimeError": {"message": "gone"}})
    seen = (report(), report(status=403), report(asked="/style.css"))
    assert [has_asked(one, SIGN) for one in seen] == [True, False, False]


def test_the_drop_is_that_of_the_medians() -> None:
    runs = {"without": [0.99, 0.97, 0.90], "with": [0.96, 0.50, 0.98]}
    taken = {name: [scores_of(report(one)) for one in scores] for name, scores in runs.items()}
    performance, accessibility, _ = figures("a page", taken)
    assert (performance.case, performance.value, performance.must) == ("a page, drop of performance", 1.0, 2.0)
    assert performance.extra == {
        "without": 97.0, "with": 96.0, "without_lowest": 90.0, "without_highest": 99.0,
        "with_lowest": 50.0, "with_highest": 98.0, "rounds": 3.0,
    }  # fmt: skip
    assert accessibility.value == 0


def test_without_npm_it_is_left_out_and_what_to_do_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(lock: str) -> None:
        raise NpmUnavailable(f"no {lock}; try again with: {npm_packages.COMMAND}")

    monkeypatch.setattr(npm_packages, "install", nothing)
    assert main(["lighthouse", "--smoke", "--json"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "lighthouse is left out" in said.err
    assert f"no npm-lighthouse; try again with: {npm_packages.COMMAND}" in said.err


def test_real_pages_are_measured_with_and_without(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lighthouse", "--smoke", "--json", "--database", "sqlite"]) == 0
    said = capsys.readouterr()
    if "lighthouse is left out" in said.err:
        pytest.skip(said.err.strip())
    lines = [json.loads(line) for line in said.out.splitlines()]
    pages = ("headless", "woocommerce account", "theme")
    assert [one["case"] for one in lines] == [f"{page}, drop of {name}" for page in pages for name in CATEGORIES]
    assert {one["must"] for one in lines} == {2.0}
    assert said.err.count("at most 2 were asked for") == len(lines)
