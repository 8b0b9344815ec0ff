"""The demo's merchant thinks of something new: a draft of the programme, tried on the three months that were."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from connector.programmes.drafting import look, pretty
from connector.running.service import Service
from connector.storage.atomic import atomic
from connector.storage.drafts import create_draft
from connector.storage.programmes import latest_document, load_programmes

NAME = "Half as many points again"
AUTHOR = "the demo"


async def think_of_something_new(service: Service, number: int, now: datetime) -> str:
    """A draft that gives half as many points again for what is bought, with its what-if. Returns its id."""
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
    return draft_id
