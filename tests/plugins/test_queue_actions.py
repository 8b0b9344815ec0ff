"""What runs in a shop's background is written down where its owner can look it up."""

from __future__ import annotations

import re

from tests.plugins import sites

ASKED = re.compile(r"as_(?:enqueue_async|schedule_\w+)_action\((?:[^;]*?)\b(self|[A-Z]\w+)::([A-Z]+),")
ROW = re.compile(r"^\| `(belong_\w+)` \|", re.MULTILINE)


def actions() -> set[str]:
    """Names of all actions that the plugin asks its queue for."""
    found = set()
    for path in (sites.PLUGIN / "src").rglob("*.php"):
        text = path.read_text(encoding="utf-8")
        for owner, constant in ASKED.findall(text):
            assert owner == "self", f"{path}: an action is asked for where its name is kept"
            [name] = re.findall(rf"const {constant} += '(\w+)';", text)
            found.add(name)
    return found


def test_every_action_of_the_queue_is_in_the_table() -> None:
    readme = (sites.PLUGIN / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## What runs in the background")[2].partition("\n## ")[0]
    found = actions()
    assert "belong_drain" in found
    assert set(ROW.findall(section)) == found
