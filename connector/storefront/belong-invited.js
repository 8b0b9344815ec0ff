/* By whose code somebody came. ?belong=CODE in the address of any page that loads this is remembered in this browser
   alone, until it was used or a month has passed: whoever joins or has joined is known to the service by then. The first
   link counts, so that nobody puts another code in its place unseen. */
(() => {
  'use strict';

  const belong = (globalThis.belong ??= {});
  const PLACE = 'belong:invited';
  const LIVES_MS = 30 * 24 * 60 * 60 * 1000;

  const given = new URLSearchParams(location.search).get('belong') ?? '';
  let here = /^[0-9a-z]{8}$/i.test(given) ? given : '';
  const keep = () => localStorage.setItem(PLACE, JSON.stringify({ code: here, at: Date.now() }));
  const known = () => {
    try {
      const { code, at } = JSON.parse(localStorage.getItem(PLACE)) ?? {};
      if (Date.now() - at < LIVES_MS) return String(code);
      localStorage.removeItem(PLACE);
    } catch {
      /* Nothing is kept here: the address says it as long as the page stands. */
    }
    return here;
  };
  const forget = () => {
    here = '';
    try { localStorage.removeItem(PLACE); } catch {
      /* Nor was it kept. */
    }
  };
  try { if (here && known() === here) keep(); } catch {
    /* The same. */
  }

  /* The outcome. A code that was answered is not asked about again, but by hand; whoever has come by any leaves none to the
     next person of this browser. */
  const enter = async (element, code) => {
    const answered = (said) => (/^(taken|already-referred)$/.test(said) || code.toUpperCase() === known().toUpperCase()) && forget();
    try {
      const { outcome } = await belong.call(element, '/v1/me/referred-by', { code });
      answered(outcome);
      return outcome;
    } catch (why) {
      if (why.isAnswer) answered(why.code);
      throw why;
    }
  };
  /* Somebody has just joined. What does not work out stays for the form, or is over. */
  const arrived = async (element) => {
    if (known()) await enter(element, known()).catch(() => {});
  };
  belong.arrived = arrived;
  if (!belong.Acting || customElements.get('belong-invited')) return;

  /* <belong-invited data-own="MYCODE" data-taken data-code-unknown ...><form>... <input> <button type="submit"></form> */
  customElements.define('belong-invited', class extends belong.Acting {
    connectedCallback() {
      super.connectedCallback();
      this.input = this.querySelector('input');
      if (known().toUpperCase() !== this.dataset.own) this.input.value ||= known();
      this.addEventListener('submit', (event) => event.preventDefault(), { signal: this.stop.signal });
    }

    press() {
      return this.input.reportValidity() ? super.press() : undefined;
    }

    async act() {
      try {
        const outcome = await enter(this, this.input.value.trim());
        this.show(this.getAttribute(`data-${outcome}`));
        if (outcome === 'taken') this.input.closest('p').hidden = true;
      } catch (why) {
        const said = this.getAttribute(`data-${why.code}`);
        if (!said) throw why;
        const at = Date.now() + 1000 * (why.numbers?.retry_after_seconds ?? 0);
        this.show(said.replace('[time]', new Intl.DateTimeFormat(belong.spoken(this), { timeStyle: 'short' }).format(at)));
      }
    }
  });
})();
