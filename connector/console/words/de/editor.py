"""German: editor."""

WORDS = {
    "shell.programme": "Programm",
    "editor.paused": "steht still",
    "editor.live": "läuft",
    "editor.in-force": "Es gilt Fassung {version}.",
    "editor.planned": "Fassung {version} beginnt später:",
    "editor.look": "Ansehen",
    "editor.look-or-withdraw": "Ansehen oder zurückziehen",
    "editor.no-birthdays": (
        "Das Programm gibt Punkte zum Geburtstag, und niemand kann sie bekommen: Kein Shop sagt, wo er "
        "Geburtstage führt, und von keinem Mitglied ist er bekannt. Die Einstellungen eines Shops nennen das "
        "Feld, die Seite eines Mitglieds (Wer es ist) setzt einen Geburtstag, die API viele."
    ),
    "editor.no-birthdays-link": "Zu den Einstellungen des Shops",
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
    "editor.did-withdraw": "Fassung {version} wurde vor ihrem Beginn zurückgezogen",
    "editor.did-correct": "Fassung {wrong} wurde durch Fassung {right} berichtigt",
    "editor.did-pause": "Angehalten",
    "editor.did-resume": "Ging weiter",
    "editor.begins": "Beginnt",
    "editor.was-to-begin": "Sollte beginnen",
    "editor.withdrawn": "zurückgezogen",
    "editor.is-planned": "geplant",
    "editor.withdrawn-by": "Sie beginnt nie. Zurückgezogen von",
    "editor.withdraw": "Diese Fassung zurückziehen",
    "editor.withdraw-never": "Fassung {version} beginnt nie. Stattdessen gilt Fassung {instead}.",
    "editor.withdraw-kept": (
        "Nichts wird gelöscht: Sie bleibt hier und in der Geschichte, mit Ihrem Namen und Grund. Punkte ändern "
        "sich nicht."
    ),
    "editor.withdraw-told": (
        "Mitglieder, denen zu ihren Regeln geschrieben wurde, bekommen eine E-Mail, dass sie nicht kommen."
    ),
    "editor.withdraw-told-end": (
        "Mitglieder haben vielleicht schon vom Ende gehört. Sagen Sie ihnen selbst, dass es nicht kommt."
    ),
    "editor.withdraw-late": (
        "Das geht bis eine Minute vor ihrem Beginn und lässt sich nicht rückgängig machen: Wer sie doch will, "
        "veröffentlicht sie neu."
    ),
    "editor.withdraw-button": "Fassung {version} zurückziehen",
    "editor.pause": "Programm anhalten",
    "editor.pause-text": (
        "Bestellungen werden behalten, entschieden wird nichts: Bis es weitergeht, werden keine Punkte gegeben, "
        "eingelöst oder gelöscht. Diese Zeit zählt nicht."
    ),
    "editor.resume": "Programm weiterlaufen lassen",
    "editor.resume-text": "Alles, was wartete, wird entschieden.",
    "editor.over": "Die Pause ist vorbei",
    "editor.over-left.one": "Die Punkte von {n} Mitglied sind noch anzusehen.",
    "editor.over-left.other": "Die Punkte von {n} Mitgliedern sind noch anzusehen.",
    "editor.over-text": (
        "Die Zeit der Pause zählt nicht: Punkte verfallen schon jetzt um sie später. Shops erfahren es, ein Mitglied "
        "nach dem anderen; Sie können diese Seite verlassen."
    ),
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
    "editor.hundred.one": "Eine Bestellung über 100 {currency} bringt {n} Punkt; höchstens {percent} kommen zurück.",
    "editor.hundred.other": "Eine Bestellung über 100 {currency} bringt {n} Punkte; höchstens {percent} kommen zurück.",
    "editor.against-now": "Was er ändert",
    "editor.effect": "Wer sich bewegt",
    "editor.looked-at.one": "{n} Mitglied wurde angesehen, mit dem Code, der später entscheidet.",
    "editor.looked-at.other": "{n} Mitglieder wurden angesehen, mit dem Code, der später entscheidet.",
    "editor.tiers-move": "Stufen. Aufstiege: {up}; Abstiege: {down}; von Hand gesetzt und darum unverändert: {locked}.",
    "editor.badge-moves": (
        "Würden es erhalten: {earned}; würden es verlieren: {lost}; würden auf einen Menschen warten: {waiting}."
    ),
    "editor.moves-nobody": "Stufen und Abzeichen bleiben, wie sie sind; niemand bewegt sich.",
    "editor.effect-text": (
        "Vor dem Veröffentlichen: Wer würde die Stufe wechseln, wer ein Abzeichen erhalten oder verlieren?"
    ),
    "editor.effect-button": "Alle Mitglieder ansehen",
    "editor.effect-waits": "Es beginnt gleich.",
    "editor.effect-runs": (
        "Die Mitglieder werden nacheinander angesehen. Sie können diese Seite verlassen: Was gefunden wird, "
        "bleibt beim Entwurf."
    ),
    "editor.effect-old": (
        "Seit die Mitglieder angesehen wurden, hat sich der Entwurf, sein Beginn oder das Programm geändert, "
        "oder ein Tag ist vergangen."
    ),
    "editor.stop-busy": (
        "Nichts wurde veröffentlicht: Zuerst werden andere Ihrer Vorschauen ausgerechnet. Versuchen Sie es in "
        "einer Minute noch einmal."
    ),
    "editor.stop-runs": (
        "Noch wurde nichts veröffentlicht: Es wird gerade ausgerechnet, wer etwas verlöre. Sehen Sie es sich "
        "oben an und veröffentlichen Sie dann."
    ),
    "editor.stop-broke": (
        "Nichts wurde veröffentlicht: Wer sich bewegen würde, ließ sich nicht ausrechnen. Versuchen Sie es noch einmal."
    ),
    "editor.stop-sure": (
        "Noch wurde nichts veröffentlicht: Sehen Sie oben an, wer etwas verlöre, und bestätigen Sie, dass Sie "
        "es gesehen haben."
    ),
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
    "editor.trial-runs.one": "{done} von {n} Mitglied",
    "editor.trial-runs.other": "{done} von {n} Mitgliedern",
    "editor.trial-look": "Noch einmal ansehen",
    "editor.trial-first": (
        "Ihr Programm hat noch nichts vergeben. Gerechnet wird, als nähmen alle seit ihrer ersten Bestellung teil."
    ),
    "editor.trial-old": "Der Entwurf wurde seit dieser Rechnung geändert.",
    "editor.trial-broke": "Es brach ab. Versuchen Sie es noch einmal.",
    "editor.trial-sample": "{members} von {all} Mitgliedern, zufällig gezogen; die Summen sind nur ihre.",
    "editor.trial-whole.one": "{n} Mitglied: Andere gibt es nicht.",
    "editor.trial-whole.other": "Alle {n} Mitglieder.",
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
    "editor.trial-more.one": "{n} Mitglied hätte mehr: zusammen {points}",
    "editor.trial-more.other": "{n} Mitglieder hätten mehr: zusammen {points}",
    "editor.trial-less.one": "{n} Mitglied hätte weniger: zusammen {points}",
    "editor.trial-less.other": "{n} Mitglieder hätten weniger: zusammen {points}",
    "editor.trial-same.one": "{n} Mitglied hätte gleich viel",
    "editor.trial-same.other": "{n} Mitglieder hätten gleich viel",
    "editor.trial-curve": "Wert der offenen Punkte, Monat für Monat",
    "editor.trial-moved": "Mitglieder, die am meisten gewinnen oder verlieren",
    "said.draft-begun": "Der Entwurf ist da. Noch ist nichts geändert.",
    "said.draft-saved": "Der Entwurf ist gespeichert. Noch ist nichts geändert.",
    "said.draft-dropped": "Der Entwurf ist gelöscht.",
    "said.drafts-full": "Es gibt hundert Entwürfe. Löschen Sie erst einige.",
    "said.published": "Die Fassung ist veröffentlicht.",
    "said.paused": "Das Programm steht still.",
    "said.resumed": "Das Programm geht weiter.",
    "said.version-gone": "Die Fassung ist zurückgezogen: Sie beginnt nie.",
    "said.version-began": (
        "Nichts ist geschehen: Diese Fassung hat begonnen oder beginnt binnen einer Minute. Veröffentlichen Sie, was "
        "stattdessen gelten soll."
    ),
    "said.version-withdrawn": "Nichts ist geschehen: Diese Fassung war schon zurückgezogen.",
    "said.version-corrects": "Nichts ist geschehen: Eine Berichtigung lässt Vergangenes unter dieser Fassung zählen.",
    "said.version-used": (
        "Nichts ist geschehen: Eine Bestellung ist auf die Zeit nach ihrem Beginn datiert und wurde unter ihr "
        "entschieden."
    ),
    "said.needs-reason": "Nichts ist geschehen: Schreiben Sie einen Grund.",
    "said.trial-begun": "Es wird ausgerechnet.",
    "said.trial-busy": "Eine andere Rechnung läuft noch. Warten Sie auf sie.",
    "said.published-later": "Die Fassung ist veröffentlicht und beginnt später: unten steht, wann.",
    "said.publish-over": (
        "Diesen Entwurf gibt es nicht mehr: Er wurde veröffentlicht oder gelöscht. Was gilt, steht unten."
    ),
    "editor.planned-first": (
        "Fassung {version} ist schon veröffentlicht und beginnt am {at}. Dieser Entwurf kann "
        "frühestens dann beginnen und ersetzt sie dann."
    ),
    "editor.overtaken": (
        "Nichts wurde veröffentlicht: Seit Sie diese Seite geöffnet haben, ist Fassung {latest} "
        "hinzugekommen. Bitte ansehen, was Ihr Entwurf zurücknähme, und noch einmal "
        "veröffentlichen."
    ),
}
