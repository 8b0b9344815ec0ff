/** The profile's block and the page in the customer's account. */

import {setUpExtension} from '@shopify/ui-extensions-tester';
import {createStorage} from '@shopify/ui-extensions-tester/customer-account';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';

import {changed, graphql, issued, LIST, network, REDEEM, spoken, TOKEN, type Reply} from './service';
import {button, click, find, i18nOf, keep, said, settledBody, type, until, words} from './surface';

const OWN = 'POST shopify://customer-account/api/2026-07/graphql.json';
const own = (summary: string | null) => graphql({customer: {summary: summary && {value: summary}}});

async function opened(
  target: 'customer-account.page.render' | 'customer-account.profile.block.render',
  replies: Record<string, Reply[]>,
  programme: string | null = spoken.programme,
  language = 'en',
  drawer = createStorage(),
) {
  // As if the page was loaded anew.
  vi.resetModules();
  const folder = target === 'customer-account.page.render' ? 'belong-account-page' : 'belong-account';
  const extension = setUpExtension(target, {configSearchDir: `${process.cwd()}/extensions/${folder}`});
  const heard = network(replies);
  extension.fetch = heard.answer as typeof fetch;
  extension.shopify.i18n = i18nOf(folder, language);
  extension.shopify.query = vi.fn().mockResolvedValue({data: {shop: {programme: programme && {value: programme}}}});
  extension.shopify.storage = drawer;
  extension.shopify.sessionToken = {get: async () => 'a-session-token'};
  await extension.render();
  current = extension;
  return {...heard, extension};
}

const PROFILE = 'customer-account.profile.block.render';
const PAGE = 'customer-account.page.render';
const ENDS = 'POST /v1/me/ends';
const TO_COME = [
  {points: 30, ends_at: '2099-06-30T22:00:00Z'},
  {points: 40, ends_at: '2099-12-31T23:00:00Z'},
];
const NEWS = [
  {points: 10, ends_at: '2020-01-01T00:00:00Z', warned: false},
  {points: 20, ends_at: '2099-05-31T22:00:00Z', warned: true},
  ...TO_COME.map((one) => ({...one, warned: false})),
];
const withEnds = (ends: unknown[]) => own(changed('summary', {ends}));

type Drawer = ReturnType<typeof createStorage>;
let current: {[Symbol.dispose](): void} | null = null;
beforeEach(() => vi.spyOn(console, 'error').mockImplementation((...told) => expect(told).toEqual([])));
afterEach(() => {
  current?.[Symbol.dispose]();
  current = null;
});

const page = (replies: Record<string, Reply[]>, ...more: [(string | null)?, string?, Drawer?]) =>
  opened('customer-account.page.render', {[OWN]: [own(spoken.summary)], [TOKEN]: ['token'], ...replies}, ...more);

