"""Nothing knows on whose machine it lies. The paths are put together here, or this file would be found itself."""

from __future__ import annotations

import pytest

from scripts.lints import machine_paths
from tests.lints.snippets import lines_found

SLASH = "/"


@pytest.mark.parametrize(
    "text",
    [
        f"open('{SLASH}work/main/x')",
        f"cd {SLASH}root/belong",
        f"see {SLASH}home/ada/belong",
        f'"{SLASH}Users/ada"',
        "C:\\" + "Users\\ada\\belong",
        "index = https://py" + "pi.org/simple",
        "registry." + "npm" + "js.org",
    ],
)
def test_a_path_of_one_machine_or_a_registry_is_found(text: str) -> None:
    assert lines_found(machine_paths.check, "docs/operations.md", f"\n{text}") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/members/{id}",
        "https://shop.example/home/sale",
        "tests/" + "root/x",
        "~/" + "work/belong",
        "homework",
        "/homepage",
        "/rooted",
    ],
)
def test_other_paths_pass(text: str) -> None:
    assert lines_found(machine_paths.check, "docs/operations.md", text) == []
