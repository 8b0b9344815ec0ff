/* Forms that a shop's server wrote and answers: with this, the page stays where it is. */
(() => {
  'use strict';

  const { belong } = globalThis;
  const SECONDS_MAX = 30;
  /* Before a question whose answer was lost is asked once more, with the same key. */
  const AGAIN_MS = 1000;

  /* A form that is sent once for each press, however often it is clicked. */
  class Sending extends HTMLElement {
    connectedCallback() {
      this.stop = belong.listen(this, 'submit', (event) => {
        event.preventDefault();
        this.press(event.target);
      });
    }

    disconnectedCallback() {
      this.stop?.abort();
    }

    async press(form) {
      if (this.isSending) return;
      this.isSending = true;
      form.setAttribute('aria-busy', 'true');
      try {
        await this.send(form, form.querySelector('[role=status]'));
      } catch {
        /* No answer that can be read: the server says it better. */
        this.stop.abort();
        form.submit();
      } finally {
        this.isSending = false;
        form.removeAttribute('aria-busy');
      }
    }

    post(body, headers) {
      const signal = AbortSignal.timeout(SECONDS_MAX * 1000);
      return fetch(this.dataset.url, { method: 'POST', headers: { 'X-WP-Nonce': this.dataset.nonce, ...headers }, body, signal });
    }
  }

  /* <belong-choice data-url data-nonce><form>... <p role="status" hidden></p></form></belong-choice> */
  belong.define('belong-choice', class extends Sending {
    async send(form, line) {
      const given = new FormData(form);
      line.hidden = false;
      line.textContent = '';
      const answer = await this.post(JSON.stringify({
        choice: given.get('belong_choice'),
        badge_shown: given.has('belong_badge_shown'),
        takes_part: given.has('belong_takes_part'),
        name: given.get('belong_name') ?? '',
        takes_mails: given.has('belong_takes_mails'),
        code: given.get('belong_code') ?? '',
      }), { 'Content-Type': 'application/json' });
      line.textContent = (await answer.json()).message;
    }
  });

  /* Numbers of points that can be used, wherever they stand: <span data-belong="available" data-number="1234">1,234</span>. */
  const spend = (points) => document.querySelectorAll('[data-belong="available"]').forEach((one) => {
    one.dataset.number -= points;
    const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined, { useGrouping: 'always' });
    one.textContent = numbers.format(Math.max(0, one.dataset.number));
  });

  /* <belong-take data-url data-nonce data-points data-busy data-unsure><form><span role="status"></span> ...</form>
     <template><li>what will stand among the vouchers</li></template></belong-take> */
  belong.define('belong-take', class extends Sending {
    async send(form, line) {
      const given = new FormData(form);
      const goBack = this.foresee(Number(given.get('belong_take_points') ?? this.dataset.points));
      line.textContent = this.dataset.busy;
      const told = await this.told(given).catch(() => null);
      if (!told?.taken) goBack();
      /* Something refused it before it came to us. */
      if (told && !told.key) throw new Error(told.code);
      line.textContent = told?.message ?? this.dataset.unsure;
      /* What was taken keeps its key: whoever sends this form once more takes the same once more, which is nothing. */
      if (told && !told.taken) form.elements.belong_take_key.value = told.key;
      if (!told?.taken) return;
      this.row.outerHTML = told.voucher;
      form.querySelectorAll('button, label, [type=number]').forEach((one) => one.remove());
    }

    /* The page as it will be; gives back what takes it back. */
    foresee(points) {
      const list = this.closest('section').querySelector('.belong-vouchers');
      const show = () => [list, list.previousElementSibling].forEach((one) => { one.hidden = !list.children.length; });
      this.row = this.querySelector('template').content.firstElementChild.cloneNode(true);
      list.prepend(this.row);
      show();
      spend(points);
      return () => {
        this.row.remove();
        show();
        spend(-points);
      };
    }

    /* What was lost on its way is asked for once more, with the key of this press. */
    async told(given) {
      try {
        return await (await this.post(given)).json();
      } catch {
        await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
        return (await this.post(given)).json();
      }
    }
  });
})();
