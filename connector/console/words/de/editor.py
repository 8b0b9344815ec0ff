"""German: editor."""

WORDS = {
    "shell.programme": "Programm",
    "editor.paused": "steht still",
    "editor.live": "läuft",
    "editor.in-force": "Es gilt Fassung {version}.",
    "editor.planned": "Fassung {version} beginnt später:",
    "editor.look": "Ansehen",
    "editor.drafts": "Entwürfe",
    "editor.drafts-text": (
        "Jede Änderung beginnt als Entwurf. Er wird geprüft, verglichen und ausprobiert und ändert nichts, "
        "bis der Inhaber ihn veröffentlicht."
    ),
    "editor.saved-by": "Gespeichert von {who}",
    "editor.no-drafts": "Es gibt keinen Entwurf.",
    "editor.from-now": "Das Programm, wie es ist (Fassung {version})",
    "editor.origin": "Beginnen mit",
    "editor.origin-help": (
        "Eine Vorlage nimmt Währung, Zeitzone und Schwellen der Stufen von Ihrem Shop: aus dem, was Ihre "
        "eigenen Kunden ausgeben."
    ),
    "editor.name": "Name des Entwurfs",
    "editor.begin": "Entwurf beginnen",
    "editor.rules": "Die Regeln, wie Ihre Kunden sie lesen",
    "editor.warnings": "Einen Blick wert",
    "editor.changes": "Was getan wurde, und warum",
    "editor.did-publish": "Fassung {version} wurde veröffentlicht",
    "editor.did-wind-down": "Fassung {version}, die das Programm beendet, wurde veröffentlicht",
    "editor.did-correct": "Fassung {wrong} wurde durch Fassung {right} berichtigt",
    "editor.did-pause": "Angehalten",
    "editor.did-resume": "Ging weiter",
    "editor.begins": "Beginnt",
    "editor.pause": "Programm anhalten",
    "editor.pause-text": (
        "Bestellungen werden behalten, entschieden wird nichts: Bis es weitergeht, werden keine Punkte gegeben, "
        "eingelöst oder gelöscht. Diese Zeit zählt nicht."
    ),
    "editor.resume": "Programm weiterlaufen lassen",
    "editor.resume-text": "Alles, was wartete, wird entschieden.",
    "editor.reason": "Grund",
    "editor.version": "Fassung {version}",
    "editor.now": "gilt jetzt",
    "editor.draft-of-this": "Entwurf aus dieser Fassung",
    "editor.back-to": "Zurück zu Fassung {version}",
    "editor.against-before": "Was sie änderte",
    "editor.to-programme": "Zum Programm",
    "editor.no-words-change": "Kein Satz der Regeln ändert sich, aber Einstellungen:",
    "editor.no-change": "Nichts ändert sich.",
    "editor.places": "Einstellungen, die sich unterscheiden: {count}",
    "editor.draft-lead": "Ein Entwurf. Er begann mit Fassung {base} und ändert nichts.",
    "editor.base-old": (
        "Dieser Entwurf begann mit Fassung {base}; seither wurde Fassung {latest} veröffentlicht. Sehen "
        "Sie nach, was er zurücknähme."
    ),
    "editor.meanwhile": (
        "Nichts wurde gespeichert: {who} hat diesen Entwurf inzwischen geändert. Unten steht, was Sie eingegeben "
        "haben. Noch einmal speichern ersetzt die fremde Änderung."
    ),
    "editor.theirs": "Was dort gespeichert wurde",
    "editor.usable": "Ist er brauchbar?",
    "editor.not-usable": "Noch nicht",
    "editor.is-usable": "Ja, er kann veröffentlicht werden.",
    "editor.hundred": (
        "Eine Bestellung über 100 {currency} bringt {points} Punkte; höchstens {percent} kommen zurück."
    ),
    "editor.against-now": "Was er ändert",
    "editor.effect": "Wer sich bewegt",
    "editor.looked-at": "{count} Mitglieder wurden angesehen, mit dem Code, der später entscheidet.",
    "editor.tiers-move": "Stufen: {up} steigen auf, {down} steigen ab; {locked} wurden von Hand gesetzt und bleiben.",
    "editor.badge-moves": "{earned} würden es erhalten, {lost} verlieren, {waiting} auf einen Menschen warten.",
    "editor.moves-nobody": "Stufen und Abzeichen bleiben, wie sie sind; niemand bewegt sich.",
    "editor.effect-text": (
        "Vor dem Veröffentlichen: Wer würde die Stufe wechseln, wer ein Abzeichen erhalten oder verlieren?"
    ),
    "editor.effect-button": "Alle Mitglieder ansehen",
    "editor.publish": "Veröffentlichen",
    "editor.starts": "Beginnt",
    "editor.starts-help": "Ortszeit von {zone}. Leer: jetzt. Früher bezahlte Bestellungen behalten ihre Fassung.",
    "editor.tells": "Mitgliedern per E-Mail sagen",
    "editor.tells-help": "Sie lesen den Tag und die Sätze, die sich ändern.",
    "editor.sure": "Ich habe gesehen, wer etwas verliert, und veröffentliche trotzdem.",
    "editor.owner-publishes": "Der Inhaber veröffentlicht Entwürfe.",
    "editor.document": "Das Dokument",
    "editor.text": "Einstellungen",
    "editor.text-help": "JSON, oder TOML wie in docs/programme.md. Auch was noch nicht brauchbar ist, wird behalten.",
    "editor.save": "Entwurf speichern",
    "editor.drop": "Entwurf löschen",
    "editor.trial": "Was, wenn er gegolten hätte?",
    "editor.trial-text": (
        "Die früheren Bestellungen Ihres Shops unter dem heutigen Programm und unter diesem Entwurf: was "
        "beide gegeben hätten, wer gewänne und verlöre, und was Sie schuldeten."
    ),
    "editor.trial-button": "An der Vergangenheit ausprobieren",
    "editor.trial-runs": "{done} von {total} Mitgliedern",
    "editor.trial-look": "Noch einmal ansehen",
    "editor.trial-old": "Der Entwurf wurde seit dieser Rechnung geändert.",
    "editor.trial-broke": "Es brach ab. Versuchen Sie es noch einmal.",
    "editor.trial-sample": "{members} von {all} Mitgliedern, zufällig gezogen; die Summen sind nur ihre.",
    "editor.trial-whole": "Alle {members} Mitglieder.",
    "editor.trial-cannot": (
        "Niemand weiß, was Menschen unter anderen Regeln getan hätten; hier wird wiederholt, was sie taten, "
        "und jede Prämie genommen, sobald es ginge: das meiste, was die Vergangenheit zulässt."
    ),
    "editor.trial-what": "Insgesamt",
    "editor.trial-now": "Heutiges Programm",
    "editor.trial-draft": "Dieser Entwurf",
    "editor.trial-earned": "Gegebene Punkte",
    "editor.trial-open": "Am Ende offene Punkte",
    "editor.trial-worth": "Ihr Wert",
    "editor.trial-cost": "Was Prämien gekostet hätten",
    "editor.trial-more": "Mitglieder hätten mehr: zusammen {points} Punkte",
    "editor.trial-less": "Mitglieder hätten weniger: zusammen {points} Punkte",
    "editor.trial-same": "Mitglieder hätten gleich viel",
    "editor.trial-curve": "Wert der offenen Punkte, Monat für Monat",
    "editor.trial-moved": "Mitglieder, die am meisten gewinnen oder verlieren",
    "said.draft-begun": "Der Entwurf ist da. Noch ist nichts geändert.",
    "said.draft-saved": "Der Entwurf ist gespeichert. Noch ist nichts geändert.",
    "said.draft-dropped": "Der Entwurf ist gelöscht.",
    "said.drafts-full": "Es gibt hundert Entwürfe. Löschen Sie erst einige.",
    "said.published": "Die Fassung ist veröffentlicht.",
    "said.paused": "Das Programm steht still.",
    "said.resumed": "Das Programm geht weiter.",
    "said.needs-reason": "Nichts ist geschehen: Schreiben Sie einen Grund.",
    "said.trial-begun": "Es wird ausgerechnet.",
    "said.trial-busy": "Eine andere Rechnung läuft noch. Warten Sie auf sie.",
}
