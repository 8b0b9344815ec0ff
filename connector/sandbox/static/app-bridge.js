"use strict";
// Stands in for Shopify's App Bridge, which comes from Shopify alone: what its documentation promises, and no more.
(() => {
  const here = document.currentScript;
  if (!here || here.async || here.defer || here.type === "module")
    throw new Error("App Bridge: the script must be loaded as it comes, without async, defer or type=module.");
  const told = new URLSearchParams(location.search);
  const key = here.dataset.apiKey || document.querySelector('meta[name="shopify-api-key"]')?.content;
  if (!key) throw new Error("App Bridge: missing required configuration fields: apiKey");
  if (!told.get("host")) throw new Error("App Bridge: missing required configuration fields: host");
  const around = new URL("https://" + atob(told.get("host")));
  if (top === self) {
    // An app that is opened without its admin is led into it.
    location.replace(around.href + "/apps/" + key + location.pathname);
    return;
  }
  let asked = 0;
  const waiting = new Map();
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== around.origin) return;
    waiting.get(event.data.id)?.(event.data.token);
    waiting.delete(event.data.id);
  });
  const idToken = () =>
    new Promise((done) => {
      waiting.set(++asked, done);
      parent.postMessage({ what: "id-token", id: asked }, around.origin);
    });
  // The admin's own address shows where in the app somebody is, so that it can be reloaded and sent to others.
  const moved = () => parent.postMessage({ what: "moved", to: location.pathname + location.search }, around.origin);
  for (const name of ["pushState", "replaceState"]) {
    const real = history[name].bind(history);
    history[name] = (...given) => {
      real(...given);
      moved();
    };
  }
  addEventListener("popstate", moved);
  window.shopify = { config: { apiKey: key, host: told.get("host") }, idToken };
  const reload = told.get("shopify-reload");
  if (reload)
    idToken().then((token) => {
      const back = new URL(reload);
      back.searchParams.set("id_token", token);
      location.replace(back);
    });
})();
