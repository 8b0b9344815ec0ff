"""Whatever is written down as done has words in every language; every command is told, or known to be elsewhere."""

from __future__ import annotations

import pytest

from connector.commands.run import COMMANDS
from connector.console.deed_log import KINDS
from connector.console.words import TABLES
from connector.storage import deed_log
from connector.storage.audit import Act

ONLY_READ = frozenset(
    "adjust-requests bulk-preview bulk-show correcting erased-members held-awards member-audit preview-correction "
    "preview-mail show-mails show-shopify-app unclear-credits waiting-perks".split()
)
OF_THE_INSTALLATION = frozenset(
    "add-shopify-app drop-old-keys reconcile rotate-master rotate-shopify-app test-webhook".split()
)
"""Of no programme, or of nothing that changes: ``belong audit`` has them."""
NOTED_BY_THEMSELVES = frozenset(
    "add-secrets add-webhook adjust-member answer-adjust backfill bulk-answer bulk-ask bulk-step bulk-undo "
    "change-mails change-setting change-webhook claim-address correct decide-award disable-person "
    "disable-webhook enable-webhook erase-member export-member give-perk invite-person make-key member-status "
    "merge-members offer-pairing pause pause-backfill person-role person-totp-off publish refuse-perk "
    "remove-webhook replay replay-letters replay-range replay-webhook reset-person resume resume-backfill "
    "revoke-key rotate-webhook set-level settle-credit skip-letters unmerge-member withdraw-claim "
    "withdraw-version".split()
)
"""With the member or the programme that they change."""


@pytest.mark.parametrize("language", TABLES)
def test_every_act_has_words(language: str) -> None:
    kinds = {*Act, *deed_log.CHANGES, *deed_log.BULKS, *deed_log.COMMANDS}
    assert sorted(kind for kind in kinds if not TABLES[language].get(f"act.{kind}")) == []
    assert sorted(way for way in (*deed_log.WAYS, "job") if f"way.{way}" not in TABLES[language]) == []


def test_every_act_can_be_looked_for() -> None:
    listed = [kind for kinds in KINDS.values() for kind in kinds]
    assert sorted(listed) == sorted({*Act, *deed_log.CHANGES, *deed_log.BULKS, *deed_log.COMMANDS})


def test_every_command_is_told_or_known_to_be_told_elsewhere() -> None:
    parts = [set(deed_log.COMMANDS), ONLY_READ, OF_THE_INSTALLATION, NOTED_BY_THEMSELVES]
    assert sum(map(len, parts)) == len(set().union(*parts)), "each in one of them"
    assert set().union(*parts) == set(COMMANDS)
