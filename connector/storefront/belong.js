/* Makes what the server wrote easier to use; without it, everything is there all the same. */
(() => {
  'use strict';

  const belong = (globalThis.belong ??= {});
  const define = (name, element) => customElements.get(name) || customElements.define(name, element);

  /* One line of the page that says what happened, for screen readers too. It is there before anything is said. */
  const announcer = () => {
    let line = document.getElementById('belong-said');
    if (!line) {
      line = document.createElement('div');
      line.id = 'belong-said';
      line.setAttribute('role', 'status');
      line.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';
      document.body.append(line);
    }
    return line;
  };
  const say = (text) => {
    const line = announcer();
    line.textContent = '';
    setTimeout(() => { line.textContent = text; }, 50);
  };

  const listen = (element, type, act) => {
    const stop = new AbortController();
    element.addEventListener(type, act, { signal: stop.signal });
    return stop;
  };

  /* <belong-copy data-done data-failed data-share><code>TEXT</code><button hidden>Copy</button></belong-copy> */
  define('belong-copy', class extends HTMLElement {
    connectedCallback() {
      const button = this.querySelector('button');
      if (!button || !navigator.clipboard) return;
      announcer();
      button.hidden = false;
      this.stop = listen(button, 'click', () => this.copy(button));
      if (this.dataset.share && navigator.share && !this.share) this.append(' ', this.sharing());
    }

    sharing() {
      this.share = document.createElement('button');
      this.share.type = 'button';
      this.share.textContent = this.dataset.share;
      this.share.addEventListener('click', () => {
        const text = this.querySelector('code').textContent;
        navigator.share(/^https?:/.test(text) ? { url: text } : { text }).catch(() => {
          /* They changed their mind. */
        });
      });
      return this.share;
    }

    disconnectedCallback() {
      this.stop?.abort();
    }

    async copy(button) {
      this.label ??= button.textContent;
      this.name ??= button.getAttribute('aria-label') ?? '';
      try {
        await navigator.clipboard.writeText(this.querySelector('code').textContent);
        say(this.dataset.done);
        button.textContent = this.dataset.done;
        button.removeAttribute('aria-label');
        clearTimeout(this.later);
        this.later = setTimeout(() => {
          button.textContent = this.label;
          if (this.name) button.setAttribute('aria-label', this.name);
        }, 3000);
      } catch {
        say(this.dataset.failed);
        getSelection().selectAllChildren(this.querySelector('code'));
      }
    }
  });

  Object.assign(belong, { define, say, listen });
})();
