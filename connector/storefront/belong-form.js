/* Forms that a shop's server wrote and answers: with this, the page stays where it is. */
(() => {
  'use strict';

  const { belong } = globalThis;

  /* <belong-choice data-url data-nonce><form>... <p role="status" hidden></p></form></belong-choice> */
  belong.define('belong-choice', class extends HTMLElement {
    connectedCallback() {
      this.stop = belong.listen(this, 'submit', (event) => {
        event.preventDefault();
        this.send(event.target);
      });
    }

    disconnectedCallback() {
      this.stop?.abort();
    }

    async send(form) {
      if (this.isSending) return;
      this.isSending = true;
      const line = form.querySelector('[role=status]');
      const given = new FormData(form);
      line.hidden = false;
      line.textContent = '';
      form.setAttribute('aria-busy', 'true');
      try {
        const answer = await fetch(this.dataset.url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-WP-Nonce': this.dataset.nonce },
          body: JSON.stringify({
            choice: given.get('belong_choice'),
            badge_shown: given.has('belong_badge_shown'),
            takes_part: given.has('belong_takes_part'),
            name: given.get('belong_name') ?? '',
            takes_mails: given.has('belong_takes_mails'),
            code: given.get('belong_code') ?? '',
          }),
        });
        line.textContent = (await answer.json()).message;
      } catch {
        /* No answer that can be read: the server says it better. */
        this.stop.abort();
        form.submit();
      } finally {
        this.isSending = false;
        form.removeAttribute('aria-busy');
      }
    }
  });
})();
