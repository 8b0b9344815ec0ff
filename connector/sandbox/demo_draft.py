"""The demo's merchant thinks of something new: a draft of the programme, tried on the three months that were, and by
made-up shoppers.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from connector.programmes.drafting import look, pretty
from connector.rehearsal.founding import Founding
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.drafts import create_draft
from connector.storage.mail_settings import settings_text
from connector.storage.programmes import latest_document, load_programmes

NAME = "Half as many points again"
AUTHOR = "the demo"


async def think_of_something_new(service: Service, number: int, now: datetime) -> str:
    """A draft that gives half as many points again for what is bought, with its what-if and a test. Returns its id."""
    session, draft_id = service.database.reading(), str(uuid.uuid4())
    books = (await load_programmes(session))[number]
    document = await latest_document(session, number)
    points = document["points"]
    rates = {currency: str(Decimal(rate) * 3 / 2) for currency, rate in points["earn"]["rates"].items()}
    earn = {**points["earn"], "rates": rates}
    text = pretty({**document, "points": {**points, "earn": earn}})
    base = books.rulebook.versions[-1]
    await atomic(
        service.database,
        lambda writing: create_draft(writing, number, draft_id, NAME, text, base.version, AUTHOR, now),
    )
    looked = await look(session, books, text, "en", now)
    assert looked.programme is not None, looked.problem
    await service.trials.begin(number, draft_id, text, looked.programme, base)
    await service.trials.finished()
    assert looked.document is not None
    origin = f"draft:{NAME}"
    given = Founding(looked.document, origin, draft_id, "en", "woocommerce", settings_text(books.mails), now)
    await _try_it(service, number, given)
    return draft_id


async def _try_it(service: Service, number: int, given: Founding) -> None:
    """A test shop of it, in which a month has gone by. Its first shopper has the number that the programme has."""
    shops = service.test_shops
    await shops.begin(number, given)
    buys = {"shopper": "2", "amount": "60", "paid": "yes"}
    await shops.deed(number, str(uuid.uuid4()), "order", buys)
    await shops.move(number, str(uuid.uuid4()), given.now + timedelta(days=30))
