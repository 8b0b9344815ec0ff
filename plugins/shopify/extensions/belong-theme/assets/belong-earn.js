/* Keeps what a product and a cart earn true while the page changes. The numbers are the shop's own: nothing is reckoned here. */
(() => {
  'use strict';

  const LOOKS_MS = [50, 300, 1000];
  const CHANGES = /\/cart\/(add|change|update|clear)(\.js)?($|\?)/;
  const define = (name, element) => customElements.get(name) || customElements.define(name, element);

  /* Themes tell of another variant in ways of their own; all of them set the number that is put into the cart. */
  define('belong-earn', class extends HTMLElement {
    connectedCallback() {
      this.stop = new AbortController();
      const look = () => LOOKS_MS.forEach((wait) => setTimeout(() => this.look(), wait));
      for (const type of ['change', 'click']) document.addEventListener(type, look, { signal: this.stop.signal });
      this.look();
    }

    disconnectedCallback() {
      this.stop?.abort();
    }

    look() {
      const texts = [...this.querySelectorAll('template')];
      const fields = [...document.querySelectorAll('form[action*="/cart/add"] [name="id"]')];
      const chosen = fields.map((field) => field.value).find((id) => texts.some((text) => text.dataset.of === id));
      if (!chosen || chosen === this.dataset.variant) return;
      this.dataset.variant = chosen;
      const text = texts.find((one) => one.dataset.of === chosen);
      this.querySelector('p').textContent = text.content.textContent;
    }
  });

  /* A cart that changes without a new page: the shop renders this section once more, and its sentence is taken. */
  define('belong-earn-cart', class extends HTMLElement {
    connectedCallback() {
      if (!this.dataset.section || !window.PerformanceObserver) return;
      this.watch = new PerformanceObserver((list) => {
        if (list.getEntries().some((one) => CHANGES.test(new URL(one.name).pathname))) this.renew();
      });
      this.watch.observe({ type: 'resource' });
    }

    disconnectedCallback() {
      this.watch?.disconnect();
    }

    async renew() {
      const asked = this.asked = {};
      const address = new URL(location.href);
      address.searchParams.set('section_id', this.dataset.section);
      try {
        const answer = await fetch(address, { credentials: 'same-origin' });
        const told = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(this.id);
        if (this.asked === asked && told) this.querySelector('p').textContent = told.querySelector('p').textContent;
      } catch {
        /* It is as old as the page; a new page says it anew. */
      }
    }
  });
})();
