"""Every operation of the JSON API, in one list."""

from __future__ import annotations

from starlette.routing import Route

from connector.routes import (
    backfilling,
    boards,
    books,
    bulk_adjusting,
    community,
    dead_letters,
    events,
    explaining,
    handing_over,
    linking,
    mail_choices,
    mails,
    member_acts,
    members,
    merging,
    openapi,
    own_document,
    pairing,
    people,
    perks,
    plugins,
    previewing,
    programme,
    reconciling,
    redeeming,
    referring,
    shopify,
    shoppers,
    store_batches,
    store_desk,
    store_opening,
    storefront_files,
    stores,
    webhook_endpoints,
)
from connector.routes.operations import routes_of
from connector.running.service import Service

OPERATIONS = (
    *members.OPERATIONS,
    *member_acts.OPERATIONS,
    *merging.OPERATIONS,
    *bulk_adjusting.OPERATIONS,
    *people.OPERATIONS,
    *explaining.OPERATIONS,
    *redeeming.OPERATIONS,
    *perks.OPERATIONS,
    *referring.OPERATIONS,
    *shoppers.OPERATIONS,
    *own_document.OPERATIONS,
    *shopify.OPERATIONS,
    *pairing.OPERATIONS,
    *plugins.OPERATIONS,
    *storefront_files.OPERATIONS,
    *stores.OPERATIONS,
    *handing_over.OPERATIONS,
    *store_batches.OPERATIONS,
    *store_desk.OPERATIONS,
    *store_opening.OPERATIONS,
    *linking.OPERATIONS,
    *events.OPERATIONS,
    *boards.OPERATIONS,
    *community.OPERATIONS,
    *dead_letters.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
    *books.OPERATIONS,
    *reconciling.OPERATIONS,
    *backfilling.OPERATIONS,
    *programme.OPERATIONS,
    *previewing.OPERATIONS,
    *mails.OPERATIONS,
)


def routes(service: Service) -> list[Route]:
    """The routes of the API and of its description."""
    return [
        *routes_of(service, OPERATIONS),
        *linking.pages(service),
        *mail_choices.pages(service),
        *plugins.pages(service),
        *storefront_files.pages(service),
        openapi.route(OPERATIONS),
    ]
