"""Every page of the console, in one list: each with the role that it needs."""

from __future__ import annotations

from starlette.responses import HTMLResponse, RedirectResponse, Response

from connector.access.console import Role
from connector.console.pages import page
from connector.routes import (
    console_audit,
    console_backups,
    console_badges,
    console_begin,
    console_books,
    console_connection,
    console_forms,
    console_home,
    console_letters,
    console_mails,
    console_me,
    console_member_acts,
    console_member_list,
    console_members,
    console_merging,
    console_own_texts,
    console_personal_data,
    console_programme,
    console_publishing,
    console_queues,
    console_redemption,
    console_referrals,
    console_rewards,
    console_saved,
    console_second,
    console_segments,
    console_settings,
    console_shop,
    console_start,
    console_test,
    console_traffic,
    console_unseen,
    console_webhooks,
)
from connector.routes.console import ConsolePage, Visit, base_of, cookie
from connector.routes.console_home import HOME
from connector.storage.atomic import atomic
from connector.storage.console_sessions import end_session


async def start(visit: Visit) -> Response:
    """The first page."""
    return RedirectResponse(base_of(visit.service) + HOME, 303)


async def sign_out(visit: Visit) -> Response:
    """The session ends for whoever has its cookie."""
    await atomic(visit.service.database, lambda session: end_session(session, visit.scope.digest))
    html = page("said.html", visit.language, frame=None, said="left", role="")
    return HTMLResponse(html, headers={"Set-Cookie": cookie(visit.service, "")})


PAGES = (
    ConsolePage("GET", "/console", Role.READ_ONLY, start),
    *console_home.PAGES,
    *console_letters.PAGES,
    *console_traffic.PAGES,
    *console_books.PAGES,
    *console_audit.PAGES,
    *console_connection.PAGES,
    *console_shop.PAGES,
    *console_mails.PAGES,
    *console_member_list.PAGES,
    *console_saved.PAGES,
    *console_members.PAGES,
    *console_begin.PAGES,
    *console_programme.PAGES,
    *console_publishing.PAGES,
    *console_forms.PAGES,
    *console_member_acts.PAGES,
    *console_merging.PAGES,
    *console_personal_data.PAGES,
    *console_queues.PAGES,
    *console_rewards.PAGES,
    *console_badges.PAGES,
    *console_referrals.PAGES,
    *console_redemption.PAGES,
    *console_test.PAGES,
    *console_segments.PAGES,
    *console_unseen.PAGES,
    *console_start.PAGES,
    *console_settings.PAGES,
    *console_own_texts.PAGES,
    *console_webhooks.PAGES,
    *console_backups.PAGES,
    *console_me.PAGES,
    *console_second.PAGES,
    ConsolePage("POST", "/console/sign-out", Role.READ_ONLY, sign_out, acts=True),
)
