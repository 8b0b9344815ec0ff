"""C17: whatever somebody can do with a command or in the console, a key can do; and what cannot says why not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from connector.access.auth import SCOPES
from connector.commands.run import COMMANDS
from connector.routes.access import NeedsKey
from connector.routes.api import OPERATIONS
from connector.routes.console_pages import PAGES

COMMANDS_BY_ROUTE: Mapping[str, str] = {
    "add-webhook": "POST /v1/webhook-endpoints",
    "adjust-member": "POST /v1/members/{id}/adjust",
    "adjust-requests": "GET /v1/adjustments/waiting",
    "answer-adjust": "POST /v1/members/{id}/adjust/{request}",
    "backfill": "POST /v1/backfill",
    "bulk-answer": "POST /v1/bulk-adjustments/{bulk}/answer",
    "bulk-ask": "POST /v1/bulk-adjustments",
    "bulk-preview": "POST /v1/bulk-adjustments/preview",
    "bulk-show": "GET /v1/bulk-adjustments/{bulk}",
    "bulk-undo": "POST /v1/bulk-adjustments/{bulk}/undo",
    "change-mails": "POST /v1/programme/mails",
    "change-setting": "POST /v1/connections/{connection}/settings",
    "change-webhook": "POST /v1/webhook-endpoints/{id}/events",
    "claim-address": "POST /v1/members/{id}/claims",
    "correct": "POST /v1/programme/corrections",
    "correcting": "GET /v1/programme/corrections",
    "decide-award": "POST /v1/members/{id}/held-awards/decide",
    "disable-webhook": "POST /v1/webhook-endpoints/{id}/disable",
    "enable-webhook": "POST /v1/webhook-endpoints/{id}/enable",
    "erase-member": "DELETE /v1/members/{id}/person",
    "export-member": "GET /v1/members/{id}/person",
    "fix-books": "POST /v1/reconcile/fix",
    "give-perk": "POST /v1/members/{id}/redemptions/{redemption}/give",
    "held-awards": "GET /v1/held-awards",
    "import-balances": "POST /v1/imports/balances",
    "import-identities": "POST /v1/imports/identities",
    "make-key": "POST /v1/keys",
    "member-audit": "GET /v1/members/{id}/audit",
    "member-status": "POST /v1/members/{id}/status",
    "merge-members": "POST /v1/members/{id}/merge",
    "offer-pairing": "POST /v1/pairings",
    "pause": "POST /v1/programme/pause",
    "pause-backfill": "POST /v1/backfill",
    "preview-correction": "POST /v1/programme/corrections/preview",
    "preview-mail": "GET /v1/programme/mails/{mail}",
    "publish": "POST /v1/programme/versions",
    "withdraw-version": "POST /v1/programme/versions/{version}/withdraw",
    "refuse-perk": "POST /v1/members/{id}/redemptions/{redemption}/refuse",
    "remove-webhook": "POST /v1/webhook-endpoints/{id}/remove",
    "replay": "POST /v1/dead-letters/replay-range",
    "replay-letters": "POST /v1/dead-letters/replay",
    "replay-range": "POST /v1/dead-letters/replay-range",
    "replay-webhook": "POST /v1/webhook-endpoints/{id}/replay",
    "resume": "POST /v1/programme/resume",
    "resume-backfill": "POST /v1/backfill",
    "revoke-key": "POST /v1/keys/{prefix}/revoke",
    "rotate-webhook": "POST /v1/webhook-endpoints/{id}/rotate",
    "set-level": "POST /v1/members/{id}/level",
    "settle-credit": "POST /v1/credits/{redemption}/settle",
    "show-mails": "GET /v1/programme/mails",
    "skip-letters": "POST /v1/dead-letters/skip",
    "test-mail": "POST /v1/programme/mails/{mail}/test",
    "test-webhook": "POST /v1/webhook-endpoints/{id}/test",
    "unclear-credits": "GET /v1/credits/unclear",
    "undo-import": "POST /v1/imports/{import}/undo",
    "unmerge-member": "POST /v1/members/{id}/unmerge",
    "waiting-perks": "GET /v1/perks/waiting",
    "withdraw-claim": "POST /v1/members/{id}/claims/undo",
}
_SECRETS = "takes secrets of a shop or of an app: they are typed on the server, and pass through no key's owner"
_PEOPLE = "says who is an owner: a key that is stolen must not make one"
_MACHINE = "is about the installation, of which a programme's key sees nothing"
_SERVICE = "is done by the service itself; the command is for where none runs"
COMMANDS_WITHOUT: Mapping[str, str] = {
    "connect": _SECRETS,
    "add-secrets": _SECRETS,
    "add-shopify-app": _SECRETS,
    "rotate-shopify-app": _SECRETS,
    "show-shopify-app": _MACHINE,
    "rotate-master": _MACHINE,
    "drop-old-keys": _MACHINE,
    "import-export": _MACHINE,
    "note-export": _MACHINE,
    "erased-members": _MACHINE,
    "invite-person": _PEOPLE,
    "person-role": _PEOPLE,
    "disable-person": _PEOPLE,
    "reset-person": _PEOPLE,
    "person-totp-off": _PEOPLE,
    "bulk-step": _SERVICE,
    "go-on-correcting": _SERVICE,
    "reconcile": _SERVICE,
}
PAGES_BY_ROUTE: Mapping[str, str] = {
    "/console/activity/letter/replay": "POST /v1/dead-letters/replay",
    "/console/activity/letter/skip": "POST /v1/dead-letters/skip",
    "/console/activity/replay": "POST /v1/dead-letters/replay-range",
    "/console/activity/letter/ask": "POST /v1/reconcile/fix",
    "/console/connection/pair": "POST /v1/pairings",
    "/console/connection/{connection}/held": "POST /v1/reconcile/fix",
    "/console/connection/{connection}/settings": "POST /v1/connections/{connection}/settings",
    "/console/connection/{connection}/past/look": "POST /v1/backfill",
    "/console/connection/{connection}/past/read": "POST /v1/backfill",
    "/console/connection/{connection}/past/pause": "POST /v1/backfill",
    "/console/connection/{connection}/past/resume": "POST /v1/backfill",
    "/console/settings/mails": "POST /v1/programme/mails",
    "/console/settings/mails/test": "POST /v1/programme/mails/{mail}/test",
    "/console/programme/drafts/{draft}/effect": "POST /v1/programme/preview",
    "/console/programme/drafts/{draft}/publish": "POST /v1/programme/versions",
    "/console/programme/versions/{version}/withdraw": "POST /v1/programme/versions/{version}/withdraw",
    "/console/programme/pause": "POST /v1/programme/pause",
    "/console/programme/resume": "POST /v1/programme/resume",
    "/console/members/{id}/adjust": "POST /v1/members/{id}/adjust",
    "/console/members/{id}/birthday": "POST /v1/members/{id}/birthday",
    "/console/members/{id}/status": "POST /v1/members/{id}/status",
    "/console/members/{id}/tier": "POST /v1/members/{id}/tier",
    "/console/members/{id}/badges": "POST /v1/members/{id}/badges/{badge}/award",
    "/console/members/{id}/badges/{badge}/take": "POST /v1/members/{id}/badges/{badge}/revoke",
    "/console/members/{id}/redemptions/{redemption}/cancel": "POST /v1/members/{id}/redemptions/{redemption}/cancel",
    "/console/members/{id}/push": "POST /v1/members/{id}/push",
    "/console/activity/outbox/push": "POST /v1/members/{id}/push",
    "/console/members/{id}/merge/look": "POST /v1/members/{id}/merge/preview",
    "/console/members/{id}/merge": "POST /v1/members/{id}/merge",
    "/console/members/{id}/unmerge": "POST /v1/members/{id}/unmerge",
    "/console/members/{id}/data/export": "GET /v1/members/{id}/person",
    "/console/members/{id}/data/erase": "DELETE /v1/members/{id}/person",
    "/console/members/{id}/requests/{request}": "POST /v1/members/{id}/adjust/{request}",
    "/console/referrals/decide": "POST /v1/referrals/{id}/decide",
    "/console/badges/boards/take": "POST /v1/members/{id}/public-name/take",
    "/console/badges/decide": "POST /v1/members/{id}/held-awards/decide",
    "/console/rewards/perk": "POST /v1/members/{id}/redemptions/{redemption}/give",
    "/console/rewards/credit": "POST /v1/credits/{redemption}/settle",
    "/console/segments": "POST /v1/bulk-adjustments",
    "/console/segments/{bulk}/answer": "POST /v1/bulk-adjustments/{bulk}/answer",
    "/console/segments/{bulk}/undo": "POST /v1/bulk-adjustments/{bulk}/undo",
    "/console/orders/{order_ref}/read": "POST /v1/reconcile/fix",
    "/console/customers/enrol": "POST /v1/members",
    "/console/start/live": "POST /v1/programme/resume",
    "/console/members/{id}/redemptions/{redemption}/again": "POST /v1/members/{id}/redemptions",
    "/console/settings/webhooks/add": "POST /v1/webhook-endpoints",
    "/console/settings/webhooks/{id}/events": "POST /v1/webhook-endpoints/{id}/events",
    "/console/settings/webhooks/{id}/rotate": "POST /v1/webhook-endpoints/{id}/rotate",
    "/console/settings/webhooks/{id}/enable": "POST /v1/webhook-endpoints/{id}/enable",
    "/console/settings/webhooks/{id}/disable": "POST /v1/webhook-endpoints/{id}/disable",
    "/console/settings/webhooks/{id}/remove": "POST /v1/webhook-endpoints/{id}/remove",
    "/console/settings/webhooks/{id}/test": "POST /v1/webhook-endpoints/{id}/test",
    "/console/settings/webhooks/{id}/replay": "POST /v1/webhook-endpoints/{id}/replay",
    "/console/settings/keys/make": "POST /v1/keys",
    "/console/settings/keys/{prefix}/revoke": "POST /v1/keys/{prefix}/revoke",
}
_DESK = "is the console's own paper: a caller keeps its document itself, and previews and publishes it"
_NAMES = "names filters for the people of the console: a caller sends the filters themselves"
_OWN = "is about whoever is signed in"
_LOOK = "only looks, at what the service looks at by itself, too"
_SOONER = "does now what the service does by itself a little later"
PAGES_WITHOUT: Mapping[str, str] = {
    "/console/connection/ask": _LOOK,
    "/console/connection/{connection}/secrets": _SECRETS,
    "/console/books/check": _LOOK,
    "/console/start/try": _LOOK,
    "/console/members": _LOOK,
    "/console/rewards/redemptions": _LOOK,
    "/console/programme/drafts": _DESK,
    "/console/programme/drafts/{draft}": _DESK,
    "/console/programme/drafts/{draft}/drop": _DESK,
    "/console/programme/drafts/{draft}/form": _DESK,
    "/console/programme/drafts/{draft}/item": _DESK,
    "/console/programme/drafts/{draft}/texts": _DESK,
    "/console/settings/programme/draft": _DESK,
    "/console/segments/saved": _NAMES,
    "/console/segments/saved/forget": _NAMES,
    "/console/programme/drafts/{draft}/try": _DESK,
    "/console/activity/outbox/send": _SOONER,
    "/console/sign-out": _OWN,
}
_PLAY = "happens in a rehearsal, whose end is a draft: nothing of it is real"
_GROUPS = (
    ("/console/settings/people/", _PEOPLE),
    ("/console/settings/me", _OWN),
    ("/console/programme/begin/", _DESK),
    ("/console/test/", _PLAY),
)
PAID = re.compile(r"licen[cs]e|edition|billing|premium|\bplan\b|upgrade")


def reached() -> set[str]:
    """What a key can be used for."""
    return {f"{one.method} {one.path}" for one in OPERATIONS if isinstance(one.access, NeedsKey)}


def test_every_capability_is_reachable_by_api_without_a_plan() -> None:
    """C17: each command and each deed of the console has a route for keys, and no route is for some only."""
    assert set(COMMANDS) == COMMANDS_BY_ROUTE.keys() | COMMANDS_WITHOUT.keys()
    assert not COMMANDS_BY_ROUTE.keys() & COMMANDS_WITHOUT.keys()
    deeds = {one.path for one in PAGES if one.method == "POST"}
    of_groups = {path for path in deeds if path.startswith(tuple(start for start, _ in _GROUPS))}
    assert deeds - of_groups == PAGES_BY_ROUTE.keys() | PAGES_WITHOUT.keys()
    assert not PAGES_BY_ROUTE.keys() & PAGES_WITHOUT.keys()
    routes = reached()
    assert {*COMMANDS_BY_ROUTE.values(), *PAGES_BY_ROUTE.values()} - routes == set()
    needed = {one.access.scope for one in OPERATIONS if isinstance(one.access, NeedsKey)}
    assert needed <= SCOPES and SCOPES - needed == {"events:backfill"}
    assert [one.summary for one in OPERATIONS if PAID.search(one.summary.lower())] == []
