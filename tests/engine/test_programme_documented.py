"""docs/programme.md names every measure and every setting, and its examples can be used."""

from __future__ import annotations

import re
from pathlib import Path

from loyalty_engine.counters import MEASURES
from loyalty_engine.programme import parse_programme, read_document
from loyalty_engine.programme.conditions import FIELDS
from loyalty_engine.programme.model import RewardKind
from tests.engine.builders import OPENING

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "programme.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
LOWER_TIER = '[[tiers]]\nid = "member"\n[[tiers]]\nid = "gold"\nqualify = "invite"\n'


def test_every_measure_condition_and_kind_of_reward_is_named() -> None:
    for name in (*MEASURES, *FIELDS, *(kind.value for kind in RewardKind)):
        assert f"`{name}`" in PAGE, name


def test_the_examples_of_the_page_make_one_programme() -> None:
    document = read_document("\n".join([*EXAMPLES, LOWER_TIER]), "toml")
    programme = parse_programme(document, 1, OPENING)
    assert [rule.rule_id for rule in programme.rules] == ["base", "welcome", "birthday", "review_verified", "advent"]
    assert [reward.reward_id for reward in programme.rewards] == ["off-100", "off-250", "ten-percent"]
    assert [badge.badge_id for badge in programme.badges] == ["helper"]
    assert [(warned.path, warned.code) for warned in programme.warnings] == [("rewards.ten-percent", "needs-cart")]
