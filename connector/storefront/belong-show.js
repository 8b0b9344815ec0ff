/* Parts of a programme on a page of a headless shop, in the shapes that shops with a plugin write on their server. What
   stands in an element stays until there is something to show in its place, and where there is nothing. */
(() => {
  'use strict';

  const { belong } = globalThis;
  const base = document.currentScript.src.replace(/[^/]*$/, '');

  const TAGS = ['en', 'de', 'es', 'zh-Hans', 'zh-Hant'];
  const tagOf = (element) => {
    const asked = belong.spoken(element).toLowerCase();
    if (asked.startsWith('zh')) return /hant|tw|hk|mo/.test(asked) ? 'zh-Hant' : 'zh-Hans';
    return TAGS.find((tag) => tag === asked.split('-')[0]) ?? 'en';
  };

  const kept = new Map();
  const keep = (key, ask) => {
    if (!kept.has(key)) {
      const told = ask();
      told.catch(() => kept.delete(key));
      kept.set(key, told);
    }
    return kept.get(key);
  };
  const wordsOf = (tag) => keep(`words ${tag}`, async () => (await fetch(`${base}words-${tag}.json`)).json());
  const ofMember = (element, tag) => keep(`member ${tag}`, () => belong.call(element, `/v1/me/snapshot?language=${tag}`));
  const ofProgramme = (element, tag) => keep(`programme ${tag}`, () => belong.call(element, `/v1/me/programme?language=${tag}`));

  const h = (name, given, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(given ?? {})) {
      if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? '' : value);
    }
    made.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false && one !== ''));
    return made;
  };
  const drawing = document.createElement('template');
  drawing.innerHTML = '<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="M8 14l-2 8 6-3 6 3-2-8z"/><circle cx="12" cy="9" r="7"/></svg>';
  const medal = (level) => {
    const made = drawing.content.firstChild.cloneNode(true);
    made.setAttribute('class', `belong-${level}`);
    return made;
  };
  let count = 0;
  const newId = () => `belong-${(count += 1)}`;

  /* How things are told in one language. */
  class Speech {
    constructor(tag, words) {
      Object.assign(this, { tag, words, whole: new Intl.NumberFormat(tag) });
    }

    say(key, places = {}) {
      return (this.words[key] ?? '').replace(/\{(\w+)\}/g, (_, name) => places[name] ?? '');
    }

    number(of) {
      return this.whole.format(of);
    }

    signed(of) {
      return `${of > 0 ? '+' : of < 0 ? '−' : ''}${this.number(Math.abs(of))}`;
    }

    points(of) {
      return `${this.number(of)} ${this.names[of === 1 ? 0 : 1]}`;
    }

    /* As the service's own sentences name days, wherever the shopper is. last: the last day before it. */
    day(moment, last) {
      const written = (timeZone) => new Intl.DateTimeFormat(this.tag === 'en' ? 'en-GB' : this.tag, { dateStyle: 'long', timeZone }).format(Date.parse(moment) - (last ? 1000 : 0));
      try {
        return written(this.zone);
      } catch { /* A zone whose name this browser does not know. */
        return written();
      }
    }

    time(moment, key, last) {
      return h('time', { datetime: moment }, key ? this.say(key, { day: this.day(moment, last) }) : this.day(moment));
    }

    section(name, title, ...children) {
      const id = newId();
      return h('section', { class: `belong-${name}`, 'aria-labelledby': id, lang: this.tag }, h('h2', { id }, title), children);
    }

    way(said, value, wanted) {
      const id = newId();
      const percent = value >= wanted ? 100 : Math.max(0, Math.floor((value * 100) / wanted));
      return h('div', { class: 'belong-way' }, h('p', { id }, said), h('progress', { max: 100, value: percent, 'aria-labelledby': id }, `${percent} %`));
    }

    code(text, what) {
      return h('belong-copy', { class: 'belong-code', 'data-done': this.say('copy.done'), 'data-failed': this.say('copy.failed'), 'data-share': /^https?:/.test(text) && this.say('copy.share') },
        h('code', { translate: 'no' }, text), ' ',
        h('button', { type: 'button', hidden: true, 'aria-label': this.say('copy.label', { what }) }, this.say('copy.button')));
    }

    /* What an element of belong-act.js says while it is busy, and where it is refused. */
    outcomes() {
      const refusals = Object.keys(this.words).filter((key) => key.startsWith('refused.'))
        .map((key) => [`data-no-${key.slice(8).replaceAll('_', '-')}`, this.words[key]]);
      return { 'data-busy': this.say('act.busy'), ...Object.fromEntries(refusals) };
    }

    /* A button of belong-act.js, and the line that says what came of it. */
    acting(name, label, given, ...children) {
      return h(name, { class: 'belong-press', ...this.outcomes(), ...given },
        h('button', { type: 'button', 'aria-label': given['data-heard'] }, label),
        h('span', { class: 'belong-press__said', role: 'status' }), children);
    }

    template(what) {
      const made = h('template');
      made.content.append(this.code('', what));
      return made;
    }

    join(again) {
      return [h('p', {}, this.say(again ? 'standing.left' : 'join.what')),
        this.acting('belong-join', this.say(again ? 'join.again' : 'join.button'), { 'data-done': this.say('join.done') })];
    }
  }

  /* What comes into view comes in its order, so that nothing that is seen already is pushed away. */
  let turn = Promise.resolve();

  /* The button that did it goes with what is drawn anew. */
  document.addEventListener('belong:membership', ({ detail }) => belong.say(detail));

  /* isLate: asked for when it comes into view. hears: drawn anew when something was redeemed. isOpen: also without a member. */
  class Part extends HTMLElement {
    connectedCallback() {
      this.classList.add('belong');
      this.stop = new AbortController();
      const heard = { signal: this.stop.signal };
      document.addEventListener('belong:membership', () => { kept.clear(); this.begin(); }, heard);
      if (this.hears) document.addEventListener('belong:changed', ({ detail }) => this.heard(detail), heard);
      this.begin();
    }

    disconnectedCallback() {
      this.stop?.abort();
      this.watch?.disconnect();
    }

    begin() {
      if (!this.isLate) {
        this.load();
        return;
      }
      this.watch?.disconnect();
      this.watch = new IntersectionObserver((seen) => {
        if (!seen.some((one) => one.isIntersecting)) return;
        this.watch.disconnect();
        turn = turn.then(() => this.load());
      }, { rootMargin: '600px' });
      this.watch.observe(this);
    }

    heard(told) {
      kept.set(`member ${told.document.language}`, Promise.resolve(told));
      this.load();
    }

    async load() {
      const tag = tagOf(this);
      try {
        const speech = new Speech(tag, await wordsOf(tag));
        try {
          const member = await ofMember(this, tag);
          Object.assign(speech, { names: member.document.points_name, zone: member.timezone });
          const drawn = member.document.status === 'active' ? await this.draw(speech, member.document, member) : this.standing(speech, member.document.status);
          this.put(drawn);
        } catch (why) {
          const said = this.isFirst && this.without(speech, why);
          if (said) this.put(said);
        }
      } catch { /* What stands here stays. */ }
    }

    put(drawn) {
      const [first] = [drawn].flat();
      this.toggleAttribute('data-empty', !first);
      this.replaceChildren(...[drawn].flat().filter(Boolean));
    }

    standing() {
      return [];
    }

    without() {
      return null;
    }
  }

  belong.define('belong-balance', class extends Part {
    hears = true;
    isFirst = true;

    async draw(speech, shown) {
      const ends = shown.ends.length ? (await belong.call(this, `/v1/me/ends?language=${speech.tag}`, {})).ends : [];
      const number = (key) => h('span', { class: key === 'available' && 'belong-balance__number', 'data-belong': key, 'data-number': shown[key] }, speech.number(shown[key]));
      const facts = ['pending', 'held', 'lifetime'].filter((key) => shown[key] || key === 'lifetime');
      return speech.section('balance', speech.say('balance.title'),
        h('p', {}, number('available'), ' ', h('span', { class: 'belong-balance__name' }, speech.say('balance.ready', { name: speech.names[shown.available === 1 ? 0 : 1] }))),
        h('dl', { class: 'belong-facts' }, facts.map((key) => h('div', {}, h('dt', {}, speech.say(`balance.${key}`)), h('dd', {}, number(key))))),
        shown.texts.deficit && h('p', { class: 'belong-note' }, shown.texts.deficit),
        ends.map((end) => h('p', { class: 'belong-note' }, h('time', { datetime: end.ends_at }, end.text))),
        !ends.length && shown.texts.expiring && h('p', { class: 'belong-fine' }, shown.texts.expiring),
        shown.pending_lots.length > 0 && [h('h3', {}, speech.say('balance.pending')), h('ul', { class: 'belong-lines' }, shown.pending_lots.map((lot) => h('li', {}, h('span', {}, speech.points(lot.points)), ' ',
          lot.matures_at ? speech.time(lot.matures_at, 'balance.ready_on') : h('span', { class: 'belong-fine' }, speech.say('balance.after_sending')))))]);
    }

    standing(speech, status) {
      return status === 'left' ? speech.join(true) : h('p', {}, speech.say('standing.blocked'));
    }

    /* Who is no member, or cannot be asked about: unless the shop has written something itself. */
    without(speech, why) {
      if (why.reason === 'not-joined' && belong.setting(this, 'join')) return speech.join(false);
      if (this.children.length) return null;
      return h('p', { class: 'belong-fine' }, speech.say(why.reason === 'guest' ? 'standing.guest' : 'refused.later'));
    }
  });

  belong.define('belong-tier', class extends Part {
    hears = true;

    draw(speech, { tier, texts }) {
      if (!tier) return [];
      const { next, benefits } = tier;
      return speech.section('tier', speech.say('tier.title'), h('p', { class: 'belong-name' }, tier.name),
        texts.tier_until && h('p', {}, texts.tier_until),
        next && speech.way(texts.next_tier ?? speech.say('way.to', next), next.value, next.threshold),
        benefits.length > 0 && [h('h3', {}, speech.say('tier.brings')), h('ul', { class: 'belong-chips' }, benefits.map((one) => h('li', {}, one.text)))]);
    }
  });

  belong.define('belong-ways', class extends Part {
    isLate = true;

    async draw(speech) {
      const { ways } = await ofProgramme(this, speech.tag);
      return ways.length > 0 && speech.section('ways', speech.say('ways.title'), h('ul', { class: 'belong-sentences' }, ways.map((one) => h('li', {}, one))));
    }
  });

  belong.define('belong-rules', class extends Part {
    isLate = true;

    async draw(speech) {
      const { name, rules } = await ofProgramme(this, speech.tag);
      return rules.length > 0 && speech.section('rules', speech.say('rules.title', { name }), rules.map((one) => [h('h3', {}, one.title), h('ul', { class: 'belong-sentences' }, one.sentences.map((each) => h('li', {}, each)))]));
    }
  });

  belong.define('belong-board', class extends Part {
    isLate = true;

    async draw(speech) {
      const { title, places, me } = await belong.call(this, `/v1/me/leaderboards/${this.getAttribute('measure') ?? 'reviews_approved'}?language=${speech.tag}`);
      const line = (one) => h('li', { 'aria-current': one.is_me && 'true' },
        h('span', {}, h('b', {}, speech.number(one.rank)), ' ', h('bdi', {}, one.name), ' ', one.badges > 0 && h('span', { class: 'belong-fine' }, speech.say('board.badges', { count: one.badges }))),
        h('b', {}, speech.number(one.value)));
      return speech.section('board', speech.say('board.title'), places.length > 2 ? [h('p', {}, title), h('ol', { class: 'belong-lines', role: 'list' }, places.map(line))] : h('p', {}, speech.say('board.few')),
        me.rank && h('p', {}, speech.say('board.me', { rank: speech.number(me.rank), value: speech.number(me.value) })));
    }
  });

  belong.define('belong-rewards', class extends Part {
    draw(speech, { vouchers, rewards }) {
      if (!vouchers.length && !rewards.length) return [];
      return speech.section('rewards', speech.say('rewards.title'),
        vouchers.length > 0 && [h('h3', {}, speech.say('rewards.vouchers')), h('ul', { class: 'belong-lines' }, vouchers.map((one) => this.voucher(speech, one)))],
        rewards.length > 0 && [h('h3', {}, speech.say('rewards.can_have')), h('ul', { class: 'belong-lines' }, rewards.map((one) => this.reward(speech, one)))]);
    }

    voucher(speech, one) {
      const waits = ['held', 'requested', 'issued'].includes(one.state);
      const link = one.state === 'issued' && one.code && belong.setting(this, 'apply').replace('[code]', encodeURIComponent(one.code));
      return h('li', {}, h('span', {}, h('span', { class: 'belong-name' }, one.name), ' ', h('span', { class: 'belong-chip' }, one.state_text), ' ', waits && one.ends_at && speech.time(one.ends_at, 'rewards.until', true)),
        one.code && speech.code(one.code, one.name), link && h('a', { href: link }, speech.say('act.apply')));
    }

    reward(speech, one) {
      const points = speech.points(one.points);
      const [use, heard] = one.kind === 'slider' ? ['reward.choose', 'reward.choose_for'] : ['reward.use', 'reward.use_for'];
      const given = {
        'data-reward': one.id, 'data-kind': one.kind, 'data-points': one.points, 'data-link': belong.setting(this, 'apply') || null, 'data-heard': speech.say(heard, { points, name: one.name }),
        'data-code': speech.say('done.code'), 'data-soon': speech.say('done.soon'), 'data-noted': speech.say('done.noted'), 'data-apply': speech.say('act.apply'),
        'data-how-many': speech.say('reward.how_many', { least: '[least]', most: '[most]', step: '[step]' }), 'data-use': speech.say('reward.use', { points: '[points]' }),
      };
      return h('li', {}, h('span', {}, h('span', { class: 'belong-name' }, one.name), ' ', h('span', { class: 'belong-fine' }, points)),
        one.available ? speech.acting('belong-redeem', speech.say(use, { points }), given, speech.template(one.name)) : h('span', {}, one.why_not));
    }
  });

  belong.define('belong-badges', class extends Part {
    hears = true;

    draw(speech, { badges, next_badge: next, level, texts }, { rarity }) {
      if (!badges.length && !next && !level) return [];
      return speech.section('badges', speech.say('badges.title'),
        badges.length ? h('ul', { class: 'belong-cards' }, badges.map((one) => this.badge(speech, one, rarity[one.id]))) : h('p', {}, speech.say('badges.none')),
        next && [h('h3', {}, speech.say('badges.next')), speech.way(texts.next_badge ?? speech.say('way.to', next), next.value, next.needed)],
        level && [h('h3', {}, speech.say('badges.level')), h('p', { class: 'belong-name' }, level.name)]);
    }

    badge(speech, one, rare) {
      const of = ['silver', 'gold'].includes(one.level) ? one.level : 'bronze';
      const facts = [speech.say(`badges.${of}`), speech.say('badges.since', { day: speech.day(one.since) }), rare].filter(Boolean);
      return h('li', {}, medal(of), h('span', {}, h('span', { class: 'belong-name' }, one.name), h('br'), h('span', { class: 'belong-fine' }, facts.join(' · '))));
    }
  });

  belong.define('belong-history', class extends Part {
    isLate = true;

    async draw(speech) {
      this.body = h('tbody');
      const table = h('table', { class: 'belong-table' }, h('caption', { class: 'belong-unseen' }, speech.say('history.title')),
        h('thead', {}, h('tr', {}, ['date', 'why', 'change'].map((one) => h('th', { scope: 'col' }, speech.say(`history.${one}`))))), this.body);
      const more = h('button', { type: 'button' }, speech.say('history.older'));
      more.addEventListener('click', () => this.older(speech, more));
      await this.older(speech, more);
      return speech.section('history', speech.say('history.title'), this.body.rows.length ? h('div', { class: 'belong-room' }, table) : h('p', {}, speech.say('history.none')), h('p', {}, more));
    }

    async older(speech, more) {
      if (more.getAttribute('aria-busy')) return;
      more.setAttribute('aria-busy', 'true');
      try {
        const before = this.next ? `&before=${this.next}` : '';
        const told = await belong.call(this, `/v1/me/entries?limit=10&language=${speech.tag}${before}`);
        const rows = told.entries.map((one) => h('tr', {}, h('td', {}, speech.time(one.at)), h('td', {}, h('span', { class: 'belong-name' }, speech.say(`kind.${one.kind}`)), h('br'), one.why), h('td', {}, h('bdi', { dir: 'ltr' }, speech.signed(one.points)))));
        this.body.append(...rows);
        if (this.next && rows.length) {
          rows[0].tabIndex = -1;
          rows[0].focus();
        }
        this.next = told.next_before;
        more.hidden = !this.next;
      } finally {
        more.removeAttribute('aria-busy');
      }
    }
  });

  belong.define('belong-referral', class extends Part {
    draw(speech, { referral }) {
      if (!referral) return [];
      const { code, link, friends } = referral;
      const own = speech.say('referral.your_code');
      return speech.section('referral', speech.say('referral.title'),
        h('p', {}, speech.say('referral.what', { own: speech.points(referral.points), friend: speech.points(referral.friend_points) })),
        code ? h('p', {}, own, ' ', speech.code(code, speech.say('referral.code_of'))) : speech.acting('belong-invite', speech.say('referral.get'), { 'data-code': own }, speech.template(speech.say('referral.code_of'))),
        link && h('p', {}, speech.say('referral.your_link'), ' ', speech.code(link, speech.say('referral.link_of'))),
        friends > 0 && h('p', { class: 'belong-fine' }, speech.say('referral.friends', { friends: speech.number(friends), counted: speech.number(referral.completed) })),
        referral.takes_code && this.asking(speech, referral));
    }

    asking(speech, { code, friend_points: points }) {
      const id = newId();
      const places = { points: speech.points(points), time: '[time]' };
      const said = ['taken', 'own_code', 'not_counted', 'code_unknown', 'already_referred', 'too_many_codes']
        .map((one) => [`data-${one.replace(/_/g, '-')}`, speech.say(`invited.${one}`, places)]);
      return h('belong-invited', { 'data-own': code ?? '', ...speech.outcomes(), ...Object.fromEntries(said) }, h('form', {}, h('h3', {}, speech.say('invited.title')),
        h('p', {}, h('label', { for: id }, speech.say('invited.label')), ' ', h('input', { type: 'text', id, required: true, maxlength: 40, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', dir: 'ltr' }), ' ',
          h('button', { type: 'submit' }, speech.say('invited.enter'))), h('p', { role: 'status' })));
    }
  });

  belong.define('belong-privacy', class extends Part {
    isLate = true;

    async draw(speech) {
      const chosen = await belong.call(this, '/v1/me/leaderboard-choice');
      const [name, hint] = [newId(), newId()];
      const form = h('form', {}, h('fieldset', {}, h('legend', {}, speech.say('choices.boards')),
        h('p', {}, h('label', {}, h('input', { type: 'checkbox', name: 'takes_part', checked: chosen.takes_part }), ' ', speech.say('choices.show_me'))),
        h('p', {}, h('label', { for: name }, speech.say('choices.name')), ' ', h('input', { type: 'text', id: name, name: 'name', maxlength: 40, autocomplete: 'nickname', value: chosen.name, 'aria-describedby': hint }), h('br'), h('span', { class: 'belong-fine', id: hint }, speech.say('choices.hint'))),
        h('p', {}, h('button', { type: 'submit' }, speech.say('choices.save'))), h('p', { role: 'status' })));
      return speech.section('choices', speech.say('choices.title'), h('p', {}, speech.say('choices.nothing')),
        h('belong-choosing', { ...speech.outcomes(), 'data-saved': speech.say('choices.saved'), 'data-bad-name': speech.say('choices.bad_name') }, form),
        h('h3', {}, speech.say('mails.title')), this.mails(speech),
        h('h3', {}, speech.say('taking.title')),
        h('details', {}, h('summary', {}, speech.say('taking.leave')), h('p', {}, speech.say('taking.leave_what')),
          speech.acting('belong-leave', speech.say('taking.sure'), { 'data-done': speech.say('standing.left') })));
    }

    mails(speech) {
      const said = Object.fromEntries(['send', 'end', 'agreed', 'stopped'].map((one) => [`data-${one}`, speech.say(`mails.${one}`)]));
      return h('belong-mails', { ...speech.outcomes(), ...said }, h('details', {}, h('summary', {}, speech.say('mails.choose')), h('p', {}, speech.say('mails.what')), h('p', { role: 'status' }),
        h('p', {}, h('button', { type: 'button', hidden: true }), ' ', h('a', { hidden: true }, speech.say('mails.which')))));
    }
  });
})();
