"""The pages with which a shop begins, and those of requests for people's data."""

from __future__ import annotations

from collections.abc import Sequence

from connector.console.pages import Frame, page
from connector.installing.trying import Tried
from connector.programmes.files import template_names
from connector.storage.backfills import BackfillRun
from connector.storage.shop_privacy import PrivacyRequest
from loyalty_engine.texts import named
from loyalty_engine.texts.formats import money_text, number_text


def start_page(
    frame: Frame,
    language: str,
    *,
    shop: str,
    programme: str,
    is_live: bool,
    run: BackfillRun | None,
    chosen: str,
    tried: Tried | None,
    problem: str,
    may_begin: bool,
) -> str:
    """The page as HTML. chosen: a template, or empty for the programme as it is. problem: why it could not be tried."""
    return page(
        "start.html",
        language,
        frame,
        shop=shop,
        programme=programme,
        is_live=is_live,
        run=run,
        chosen=chosen,
        tried=tried,
        problem=problem,
        may_begin=may_begin,
        templates=template_names(),
        tier_name=lambda names: named(names, language),
        money=lambda minor, currency: money_text(minor, currency, language),
        number=lambda value: number_text(value, language),
    )


def privacy_page(frame: Frame, language: str, requests: Sequence[PrivacyRequest]) -> str:
    """The page as HTML."""
    return page("privacy.html", language, frame, requests=requests)
