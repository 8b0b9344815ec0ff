// Saves reloads; the page works without it. Asks only the shop that served it, never anybody else.
"use strict";

const FAST_MS = 300;
const SLOW_MS = 2500;
const FAST_FOR_MS = 15000;

const account = document.getElementById("account");
const status_ = document.getElementById("status");
const announce = document.getElementById("announce");
const shown = { points: "", orders: "" };
let fastUntil = 0;
let timer = 0;

/** Put HTML that this shop rendered into a region, and keep the keyboard where it was. */
function replace(id, html) {
  if (shown[id] === html) return;
  const first = shown[id] === "";
  shown[id] = html;
  const region = document.getElementById(id);
  if (first && region.innerHTML.trim() === html.trim()) return;
  const focused = region.contains(document.activeElement) ? document.activeElement.id : null;
  region.innerHTML = html;
  if (focused !== null) {
    const again = focused ? document.getElementById(focused) : null;
    (again || region.querySelector("h2") || region).focus();
  }
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(`/points.json?shopper=${account.dataset.shopper}`, { cache: "no-store" });
    if (answer.ok) {
      const now = await answer.json();
      replace("points", now.points);
      replace("orders", now.orders);
      if (now.version !== account.dataset.version) {
        account.dataset.version = now.version;
        announce.textContent = now.announcement;
        const card = document.getElementById("points");
        card.classList.remove("fresh");
        void card.offsetWidth;
        card.classList.add("fresh");
      }
    }
  } catch {
    // The shop is gone for a moment; the next look will tell.
  }
  const pause = document.hidden ? SLOW_MS * 4 : Date.now() < fastUntil ? FAST_MS : SLOW_MS;
  timer = setTimeout(look, pause);
}

async function send(event) {
  const form = event.target.closest("form[data-live]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    status_.textContent = (await answer.json()).message;
  } finally {
    button.removeAttribute("aria-disabled");
    fastUntil = Date.now() + FAST_FOR_MS;
    look();
  }
}

if (account) {
  document.addEventListener("submit", send);
  look();
}
