"""What each refusal means to whoever calls the API, and what to do about it. Nothing has happened in any of them."""

from __future__ import annotations

from collections.abc import Mapping

from connector.errors import Permanent
from loyalty_engine.errors import Refused

MEANINGS: Mapping[str, str] = {
    # Redeeming
    "above-maximum": "More points than this reward takes at once. Send at most numbers.limit.",
    "below-minimum": "Fewer points than this reward takes. Send at least numbers.needs.",
    "not-a-step": "This reward is had in steps. Send a multiple of numbers.step.",
    "not-enough-points": "numbers.missing points are missing. Pending ones cannot be spent yet.",
    "out-of-stock": "No unit of this reward is left.",
    "reward-limit-reached": "The member has had this reward as often as its limit allows.",
    "reward-not-yet": "The reward begins later.",
    "reward-over": "The reward has ended.",
    "reward-unknown": "The programme has no such reward. Ask /v1/me/examine which there are.",
    "tier-needed": "The reward is for other tiers: numbers.needs.",
    "redeeming-paused": "The programme is paused. Try again once it was resumed.",
    "redeeming-ended": "The programme is winding down, and its last day of redeeming is over.",
    "currency-without-value": "The reward has no value in this currency. Write one under its values.",
    "currency-without-rate": "What this currency is worth is not known. Write it in programme.base_rates.",
    "order-too-small": "The cart is below the smallest order of this reward: numbers.missing minor units are missing.",
    "more-than-share": "Points may pay only a part of an order: at most numbers.allowed minor units of this cart.",
    "does-not-stack": "It cannot be combined with what the cart uses already. Release that first.",
    "needs-cart": "What this reward is worth depends on the cart. Send the cart with the request.",
    "not-held-for-a-cart": "Only what was reserved for a cart is captured or released. This was redeemed at once.",
    "no-account-in-store": "The member has no account in that store, so no code can be made there.",
    "not-in-this-store": "This store cannot give this kind of reward.",
    "store-unknown": "The programme has no such store.",
    "store-cannot": "No connected store can give this kind of reward.",
    "not-a-perk": "Only perks are given by people. This redemption is a voucher.",
    "redemption-unknown": "The member has no such redemption.",
    "credit-under-way": "The store is asked for this credit and has not answered yet. Try again in a few minutes.",
    "credit-not-unclear": "What became of this credit is known. What is not is shown by: belong credit unclear",
    "credit-of-another": "This transaction of the store belongs to another redemption.",
    "not-store-credit": "This redemption is no store credit.",
    "order-unknown": "No store of the programme has such orders. Send the order's source, as shopify:1:order:5123.",
    "redemption-used": "The voucher was used on an order already.",
    "redemption-not-open": "The redemption is over: it was released, lapsed, cancelled or has expired.",
    "redemption-differs": "This Idempotency-Key was used for another redemption. Send a new key.",
    "too-fast": "Too many attempts in a short time. Wait as long as Retry-After says.",
    # Members
    "member-unknown": "The programme has no such member.",
    "member-not-active": "The member has left, is blocked, or was merged or erased.",
    "member-left": "The member has left the programme.",
    "member-blocked": "The member is blocked.",
    "member-merged": "The member was merged into another. Use the one that `merged_into` names.",
    "member-erased": "The member was erased on request and cannot come back.",
    "status-not-by-hand": "This status comes from merging or erasing and is not set by hand.",
    "reason-missing": "Say why: a reason is kept with everything that is done by hand.",
    "survivor-not-active": "The member who remains is not active. Merge into an active one.",
    "merge-with-oneself": "Both names mean the same member.",
    "merged-on": "The survivor was merged on since. Undo merge numbers.merge of numbers.member first.",
    "merge-under-way": "The merge is still being carried out. Ask again in a minute.",
    "not-merged": "The member is not merged, so there is nothing to undo.",
    "merged-points-spent": "Points that came together are spent; numbers.missing are missing. Support can part them.",
    "address-claimed": "numbers.member has proven this address. Undo that claim first, if it was wrong.",
    "not-claimed": "The member has no claim on this address.",
    "link-over": "The link was used already or is too old. Ask for a new one.",
    "expiry-mail-needed": "Points end only after a warning, which is a mail here. Let them never end first.",
    "mail-kind-unknown": "There is no such kind of mail.",
    "too-many-samples": "Too many mails were asked for only to look at them. Ask again in some minutes.",
    "mail-link-unknown": "No mail of ours has such a link. Use the one in the latest mail.",
    "wrong-code": "The code does not belong to this link. Look at the page that asked for it.",
    "too-many-links": "Too many links were asked for within an hour. Ask again later.",
    "not-linked": "The accounts are not linked.",
    # By hand
    "adjust-nothing": "An adjustment of 0 points changes nothing.",
    "adjust-above-maximum": "More than adjust.max of the programme allows at once.",
    "adjust-reason-missing": "Say why: the programme asks for a reason.",
    "adjust-needs-second-person": "Another person must agree. No key of the one who asked can.",
    "key-of-somebody-else": "Somebody else has used this Idempotency-Key. Send a key of your own.",
    "owner-unknown": "The key has no owner, so nobody knows who asks. `belong keys create --owner` makes one.",
    "adjusting-switched-off": "The operator does not let the shop's administration give or take points.",
    "adjust-not-in-shop": "So many points need two people who are known by name: use a key, or the command line.",
    "importing-switched-off": "The operator does not let this shop bring balances along from another plugin.",
    "importing-needs-operator": "The programme asks for two people: belong setting CONNECTION plugin_imports yes.",
    "opening-not-a-balance": "A balance is a whole number from 0 to 1,000,000,000.",
    "opening-needs-consent": "The customer has not joined the programme, and it takes only those who agree.",
    "opening-differs": "Another number was brought along for this customer before: points. Take that back first.",
    "opening-named-twice": "One page names a customer once.",
    "opening-taken-back": "This round was taken back. Begin the next one.",
    "request-unknown": "There is no such request for this member.",
    "request-answered": "The request was answered already, its 14 days are over, or it went along with a merge.",
    "key-used-for-something-else": "This Idempotency-Key was used for something else. Send a new key.",
    "bulk-unknown": "The programme has no such adjustment of a segment.",
    "bulk-not-begun": "Nobody has agreed to it yet, so there is nothing to undo or go on with.",
    "points-not-read": "The points are no whole number. Write digits, with a minus in front to take.",
    "segment-not-read": "A filter of the segment cannot be read. Write days as 2026-11-28 and points as digits.",
    "id-not-typed": "The id that was typed is not that of the member. Type the one that the page shows.",
    "segment-empty": "The segment has no filter. Add one, or say everyone: true.",
    "segment-nobody": "The segment means nobody.",
    "segment-changed": "The segment means other members or points than its preview said. Preview it again.",
    "segment-too-large": "The segment means more members than one adjustment may. Split it.",
    "segment-member-unknown": "The list names members whom the programme does not have.",
    "segment-status-unknown": "There is no such status.",
    # Standing
    "tier-unknown": "The programme has no such tier.",
    "tier-locked-already": "The tier is set by hand to this one already.",
    "tier-not-locked": "The tier is not set by hand, so there is nothing to unlock.",
    "badge-unknown": "The programme has no such badge.",
    "badge-level-unknown": "The badge has no such level.",
    "badge-held-already": "The member holds it already.",
    "badge-not-held": "The member does not hold it.",
    "badge-limit-reached": "The badge has been given as often as its limit allows.",
    "badge-out-of-season": "The badge can be had in its season only.",
    "award-not-held": "No such award waits for a decision.",
    "award-accepted-already": "Somebody has accepted this award already.",
    "level-not-appointed": "This level is reached by numbers. Only appointed levels are given by hand.",
    "level-held-already": "The member has this level already.",
    "level-too-early": "The member has not been here long enough for it: numbers says how long is needed.",
    "level-too-low": "The member must have the level before it first.",
    "board-not-allowed": "The programme shows no leaderboard of this measure.",
    "period-unknown": "There is no such period.",
    "public-name-not-usable": "This name cannot be shown. Choose a shorter or plainer one.",
    # Referrals and programmes
    "code-unknown": "Nobody has this code.",
    "already-referred": "This customer was brought by somebody already.",
    "no-referrals": "The programme has no referrals.",
    "referral-unknown": "The programme has no such referral.",
    "referral-not-in-review": "Only referrals that wait for a review can be decided.",
    "programme-unknown": "There is no such programme.",
    "address-taken": "This address cannot be used to sign in. Take another one.",
    "last-owner": "It is the last owner who can sign in: make somebody else an owner first.",
    "correction-lacks-facts": "numbers.sources orders and activities lack what the right version asks of products, "
    "prices or customers: nobody asked when they were decided. They can only stay as they are. Say so: --keep-unknown.",
}
"""By code, in English. ``numbers`` are those of the answer."""


def meaning(code: str) -> str:
    """What to tell; the code alone if it has no words, which a test keeps from happening."""
    return MEANINGS.get(code, code)


def in_words(refused: Refused) -> Permanent:
    """What a command says of a refusal: its code and numbers, what they mean, and what to do."""
    numbers = ", ".join(f"{name} {value}" for name, value in refused.numbers.items())
    told = f" ({numbers})" if numbers else ""
    return Permanent(f"Refused, and nothing has happened: {refused.code}{told}. {meaning(refused.code)}")
