/* What a shopper does on a page of a shop. */
(() => {
  'use strict';

  const belong = (globalThis.belong ??= {});

  /* What lies beside it: a block of a theme names one script alone. */
  const { src } = document.currentScript;
  const load = (name) => new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('src', src.replace('belong-act.js', name));
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  });
  const isOfTheme = src.includes('belong-act.js');
  const isInvited = location.search.includes('belong=') || document.querySelector('belong-invited, belong-join');
  const besides = ['belong.js', 'belong-ask.js', ...(isInvited ? ['belong-invited.js'] : [])];
  const ready = Promise.all(isOfTheme ? besides.map(load) : []);
  const besideOf = ([one, file]) => document.querySelector(`belong-${one}`) && load(`belong-${file}.js`);
  ready.then(() => isOfTheme && Promise.all([['end', 'ends'], ['place', 'place']].map(besideOf)))
    .catch(() => {
      /* Whoever presses is told. */
    });

  const WAITS_MS = [700, 1000, 1500, 2000, 3000, 4000];
  const define = (name, element) => customElements.get(name) || customElements.define(name, element);

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

    press() {
      return this.doing(() => this.act());
    }

    async doing(act) {
      if (this.isBusy) return;
      this.isBusy = true;
      this.setAttribute('aria-busy', 'true');
      this.line.textContent = this.dataset.busy;
      try {
        await ready;
        await act();
      } catch (why) {
        this.line.textContent = this.getAttribute(`data-no-${why.why ?? 'unanswered'}`) ?? this.getAttribute('data-no-other');
      } finally {
        this.isBusy = false;
        this.removeAttribute('aria-busy');
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
      const { reward, kind } = this.dataset;
      if (kind === 'slider' && !this.input) {
        await this.ask();
        return;
      }
      const points = this.input ? Number(this.input.value) : undefined;
      const made = await belong.redeem(this, { reward, points }, points ?? (Number(this.dataset.points) || 0));
      this.isDone = true;
      this.button.hidden = true;
      this.input?.parentElement.remove();
      this.told(made);
      const [latest, shown] = await Promise.all([this.settled(made), belong.refresh(this)]);
      this.told(latest);
      if (shown?.texts.available) this.line.append(' ', shown.texts.available);
      this.dispatchEvent(new CustomEvent('belong:redeemed', { bubbles: true, detail: latest }));
    }

    told({ state, code }) {
      if (!code) {
        this.show(this.dataset.noted);
        return;
      }
      this.show(this.dataset[state === 'issued' ? 'code' : 'soon'], code);
      if (state !== 'issued' || !this.dataset.link) return;
      const link = document.createElement('a');
      link.href = this.dataset.link.replace('[code]', encodeURIComponent(code));
      link.textContent = this.dataset.apply;
      this.line.append(' ', link);
    }

    /* Until the shop has its code, or it takes too long. */
    async settled(made) {
      let latest = made;
      for (const wait of WAITS_MS) {
        if (latest.state !== 'requested' || !latest.code) break;
        await belong.pause(wait);
        const told = await belong.call(this, '/v1/me/redemptions').catch(() => null);
        latest = told?.redemptions.find((one) => one.redemption === made.redemption) ?? latest;
      }
      return latest;
    }

    /* What the service says of this reward after another one was taken. */
    judge(reward) {
      if (this.isDone || this.isBusy || !reward || reward.available) return;
      this.textContent = reward.why_not ?? '';
    }

    /* How many points, in steps that the service takes now. */
    async ask() {
      const told = await belong.call(this, '/v1/me/examine', {});
      const found = told.rewards?.find((one) => one.reward === this.dataset.reward);
      if (!found?.step_points) throw new belong.Refused('gone');
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
      const made = await belong.call(this, '/v1/me/referral-code', {});
      this.button.hidden = true;
      this.show(this.dataset.code, made.code);
    }
  });

  /* Whether they take part has changed; whoever draws a page anew hears it, and says it. */
  const changed = (element) => document.dispatchEvent(new CustomEvent('belong:membership', { detail: element.dataset.done }));

  define('belong-join', class extends Acting {
    async act() {
      await belong.join(this);
      await belong.arrived(this);
      this.button.hidden = true;
      this.show(this.dataset.done);
      changed(this);
    }
  });

  define('belong-leave', class extends Acting {
    async act() {
      await belong.call(this, '/v1/me/membership', { takes_part: false });
      this.button.hidden = true;
      this.show(this.dataset.done);
      changed(this);
    }
  });

  /* What others see: written with what was chosen, or asked for when somebody opens it, and disabled until then. */
  define('belong-choosing', class extends Acting {
    connectedCallback() {
      super.connectedCallback();
      const heard = { signal: this.stop.signal };
      this.fields = this.querySelector('fieldset');
      this.addEventListener('submit', (event) => event.preventDefault(), heard);
      this.querySelector('details')?.addEventListener('toggle', () => this.fill(), heard);
    }

    get inputs() {
      return ['takes_part', 'name'].map((name) => this.querySelector(`[name=${name}]`));
    }

    async fill() {
      if (!this.fields.disabled) return;
      await this.doing(async () => {
        const chosen = await belong.call(this, '/v1/me/leaderboard-choice');
        const [box, name] = this.inputs;
        box.checked = chosen.takes_part;
        name.value = chosen.name;
        this.fields.disabled = false;
        this.line.textContent = '';
      });
    }

    async act() {
      const [{ checked }, { value }] = this.inputs;
      try {
        await belong.call(this, '/v1/me/leaderboard-choice', { takes_part: checked, name: checked ? value.trim() : '' });
      } catch (why) {
        if (why.code !== 'public-name-not-usable') throw why;
        this.show(this.dataset.badName);
        return;
      }
      this.show(this.dataset.saved);
    }
  });

  /* Mails about points: asked for when somebody opens it. The button does the other of what is so now. */
  define('belong-mails', class extends Acting {
    connectedCallback() {
      super.connectedCallback();
      this.querySelector('details').addEventListener('toggle', () => this.takes ?? this.doing(() => this.choice()), { signal: this.stop.signal });
    }

    async choice(body) {
      const told = await belong.call(this, '/v1/me/mail-choice', body);
      this.takes = told.takes_mails;
      const link = this.querySelector('a');
      link.href = told.page;
      this.button.hidden = link.hidden = false;
      this.button.textContent = this.dataset[this.takes ? 'end' : 'send'];
      this.show(this.dataset[this.takes ? 'agreed' : 'stopped']);
    }

    act() {
      return this.choice({ takes_mails: !this.takes });
    }
  });

  belong.Acting = Acting;
})();
