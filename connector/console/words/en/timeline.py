"""English: the timeline of a member."""

WORDS = {
    "member.timeline": "Timeline",
    "timeline.lead": (
        "Everything that happened, the newest first: orders and activities, points, tiers, badges, rewards."
    ),
    "timeline.show": "Show",
    "timeline.kind-all": "All",
    "timeline.kind-sources": "Orders and activities",
    "timeline.kind-points": "Points",
    "timeline.kind-nothing": "What earned nothing",
    "timeline.kind-tiers": "Tiers",
    "timeline.kind-badges": "Badges and community levels",
    "timeline.kind-rewards": "Rewards",
    "timeline.why": "Why",
    "timeline.why-of": "Why: {what}",
    "timeline.none": "Nothing of this kind has happened.",
    "timeline.order": "Order {name} over {total}",
    "timeline.activity": "Activity: {what}",
    "timeline.nothing": "Earned nothing: {what}",
    "timeline.tier": "Tier {name}",
    "timeline.badge-awarded": "Badge {name} got",
    "timeline.badge-revoked": "Badge {name} lost",
    "timeline.level": "Community level {name}",
    "timeline.reward": "Took {name}",
    "timeline.joined": "Joined the programme",
}
