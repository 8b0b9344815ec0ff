/* What ends and when, as a page says it that a shop made: who has it before their eyes for a moment was told of it, and we
   hear that, once from a page for the same points and moment. Nobody waits for it; what is lost, the next page tells.
   <belong-end data-proxy data-customer="7" data-points="20" data-ends-at="2027-01-31T23:00:00Z">...</belong-end> */
(() => {
  'use strict';

  const { belong } = globalThis;
  const SEEN_MS = 1000;
  const inView = new Map();
  const told = new Set();
  let timer;

  /* Those that have been in view for long enough are told of now; for the others we come back when the first of them will have been. */
  const tell = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    const shown = [];
    let last;
    let wait = Infinity;
    for (const [one, since] of inView) {
      const { points, endsAt } = one.dataset;
      const rest = since + SEEN_MS - performance.now();
      if (told.has(`${points} ${endsAt}`)) continue;
      if (rest > 0) {
        wait = Math.min(wait, rest);
        continue;
      }
      told.add(`${points} ${endsAt}`);
      shown.push({ points: Number(points), ends_at: endsAt });
      last = one;
    }
    if (wait < Infinity) timer = setTimeout(tell, Math.ceil(wait));
    if (last) belong.call(last, '/v1/me/ends', { shown }).catch(() => { /* Nothing that anybody here could mend. */ });
  };
  /* Whoever looked elsewhere meanwhile begins anew. */
  document.addEventListener('visibilitychange', () => {
    for (const one of inView.keys()) inView.set(one, performance.now());
    tell();
  });

  const watch = new IntersectionObserver((seen) => {
    for (const { intersectionRatio, target } of seen) {
      if (intersectionRatio <= 0.8) inView.delete(target);
      else if (!inView.has(target)) inView.set(target, performance.now());
    }
    tell();
  }, { threshold: 0.9 });

  belong.define('belong-end', class extends HTMLElement {
    connectedCallback() {
      watch.observe(this);
    }

    disconnectedCallback() {
      watch.unobserve(this);
      inView.delete(this);
    }
  });
})();
