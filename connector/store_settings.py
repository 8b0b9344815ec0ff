"""Settings that connections of every platform have, and which values they take; what only one platform has is in its
own package.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from connector.errors import ConfigProblem
from loyalty_engine.leaderboard import BOARDS
from loyalty_engine.texts import LANGUAGES

PLUGIN_ADJUSTS = "plugin_adjusts"
"""``no``: people of the shop's administration may look, and may not give or take points there."""
LANGUAGE = "language"
"""In which language the shop shows what we push, and in which members who named none are spoken to."""
ORIGINS = "origins"
"""Further addresses of pages that may call us from a browser, with spaces between, each as a browser names itself."""
MEMBER_PAGE = "member_page"
"""Where members see their points: the page of the shop, or of one of its origins, that mails lead to."""
REFERRAL_LINK = "referral_link"
"""What a referral code is put behind: a page of the shop's that takes the code from its address."""
BOARD = "board"
"""What the shop's leaderboard counts: a measure, ``none`` for no board; else the usual one."""
NO_BOARD = "none"
SETTINGS = frozenset({BOARD, LANGUAGE, MEMBER_PAGE, ORIGINS, PLUGIN_ADJUSTS, REFERRAL_LINK})
YES_OR_NO = ("yes", "no")
CHOICES: Mapping[str, tuple[str, ...]] = {
    BOARD: (NO_BOARD, *sorted(BOARDS)),
    LANGUAGE: LANGUAGES,
    PLUGIN_ADJUSTS: YES_OR_NO,
}
"""Settings that take one of a few values."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_USUAL_PORT, _PORT_MAX = 443, 65_535


def check_origins(value: str) -> None:
    """Raises ConfigProblem for what no browser sends as the origin of a page: nobody would be let in by it."""
    for one in value.split():
        found = _ORIGIN.fullmatch(one)
        port = int(found["port"] or 0) if found else _USUAL_PORT
        if port == _USUAL_PORT or port > _PORT_MAX:
            raise ConfigProblem(
                "Write origins as browsers do, https://www.shop.example or https://shop.example:8443: in small "
                "letters, without a slash or a path behind, and without the port 443. Several have spaces between them."
            )


def check_referral_link(value: str) -> None:
    """Raises ConfigProblem for what is no address over https once a code stands behind it."""
    if value and not _leads_somewhere(value):
        raise ConfigProblem(
            "Write the address of a page over https, up to where the code belongs: https://shop.example/?belong="
        )


def _leads_somewhere(link: str) -> bool:
    if not link.isascii() or any(sign in link for sign in ' \\"<>'):
        return False
    try:
        parts = urlsplit(link)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    # A code right behind a host would change the host.
    has_place = bool(parts.path or parts.query or parts.fragment) or link.endswith(("?", "#"))
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc and has_place


CHECKS: Mapping[str, Callable[[str], None]] = {ORIGINS: check_origins, REFERRAL_LINK: check_referral_link}
"""Settings that take text of a form."""
