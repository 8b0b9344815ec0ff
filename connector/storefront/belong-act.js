/* What a shopper does on a page of a shop. */
(() => {
  'use strict';

  const belong = (globalThis.belong ??= {});

  /* What lies beside it: a block of a theme names one script alone. */
  const { src } = document.currentScript;
  const besides = src.includes('belong-act.js') ? ['belong.js', 'belong-ask.js'] : [];
  const ready = Promise.all(besides.map((name) => new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.setAttribute('src', src.replace('belong-act.js', name));
    script.addEventListener('load', resolve);
    script.addEventListener('error', reject);
    document.head.append(script);
  })));
  ready.catch(() => { /* Whoever presses is told. */ });

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

    async press() {
      if (this.isBusy) return;
      this.isBusy = true;
      this.setAttribute('aria-busy', 'true');
      this.line.textContent = this.dataset.busy;
      try {
        await ready;
        await this.act();
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

  define('belong-join', class extends Acting {
    async act() {
      await belong.join(this);
      this.button.hidden = true;
      this.show(this.dataset.done);
      document.dispatchEvent(new CustomEvent('belong:membership'));
    }
  });

  belong.Acting = Acting;
})();