describe('the profile', () => {
  test('shows what was pushed and asks our service nothing', async () => {
    const {calls} = await opened('customer-account.profile.block.render', {[OWN]: [own(spoken.summary)]});
    await said('320 points ready to use');
    expect(words()).toContain('Your tier: Silver');
    // What the tier brings does not stand after the way to the next one, as if it were that one's.
    expect(document.querySelector('s-list-item ~ s-progress, s-unordered-list ~ s-progress')).toBeTruthy();
    expect(calls.map((one) => one.path)).toEqual(['shopify://customer-account/api/2026-07/graphql.json']);
    keep('account-profile');
  });

  test.each([
    ['there is none', own(null), 'There are no points of yours to show yet.'],
    ['Shopify does not answer', {status: 200, body: {errors: [{message: 'x'}]}}, 'This does not work at the moment.'],
    ['nobody is signed in', graphql({customer: null}), 'This does not work at the moment.'],
  ])('says so where %s', async (_, reply, text) => {
    await opened('customer-account.profile.block.render', {[OWN]: [reply]});
    await said(text);
    expect(words()).not.toMatch(/\d+ points/);
  });

  test.each([
    ['another schema', changed('summary', {schema: 3})],
    ['no schema', changed('summary', {schema: undefined})],
    ['a number that JavaScript would change', spoken.summary.replace('"available":320', '"available":9007199254740993')],
    ['a number that is a text', changed('summary', {available: '320'})],
    ['a part that is missing', changed('summary', {rewards: undefined})],
    ['no JSON', spoken.summary.slice(0, -1)],
  ])('shows nothing of %s', async (_, summary) => {
    await opened('customer-account.profile.block.render', {[OWN]: [own(summary)]});
    await until(() => !document.querySelector('s-spinner'));
    expect(await settledBody()).toBe('');
  });

  test('takes no part', async () => {
    for (const [status, text] of [
      ['left', 'You have left the programme.'],
      ['blocked', 'Your membership rests at the moment.'],
      ['erased', 'There are no points of yours'],
    ]) {
      await opened('customer-account.profile.block.render', {[OWN]: [own(changed('summary', {status}))]});
      await said(text!);
      expect(words()).not.toContain('320');
      current?.[Symbol.dispose]();
    }
  });

  test('counts nothing that has ended meanwhile, and warns of what will', async () => {
    const hour = 60 * 60 * 1000;
    const at = (from: number) => new Date(Date.now() + from).toISOString().replace(/\.\d+/, '');
    const ends = [
      {points: 20, ends_at: at(-hour), warned: true},
      {points: 30, ends_at: at(48 * hour), warned: true},
    ];
    await opened('customer-account.profile.block.render', {[OWN]: [own(changed('summary', {ends}))]});
    await said('300 points ready to use');
    expect(words()).toMatch(/Use 30 points by .* after that day they end\./);
    expect(words()).not.toContain('20 points');
  });

  test('names a day in the zone of the programme, and none without it', async () => {
    const ends = [{points: 30, ends_at: '2099-06-30T22:00:00Z', warned: true}];
    await opened('customer-account.profile.block.render', {[OWN]: [own(changed('summary', {ends}))]});
    await said('Jun 30, 2099');
    current?.[Symbol.dispose]();
    await opened('customer-account.profile.block.render', {[OWN]: [own(changed('summary', {ends}))]}, null);
    await said('320 points ready to use');
    expect(words()).not.toContain('2099-06');
    expect(words()).not.toContain('Jun');
  });

  test.each([PROFILE, PAGE] as const)('%s: our service hears which ends were shown, and of no other', async (target) => {
    const {calls} = await opened(target, {[OWN]: [withEnds(NEWS)], [TOKEN]: ['token'], [ENDS]: ['ends']});
    expect(spoken.ends.status).toBe(200);
    await said('Use 40 points by');
    await until(() => calls.some((one) => one.path === '/v1/me/ends'));
    // Whatever is drawn anew, it is told once.
    await settledBody();
    const told = calls.filter((one) => one.path === '/v1/me/ends');
    expect(told.map((one) => one.body)).toEqual([{shown: TO_COME}]);
    expect(told[0]!.headers.Authorization).toBe(`Bearer ${spoken.token.body.token}`);
    const asked = calls.find((one) => one.path === '/v1/shopify/token')!;
    expect(asked.headers.Authorization).toBe('Bearer a-session-token');
  });

  test.each<[string, Record<string, Reply[]>]>([
    ['nobody answers', {[TOKEN]: ['lost']}],
    ['who looks is a guest to our service', {[TOKEN]: ['token_of_guest']}],
    ['the answer is lost', {[TOKEN]: ['token'], [ENDS]: ['lost']}],
    ['it is refused', {[TOKEN]: ['token'], [ENDS]: [{status: 429, body: {}}]}],
  ])('the same is shown where %s', async (_, replies) => {
    const {calls} = await opened(PROFILE, {[OWN]: [withEnds(NEWS)], ...replies});
    await until(() => calls.some((one) => one.path in {'/v1/shopify/token': 1, '/v1/me/ends': 1}));
    await settledBody();
    expect(words()).toContain('Use 40 points by');
    expect(words()).toContain('320 points ready to use');
  });

  test.each<[string, unknown[], string | null]>([
    ['they were told before', [NEWS[1]], spoken.programme],
    ['there is no service to tell', NEWS, JSON.stringify({...JSON.parse(spoken.programme), api: null})],
    ['no day is shown', NEWS, null],
  ])('nothing is told where %s', async (_, ends, programme) => {
    const {calls} = await opened(PROFILE, {[OWN]: [withEnds(ends)]}, programme);
    await said('320 points ready to use');
    await settledBody();
    expect(calls.map((one) => one.path)).toEqual(['shopify://customer-account/api/2026-07/graphql.json']);
  });

  test('a paused programme says so', async () => {
    await opened('customer-account.profile.block.render', {[OWN]: [own(spoken.summary_paused)]});
    await said(/paused/i);
    keep('account-profile-paused');
  });

  test.each(['de', 'es', 'zh-CN', 'zh-TW'])('in %s', async (language) => {
    await opened('customer-account.profile.block.render', {[OWN]: [own(spoken.summary)]}, spoken.programme, language);
    await until(() => words().includes('320'));
    keep(`account-profile-${language}`);
  });
});

