/* Asking the service from a page of a shop: the shop gives a token of ours for who is signed in, and that asks. */
(() => {
  'use strict';

  const belong = (globalThis.belong ??= {});
  if (belong.call) return;

  const SECONDS_MAX = 10;
  const LIVES_MS = 15 * 60 * 1000;
  const SPARE_MS = 30 * 1000;
  /* Before a question whose answer was lost is asked once more, with the same key. */
  const AGAIN_MS = 1000;
  /* Refusals of the wish itself: the next press is another one. */
  const ANSWERS = [400, 404, 409, 422];
  const SAID = {
    'not-enough-points': 'not-enough', 'redeeming-paused': 'paused', 'redeeming-ended': 'gone', 'reward-not-yet': 'gone',
    'reward-over': 'gone', 'reward-unknown': 'gone', 'out-of-stock': 'gone', 'not-in-this-store': 'gone',
    'reward-limit-reached': 'limit', 'tier-needed': 'tier', 'not-a-step': 'steps', 'below-minimum': 'steps',
    'above-maximum': 'steps', 'too-fast': 'too-fast', 'signed-out': 'sign-in', guest: 'sign-in',
    'no-member': 'no-member', 'not-joined': 'no-member', 'member-left': 'no-member', 'member-blocked': 'no-member',
    'member-not-active': 'no-member',
  };

  const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
  /* Of an element, or of what it stands in. */
  const setting = (element, name) => element.closest(`[${name}]`)?.getAttribute(name) ?? '';
  const spoken = (element) => element.closest('[lang]')?.lang || 'en';

  /* why: the end of a data-no-... attribute. isAnswer: nothing has happened, and nothing will. reason: why no token. */
  class Refused extends Error {
    constructor(why, more = {}) {
      super(why);
      Object.assign(this, { why }, more);
    }
  }

  const asked = async (address, options) => {
    try {
      const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(SECONDS_MAX * 1000) });
      return [answer.status, await answer.json().catch(() => undefined)];
    } catch {
      throw new Refused('unanswered', { isWorthAgain: true });
    }
  };
  const ofTheShop = async (address, options) => {
    const [status, told] = await asked(address, { credentials: 'same-origin', ...options });
    if (status !== 200 || !told) throw new Refused('later');
    if (!told.token) throw new Refused(SAID[told.reason] ?? 'no-member', { reason: told.reason });
    return told;
  };

  /* data-proxy: the address of a Shopify shop that leads to us. Elsewhere the attribute token names an address of the
     shop's own, or belong.token is a function: either gives {token, expires_at}, or {reason}. The same address counts once. */
  const held = new Map();
  const where = (element) => (element.dataset.proxy ? `${element.dataset.proxy}/token` : setting(element, 'token'));
  const given = async (address) => {
    const lone = `${address}${address.includes('?') ? '&' : '?'}n=${crypto.randomUUID()}`;
    const told = address ? await ofTheShop(lone) : await belong.token?.();
    if (!told?.token) throw new Refused(SAID[told?.reason] ?? 'later', { reason: told?.reason });
    return { api: told.api, token: told.token, customer: told.customer, until: Date.parse(told.expires_at) - SPARE_MS };
  };
  const access = async (element) => {
    const address = where(element);
    const known = await held.get(address)?.catch(() => null);
    if (!known || Date.now() >= known.until) held.set(address, given(address));
    return held.get(address);
  };

  /* What was made for one customer (data-customer) is not asked for another, who signed in in another tab meanwhile. */
  const once = async (element, path, body, key) => {
    const { api, token, customer } = await access(element);
    const madeFor = element.dataset.customer;
    if (madeFor && madeFor !== customer) throw new Refused('sign-in');
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    const address = (api || setting(element, 'src')).replace(/\/$/, '') + path;
    const [status, told] = await asked(address, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
    if (status >= 200 && status < 300 && told) return told;
    if (status === 401) {
      held.delete(where(element));
      throw new Refused('sign-in', { isWorthAgain: true });
    }
    if (status < 400 || status >= 500 || status === 408 || told?.code === 'request-under-way') {
      throw new Refused('unanswered', { isWorthAgain: true });
    }
    const code = told?.code ?? (status === 429 ? 'too-fast' : '');
    throw new Refused(SAID[code] ?? 'other', { isAnswer: ANSWERS.includes(status), status, code, numbers: told?.numbers });
  };
  /* What may be asked twice: with a key, or because the same once more changes nothing. */
  const call = async (element, path, body, key) => {
    try {
      return await once(element, path, body, key);
    } catch (why) {
      if (!why.isWorthAgain) throw why;
      await pause(AGAIN_MS);
      return once(element, path, body, key);
    }
  };

  /* The key of a wish: the same until somebody has answered, also after the page was loaded again. */
  const keys = new Map();
  const place = (wish) => `belong:${wish}`;
  const keyFor = (wish) => {
    let found = keys.get(wish);
    try { found ??= JSON.parse(sessionStorage.getItem(place(wish))); } catch {
      /* It is kept here alone. */
    }
    if (!found || !(Date.now() - found.at < LIVES_MS)) found = { key: crypto.randomUUID(), at: Date.now() };
    keys.set(wish, found);
    try { sessionStorage.setItem(place(wish), JSON.stringify(found)); } catch {
      /* The same. */
    }
    return found.key;
  };
  const forget = (wish) => {
    keys.delete(wish);
    try { sessionStorage.removeItem(place(wish)); } catch {
      /* The same. */
    }
  };

  /* Numbers that stand on the page, wherever: <span data-belong="available" data-number="1234">1,234</span>. */
  const write = (key, of) => document.querySelectorAll(`[data-belong="${key}"]`).forEach((one) => {
    const number = of(Number(one.dataset.number));
    if (Number.isNaN(number)) return;
    one.dataset.number = number;
    try { one.textContent = new Intl.NumberFormat(spoken(one)).format(number); } catch { one.textContent = number; }
  });
  const spend = (points) => write('available', (number) => number - points);

  /* What the service says now, in place of what the page was made from. */
  const refresh = async (element) => {
    const language = encodeURIComponent(spoken(element));
    const told = await call(element, `/v1/me/snapshot?language=${language}`).catch(() => null);
    if (!told) return null;
    const shown = told.document;
    for (const key of ['available', 'pending', 'held', 'lifetime']) write(key, () => shown[key]);
    for (const one of document.querySelectorAll('belong-redeem')) {
      one.judge?.(shown.rewards.find((each) => each.id === one.dataset.reward));
    }
    document.dispatchEvent(new CustomEvent('belong:changed', { detail: told }));
    return shown;
  };

  /* Once, however often it is asked for. The number on the page goes down at once, and up again if nothing came of it. */
  const redeem = async (element, body, points) => {
    const wish = `${body.reward}:${body.points ?? ''}`;
    spend(points);
    try {
      const made = await call(element, '/v1/me/redemptions', body, keyFor(wish));
      forget(wish);
      return made;
    } catch (why) {
      spend(-points);
      if (why.isAnswer) forget(wish);
      throw why;
    }
  };

  /* Taking part, for the first time or again: the shop says who it is, and the service writes down that they agreed. */
  const join = async (element) => {
    const { proxy } = element.dataset;
    const address = proxy ? `${proxy}/join?n=${crypto.randomUUID()}` : setting(element, 'join');
    const headers = { 'Content-Type': 'application/json' };
    if (address) await ofTheShop(address, { method: 'POST', headers, body: '{"agrees":true}' });
    else await call(element, '/v1/me/membership', { takes_part: true });
    held.clear();
  };

  Object.assign(belong, { setting, spoken, pause, call, refresh, redeem, join, Refused });
})();
