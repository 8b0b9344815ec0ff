"""All texts of one language."""

from loyalty_engine.texts.es import entries, linking, mails, measures, pages, reasons, shown

TEXTS = {
    **entries.TEXTS,
    **linking.TEXTS,
    **reasons.TEXTS,
    **pages.TEXTS,
    **shown.TEXTS,
    **measures.TEXTS,
    **mails.TEXTS,
}
