"""German: the timeline of a member."""

WORDS = {
    "member.timeline": "Zeitstrahl",
    "timeline.lead": (
        "Alles, was geschehen ist, das Neueste zuerst: Bestellungen, Aktivitäten, Punkte, Stufen, Abzeichen, Prämien."
    ),
    "timeline.show": "Zeigen",
    "timeline.kind-all": "Alles",
    "timeline.kind-sources": "Bestellungen und Aktivitäten",
    "timeline.kind-points": "Punkte",
    "timeline.kind-nothing": "Was nichts brachte",
    "timeline.kind-tiers": "Stufen",
    "timeline.kind-badges": "Abzeichen und Ränge",
    "timeline.kind-rewards": "Prämien",
    "timeline.why": "Warum",
    "timeline.why-of": "Warum: {what}",
    "timeline.none": "Davon ist nichts geschehen.",
    "timeline.order": "Bestellung {name} über {total}",
    "timeline.activity": "Aktivität: {what}",
    "timeline.nothing": "Nichts gebracht hat: {what}",
    "timeline.tier": "Stufe {name}",
    "timeline.badge-awarded": "Abzeichen {name} erhalten",
    "timeline.badge-revoked": "Abzeichen {name} verloren",
    "timeline.level": "Rang in der Community: {name}",
    "timeline.reward": "{name} eingelöst",
    "timeline.joined": "Dem Programm beigetreten",
}
