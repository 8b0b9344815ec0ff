/* What a shopper does on a page of the shop: the shop's own address gives a token of ours for who is signed in, and that acts. */
(() => {
  'use strict';

  /* What lies beside it: a block names one script alone. */
  const beside = document.createElement('script');
  beside.src = document.currentScript.src.replace('belong-act.js', 'belong.js');
  document.head.append(beside);

  const SECONDS_MAX = 10;
  const LIVES_MS = 15 * 60 * 1000;
  const SPARE_MS = 60 * 1000;
  const WAITS_MS = [700, 1000, 1500, 2000, 3000, 4000];
  /* Refusals of the wish itself: the next press is another one. */
  const ANSWERS = [400, 404, 409, 422];
  const SAID = {
    'not-enough-points': 'not-enough', 'redeeming-paused': 'paused', 'redeeming-ended': 'gone', 'reward-not-yet': 'gone',
    'reward-over': 'gone', 'reward-unknown': 'gone', 'out-of-stock': 'gone', 'not-in-this-store': 'gone',
    'reward-limit-reached': 'limit', 'tier-needed': 'tier', 'not-a-step': 'steps', 'below-minimum': 'steps',
    'above-maximum': 'steps', 'too-fast': 'too-fast', 'signed-out': 'sign-in', guest: 'sign-in',
    'no-member': 'no-member', 'not-joined': 'no-member', 'member-left': 'no-member', 'member-blocked': 'no-member',
  };

  const define = (name, element) => customElements.get(name) || customElements.define(name, element);

  /* why: the end of a data-no-... attribute. */
  class Refused extends Error {
    constructor(why, isAnswer = false) {
      super(why);
      this.why = why;
      this.isAnswer = isAnswer;
    }
  }

  const asked = async (address, options) => {
    try {
      const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(SECONDS_MAX * 1000) });
      return [answer.status, await answer.json().catch(() => undefined)];
    } catch {
      throw new Refused('unanswered');
    }
  };

  let held = null;
  /* {api, token}; proxy: the shop's address that leads to us. The same address counts once. */
  const access = async (proxy) => {
    if (held && Date.now() < held.until) return held;
    const [status, told] = await asked(`${proxy}/token?n=${crypto.randomUUID()}`, { credentials: 'same-origin' });
    if (status !== 200 || !told) throw new Refused('later');
    if (!told.token) throw new Refused(SAID[told.reason] ?? 'no-member');
    held = { api: told.api, token: told.token, until: Date.parse(told.expires_at) - SPARE_MS };
    return held;
  };

  const call = async (proxy, path, body, key) => {
    const { api, token } = await access(proxy);
    const headers = { Authorization: `Bearer ${token}` };
    if (body) headers['Content-Type'] = 'application/json';
    if (key) headers['Idempotency-Key'] = key;
    const [status, told] = await asked(api + path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
    if (status >= 200 && status < 300 && told) return told;
    if (status === 401) held = null;
    if (status < 400 || status >= 500 || status === 408) throw new Refused('unanswered');
    const code = told?.code ?? (status === 429 ? 'too-fast' : status === 401 ? 'signed-out' : '');
    throw new Refused(SAID[code] ?? 'other', ANSWERS.includes(status));
  };

  /* The key of a wish: the same until somebody has answered, also after the page was loaded again. */
  const keys = new Map();
  const place = (wish) => `belong:${wish}`;
  const keyFor = (wish) => {
    let found = keys.get(wish);
    try { found ??= JSON.parse(sessionStorage.getItem(place(wish))); } catch { /* It is kept here alone. */ }
    if (!found || !(Date.now() - found.at < LIVES_MS)) found = { key: crypto.randomUUID(), at: Date.now() };
    keys.set(wish, found);
    try { sessionStorage.setItem(place(wish), JSON.stringify(found)); } catch { /* The same. */ }
    return found.key;
  };
  const forget = (wish) => {
    keys.delete(wish);
    try { sessionStorage.removeItem(place(wish)); } catch { /* The same. */ }
  };

  /* A button that acts once for each press, however often it is clicked. */
  class Acting extends HTMLElement {
    connectedCallback() {
      this.button = this.querySelector('button');
      this.line = this.querySelector('[role=status]');
      this.stop = new AbortController();
      this.button.addEventListener('click', () => this.press(), { signal: this.stop.signal });
      this.classList.add('belong-press--ready');
    }

    disconnectedCallback() {
      this.stop?.abort();
    }

    async press() {
      if (this.isBusy) return;
      this.isBusy = true;
      this.setAttribute('aria-busy', 'true');
      this.line.textContent = this.dataset.busy;
      try {
        await this.act();
      } catch (why) {
        this.line.textContent = this.getAttribute(`data-no-${why.why ?? 'unanswered'}`) ?? this.getAttribute('data-no-other');
      } finally {
        this.isBusy = false;
        this.removeAttribute('aria-busy');
      }
    }

    async once(wish, act) {
      try {
        const done = await act(keyFor(wish));
        forget(wish);
        return done;
      } catch (why) {
        if (why.isAnswer) forget(wish);
        throw why;
      }
    }

    show(sentence, code) {
      this.line.textContent = sentence;
      if (!code) return;
      const copy = this.querySelector('template').content.cloneNode(true);
      copy.querySelector('code').textContent = code;
      this.line.append(' ', copy);
    }
  }

  define('belong-redeem', class extends Acting {
    async act() {
      const { proxy, reward, kind } = this.dataset;
      if (kind === 'slider' && !this.input) {
        await this.ask();
        return;
      }
      const points = this.input ? Number(this.input.value) : undefined;
      const wish = `${reward}:${points ?? ''}`;
      const made = await this.once(wish, (key) => call(proxy, '/v1/me/redemptions', { reward, points }, key));
      this.button.hidden = true;
      this.input?.parentElement.remove();
      const { state, code } = await this.settled(made);
      if (!code) {
        this.show(this.dataset.noted);
        return;
      }
      this.show(this.dataset[state === 'issued' ? 'code' : 'soon'], code);
      if (state === 'issued') this.line.append(' ', this.link(code));
    }

    /* Until the shop has its code, or it takes too long. */
    async settled(made) {
      let latest = made;
      for (const wait of WAITS_MS) {
        if (latest.state !== 'requested') break;
        await new Promise((resolve) => { setTimeout(resolve, wait); });
        const told = await call(this.dataset.proxy, '/v1/me/redemptions').catch(() => null);
        latest = told?.redemptions.find((one) => one.redemption === made.redemption) ?? latest;
      }
      return latest;
    }

    link(code) {
      const link = document.createElement('a');
      const root = this.dataset.root.replace(/\/$/, '');
      link.href = `${root}/discount/${encodeURIComponent(code)}?redirect=${encodeURIComponent(this.dataset.cart)}`;
      link.textContent = this.dataset.apply;
      return link;
    }

    /* How many points, in steps that the service takes now. */
    async ask() {
      const { proxy, reward } = this.dataset;
      const told = await call(proxy, '/v1/me/examine', {});
      const found = told.rewards?.find((one) => one.reward === reward);
      if (!found?.step_points) throw new Refused('gone');
      const label = document.createElement('label');
      const numbers = { least: found.least_points, most: found.most_points, step: found.step_points };
      label.append(this.dataset.howMany.replace(/\[(\w+)\]/g, (_, name) => numbers[name]), ' ');
      this.input = document.createElement('input');
      Object.assign(this.input, { type: 'number', min: numbers.least, max: numbers.most, step: numbers.step, value: numbers.least, required: true });
      const relabel = () => { this.button.textContent = this.dataset.use.replace('[points]', this.input.value); };
      this.input.addEventListener('input', relabel);
      label.append(this.input);
      this.button.before(label);
      this.button.removeAttribute('aria-label');
      relabel();
      this.line.textContent = '';
      this.input.focus();
    }

    press() {
      if (this.input && !this.input.reportValidity()) return undefined;
      return super.press();
    }
  });

  define('belong-invite', class extends Acting {
    async act() {
      const made = await call(this.dataset.proxy, '/v1/me/referral-code', {});
      this.button.hidden = true;
      this.show(this.dataset.code, made.code);
    }
  });
})();
