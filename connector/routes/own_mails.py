"""Whether a shopper takes mails about their points: said by them, in the shop, and asked nowhere else."""

from __future__ import annotations

from msgspec import Struct

from connector.access.shopper_tokens import CHOOSE
from connector.people import mail_choices
from connector.people.mail_choices import choice_token
from connector.routes.access import NeedsShopper
from connector.routes.mail_choices import PATH
from connector.routes.operations import Call, Operation


class TakesMails(Struct, forbid_unknown_fields=True):
    """takes_mails: true: the shopper agrees to mails of the programme; false: none come any more."""

    takes_mails: bool


class MailChoice(Struct):
    """takes_mails: whether mails reach them, once an address is known. page: where they choose which, without signing
    in; whoever has it can choose for them.
    """

    takes_mails: bool
    page: str


async def show(call: Call) -> MailChoice:
    """What the shopper said, in whatever shop."""
    shopper = call.shopper
    takes = await mail_choices.takes_mails(call.service.pipeline, call.session, shopper.member_id)
    return _told(call, takes)


async def answer(call: Call) -> MailChoice:
    """Agree, or stop them all."""
    shopper = call.shopper
    who = call.service.pipeline, shopper.programme_number, shopper.member_id
    await mail_choices.answer(*who, call.body.takes_mails)
    return _told(call, call.body.takes_mails)


def _told(call: Call, takes_mails: bool) -> MailChoice:
    service, shopper = call.service, call.shopper
    token = choice_token(service.keys, shopper.programme_number, shopper.member_id)
    return MailChoice(takes_mails, f"{service.settings.public_url}{PATH}/{token}")


OPERATIONS = (
    Operation(
        "GET",
        "/v1/me/mail-choice",
        # Its page can choose for them.
        NeedsShopper(CHOOSE),
        "Whether the shopper takes mails about their points, and where they choose which.",
        show,
        MailChoice,
        tag="storefront",
    ),
    Operation(
        "POST",
        "/v1/me/mail-choice",
        NeedsShopper(CHOOSE),
        "Agree to mails about points, or stop them. The same once more changes nothing.",
        answer,
        MailChoice,
        body=TakesMails,
        acts=True,
        tag="storefront",
    ),
)
