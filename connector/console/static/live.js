"use strict";
// A part of a page that is marked data-live is asked for again every few seconds, until it comes without the mark.
(() => {
  const EVERY_MS = 2500;
  // Inside of Shopify's admin there is no cookie: embedded.js asks with a token.
  const ask = (url) => (window.belongAsk ? window.belongAsk(url) : fetch(url, { headers: { Accept: "text/html" } }));
  const sayIn = (old, fresh) => {
    // Readers of a screen hear a status that changes, not one that takes another's place.
    const said = old.querySelector("[role=status]");
    const next = fresh.querySelector("[role=status]");
    if (!said || !next) return;
    const changes = said.innerHTML !== next.innerHTML;
    said.className = next.className;
    next.replaceWith(said);
    if (changes) said.replaceChildren(...next.childNodes);
  };
  const STOPS = "a[href], button, input:not([type=hidden]), select, summary, textarea";
  const named = (one) => one.id || one.name || one.textContent.trim();
  const put = (old, fresh) => {
    // Whoever is at a button stays at it, if it is there still.
    const at = old.contains(document.activeElement) ? named(document.activeElement) : "";
    sayIn(old, fresh);
    old.replaceWith(document.adoptNode(fresh));
    if (at) [...fresh.querySelectorAll(STOPS)].find((one) => named(one) === at)?.focus({ preventScroll: true });
  };
  const look = async () => {
    const old = document.querySelector("[data-live]");
    // Not while a button in it is held down: the press would be lost.
    if (!old || document.hidden || old.querySelector(":active")) return;
    // The page may have come by a form, to whose address nothing answers.
    const answer = await ask(old.dataset.live || location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(old.id);
    if (fresh && old.isConnected && !old.querySelector(":active")) put(old, fresh);
  };
  const again = () =>
    setTimeout(async () => {
      try {
        await look();
      } catch {
        // The next time, perhaps.
      }
      again();
    }, EVERY_MS);
  again();
})();