describe('the page', () => {
  test('shows everything that was pushed', async () => {
    await page({});
    await said('3 EUR off');
    for (const text of ['What happened, and why', 'First order', 'How it works', 'Invite friends', '500 EUR off']) {
      expect(words()).toContain(text);
    }
    keep('account-page');
  });

  test('redeems once however often it is clicked, and shows the code once the shop takes it', async () => {
    const {calls} = await page({[REDEEM]: ['redeemed'], [LIST]: [issued()]});
    await said('3 EUR off');
    const use = button('Use 30 points');
    expect(use.getAttribute('accessibilityLabel') ?? (use as any).accessibilityLabel).toBe('Use 30 points for: 3 EUR off');
    [1, 2, 3].forEach(() => click(use));
    await said('The shop will take this code in a moment:');
    await said('This is your code:');
    expect(words()).toContain(spoken.redeemed.body.code);
    expect(words()).toContain('Your balance is being updated.');
    const acted = calls.filter((one) => one.path === '/v1/me/redemptions' && one.method === 'POST');
    expect(acted.map((one) => one.body)).toEqual([{reward: 'off'}]);
    expect(acted[0]!.headers['Idempotency-Key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(acted[0]!.headers.Authorization).toBe(`Bearer ${spoken.token.body.token}`);
    const asked = calls.find((one) => one.path === '/v1/shopify/token')!;
    expect([asked.headers.Authorization, asked.body]).toEqual(['Bearer a-session-token', {}]);
    keep('account-page-redeemed');
  });

  test('a lost reply keeps the key, also over a new page, and the next press gets the same redemption', async () => {
    const replies: Reply[] = ['lost', {status: 503, body: {}}, {status: 429, body: {}}, 'redeemed_again'];
    const first = await page({[REDEEM]: replies});
    await said('3 EUR off');
    for (const text of ['it counts only once', 'it counts only once', 'That was a little fast.']) {
      const left = replies.length;
      click(button('Use 30 points'));
      await until(() => replies.length < left);
      await said(text);
    }
    const drawer = first.extension.shopify.storage;
    current?.[Symbol.dispose]();
    const second = await page({[REDEEM]: replies, [LIST]: [issued()]}, spoken.programme, 'en', drawer);
    await said('3 EUR off');
    click(button('Use 30 points'));
    await said('This is your code:');
    const keys = [...first.calls, ...second.calls].map((one) => one.headers['Idempotency-Key']).filter(Boolean);
    expect(keys.length).toBe(4);
    expect(new Set(keys).size).toBe(1);
  });

  test('after an answer the next press is another one', async () => {
    const {calls} = await page({[REDEEM]: ['redeemed', 'refused', 'redeemed'], [LIST]: [issued()]});
    await said('3 EUR off');
    for (const text of ['This is your code:', 'You do not have enough points', 'This is your code:']) {
      click(button('Use 30 points'));
      await said(text);
    }
    // What was refused, too: the key was looked at, and nothing has happened.
    const keys = calls.map((one) => one.headers['Idempotency-Key']).filter(Boolean);
    expect(new Set(keys).size).toBe(3);
  });

  test.each<[string, Record<string, Reply[]>, string]>([
    ['a guest', {[TOKEN]: ['token_of_guest']}, 'Please log in to use your points.'],
    ['a pause', {[REDEEM]: ['paused']}, 'Points cannot be used at the moment; they stay yours.'],
    ['too few points', {[REDEEM]: ['refused']}, 'You do not have enough points for this reward any more.'],
    ['no answer for the token', {[TOKEN]: ['lost']}, 'it counts only once'],
    ['an answer that is none', {[REDEEM]: [{status: 200, body: {ok: true}}]}, 'it counts only once'],
    ['a refusal without words', {[REDEEM]: [{status: 409, body: {code: 'of-tomorrow'}}]}, 'That did not work.'],
  ])('says what became of it: %s', async (_, replies, text) => {
    await page(replies);
    await said('3 EUR off');
    click(button('Use 30 points'));
    await said(text);
    expect(words()).toContain('320 points ready to use');
  });

  test('a perk has no code', async () => {
    await page({[REDEEM]: ['redeemed_perk'], [LIST]: [issued()]});
    await said('A tour of the roastery');
    click(button('Use 40 points'));
    await said('You see what becomes of it under your vouchers.');
  });

  test('a slider asks for its steps, and takes no other number', async () => {
    const {calls} = await page({'POST /v1/me/examine': ['examined'], [REDEEM]: ['redeemed'], [LIST]: [issued()]});
    await said('Money off as you like');
    click(button('Choose how many'));
    const field = await until(() => document.querySelector('s-number-field'));
    const offered = spoken.examined.body.rewards.find((one: any) => one.reward === 'slide');
    expect(['min', 'max', 'step'].map((name) => Number(field.getAttribute(name)))).toEqual([
      offered.least_points,
      offered.most_points,
      offered.step_points,
    ]);
    for (const wrong of ['15', '0', '-10', '1.5', '99999', '']) {
      type(field, wrong);
      await said('Please choose another number of points.');
      expect(calls.filter((one) => one.path === '/v1/me/redemptions')).toEqual([]);
    }
    type(field, '50');
    click(await until(() => find('Use 50 points')));
    await said('This is your code:');
    const acted = calls.filter((one) => one.method === 'POST' && one.path === '/v1/me/redemptions');
    expect(acted.map((one) => one.body)).toEqual([{reward: 'slide', points: 50}]);
  });

  test('without the programme nothing can be pressed', async () => {
    await page({}, null);
    await said('3 EUR off');
    expect([...document.querySelectorAll('s-button')].filter((one) => one.textContent?.startsWith('Use'))).toEqual([]);
  });

  test('guests and new customers see how it works', async () => {
    await page({[OWN]: [own(null)]});
    await said('How it works');
    keep('account-page-empty');
  });

  test('hostile names and huge numbers are text and exact', async () => {
    const evil = '<img src=x onerror=alert(1)>"\'&{{points}}';
    const huge = {available: 9007199254740991, programme: {name: evil, version: 1}};
    await page({[OWN]: [own(changed('summary', huge))]});
    await said('9,007,199,254,740,991 points ready to use');
    expect(document.querySelector('img')).toBeNull();
    expect(words()).toContain(evil);
  });
});
