"use strict";
// Inside of Shopify's admin there is no cookie: each page is asked for with a session token, and takes this one's place.
(() => {
  const announced = document.getElementById("announced");
  const base = announced.dataset.base + "/console";
  let asked = 0;

  const isOurs = (url) =>
    url.origin === location.origin && (url.pathname === base || url.pathname.startsWith(base + "/"));
  const say = (text) => {
    announced.textContent = "";
    requestAnimationFrame(() => (announced.textContent = text));
  };
  const ask = async (url, more = {}, again = true) => {
    const headers = {
      Authorization: "Bearer " + (await shopify.idToken()),
      "Accept-Language": document.documentElement.lang,
      ...more.headers,
    };
    const answer = await fetch(url, { ...more, headers, credentials: "omit" });
    if (again && answer.headers.has("X-Shopify-Retry-Invalid-Session-Request")) return ask(url, more, false);
    return answer;
  };
  window.belongAsk = ask;
  const show = (html) => {
    const next = new DOMParser().parseFromString(html, "text/html");
    for (const name of ["header", "main"]) {
      const old = document.querySelector(name);
      const fresh = next.querySelector(name);
      if (old && fresh) old.replaceWith(document.adoptNode(fresh));
    }
    document.title = next.title;
    const main = document.querySelector("main");
    main.tabIndex = -1;
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
    say(document.title);
  };
  // The address keeps what App Bridge reads of it: which shop, and where in the admin.
  const address = (url) => {
    const kept = new URLSearchParams(location.search);
    const shown = new URL(url);
    for (const name of ["shop", "host", "embedded", "locale"])
      if (kept.has(name)) shown.searchParams.set(name, kept.get(name));
    shown.searchParams.delete("id_token");
    return shown;
  };
  const go = async (url, more, isNew = true) => {
    const mine = ++asked;
    document.querySelector("main").setAttribute("aria-busy", "true");
    try {
      const answer = await ask(url, more);
      const html = await answer.text();
      if (mine !== asked) return;
      if (!(answer.headers.get("Content-Type") || "").startsWith("text/html")) throw answer;
      // What a form was answered with by itself has no address: the one before stays, and can be loaded again.
      if (isNew && (!more || answer.redirected)) history.pushState(null, "", address(answer.url));
      show(html);
    } catch {
      if (mine === asked) say(announced.dataset.failed);
    } finally {
      document.querySelector("main").removeAttribute("aria-busy");
    }
  };
  // Shopify asks the merchant; what was allowed is told to us by a webhook, which may take a moment.
  const allow = async (scopes) => {
    try {
      const { result } = await shopify.scopes.request(scopes);
      if (result === "granted-all") go(location.href, undefined, false);
    } catch {
      say(announced.dataset.failed);
    }
  };
  const save = async (url, name, more) => {
    try {
      const answer = await ask(url, more);
      if (!answer.ok) throw answer;
      const file = document.createElement("a");
      file.href = URL.createObjectURL(await answer.blob());
      file.download = name || "belong.json";
      file.click();
      setTimeout(() => URL.revokeObjectURL(file.href), 60000);
    } catch {
      say(announced.dataset.failed);
    }
  };

  history.replaceState(null, "", address(location.href));
  addEventListener("click", (event) => {
    const wish = event.target.closest?.("[data-scopes]");
    if (wish) allow(wish.dataset.scopes.split(","));
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const url = new URL(link.href);
    if (!isOurs(url) || (url.hash && url.pathname === location.pathname)) return;
    event.preventDefault();
    if (link.hasAttribute("download")) save(link.href, link.download);
    else go(url);
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    // Not formAction: without the attribute that is the page's own address.
    const place = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const url = new URL(place, location.href);
    if (!isOurs(url)) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    if (form.dataset.download) save(url, form.dataset.download, { method: "POST", body: fields });
    else if (form.method === "post") go(url, { method: "POST", body: fields });
    else {
      url.search = fields;
      go(url);
    }
  });
  addEventListener("popstate", () => go(location.href, undefined, false));
})();
