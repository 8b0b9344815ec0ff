"""All texts of one language."""

from loyalty_engine.texts.zh_hans import entries, measures, pages, reasons, shown

TEXTS = {**entries.TEXTS, **reasons.TEXTS, **pages.TEXTS, **shown.TEXTS, **measures.TEXTS}
