"""All texts of one language."""

from loyalty_engine.texts.de import entries, measures, pages, reasons, shown

TEXTS = {**entries.TEXTS, **reasons.TEXTS, **pages.TEXTS, **shown.TEXTS, **measures.TEXTS}
