/** Where the customer's account asks by whose code somebody came. */

import {setUpExtension} from '@shopify/ui-extensions-tester';
import {createStorage} from '@shopify/ui-extensions-tester/customer-account';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';

import {graphql, network, spoken, TOKEN, type Reply} from './service';
import {find, i18nOf, keep, said, settledBody, type, until, words} from './surface';

const OWN = 'POST shopify://customer-account/api/2026-07/graphql.json';
const ENTER = 'POST /v1/me/referred-by';
const ASKS = 'Were you invited?';
const LANGUAGES = ['en', 'de', 'es', 'zh-CN', 'zh-TW'];
const DAY_MS = 24 * 60 * 60 * 1000;
const ANSWERS = ['taken', 'own', 'not_counted', 'unknown', 'already', 'too_many'];

let current: {[Symbol.dispose](): void} | null = null;
beforeEach(() => vi.spyOn(console, 'error').mockImplementation((...told) => expect(told).toEqual([])));
afterEach(() => {
  current?.[Symbol.dispose]();
  current = null;
});

async function opened(
  replies: Record<string, Reply[]> = {},
  {summary = spoken.summary_new as string, programme = spoken.programme as string | null, language = 'en'} = {},
) {
  vi.resetModules();
  const folder = 'belong-account-page';
  const extension = setUpExtension('customer-account.page.render', {
    configSearchDir: `${process.cwd()}/extensions/${folder}`,
  });
  const own = graphql({customer: {summary: {value: summary}}});
  const heard = network({[OWN]: [own], [TOKEN]: ['token'], ...replies});
  extension.fetch = heard.answer as typeof fetch;
  extension.shopify.i18n = i18nOf(folder, language);
  extension.shopify.query = vi.fn().mockResolvedValue({data: {shop: {programme: programme && {value: programme}}}});
  extension.shopify.storage = createStorage();
  extension.shopify.sessionToken = {get: async () => 'a-session-token'};
  await extension.render();
  current = extension;
  return heard;
}

const field = () => document.querySelector('s-text-field') as any;
const form = () => document.querySelector('s-form')!;
const enter = () => form().dispatchEvent(new Event('submit', {cancelable: true}));
const has = (one: any, name: string) => one?.[name] ?? one?.getAttribute(name) ?? '';
const error = () => has(field(), 'error');
const entered = (calls: {path: string; body: unknown}[]) =>
  calls.filter((one) => one.path === '/v1/me/referred-by').map((one) => one.body);
const referral = (parts: Record<string, unknown>) => {
  const snapshot = JSON.parse(spoken.summary_new);
  return JSON.stringify({...snapshot, referral: {...snapshot.referral, ...parts}});
};
/** What the extension's locales say of an answer that came at a moment. */
function sentence(of: string, language: string, now = Date.now()): string {
  const {status, body} = spoken[`invited_${of}`];
  const key = status === 200 ? body.outcome : body.code;
  const seconds = body.numbers?.retry_after_seconds ?? 0;
  const at = new Date(Math.ceil((now + seconds * 1000) / 60_000) * 60_000);
  const i18n = i18nOf('belong-account-page', language);
  const {points_name: names} = JSON.parse(spoken.programme);
  const name = names[i18n.translate('language')][1];
  return i18n.translate(`invited.${key}`, {
    points: i18n.translate('points', {number: '50', name}),
    time: new Intl.DateTimeFormat(language, {timeStyle: 'short'}).format(at),
  });
}

describe('who is asked', () => {
  test('whoever takes part, came by nobody and has not ordered', async () => {
    const {calls} = await opened();
    await said(ASKS);
    expect(has(field(), 'label')).toBe('Your friend’s code');
    const button = find('Enter the code')! as any;
    // Pressed or by the Enter key, it is the form that is sent.
    expect([has(button, 'type'), form().contains(button), form().contains(field())]).toEqual([
      'submit',
      true,
      true,
    ]);
    expect(error()).toBe('');
    expect(calls.map((one) => one.path)).toEqual(['shopify://customer-account/api/2026-07/graphql.json']);
    keep('account-page-invited');
  });

  test.each<[string, Parameters<typeof opened>[1]]>([
    ['who has ordered', {summary: spoken.summary}],
    ['who came by a code', {summary: spoken.summary_came}],
    ['whom an older service tells of', {summary: referral({takes_code: undefined})}],
    ['whom something else tells of', {summary: referral({takes_code: 'yes'})}],
    ['who cannot reach the service', {programme: JSON.stringify({...JSON.parse(spoken.programme), api: null})}],
    ['whose shop does not say where it is', {programme: null}],
  ])('not %s', async (_, given) => {
    await opened({}, given);
    await said('What happened, and why');
    await settledBody();
    expect(words()).toContain('Invite friends');
    expect(words()).not.toContain(ASKS);
    expect(field()).toBeNull();
  });
});

describe('what is entered', () => {
  test('is sent once however often it is pressed, and taken', async () => {
    const {calls} = await opened({[ENTER]: ['invited_taken']});
    await said(ASKS);
    type(field(), '  kimt-ea42 ');
    [1, 2, 3].forEach(enter);
    await said('Thank you! You get 50 points once your first order counts.');
    await settledBody();
    expect(entered(calls)).toEqual([{code: 'kimt-ea42'}]);
    expect(calls.find((one) => one.path === '/v1/me/referred-by')!.headers.Authorization).toBe(
      `Bearer ${spoken.token.body.token}`,
    );
    expect(field()).toBeNull();
    expect(document.querySelector('s-banner')!.textContent).toContain('Thank you!');
    keep('account-page-invited-taken');
  });

  test('shows that it is under way, and cannot be changed until it is answered', async () => {
    let answer = (_: Response) => {};
    const waiting = new Promise<Response>((resolve) => (answer = resolve));
    await opened();
    await said(ASKS);
    const usual = fetch;
    (current as any).fetch = async (address: string, init: RequestInit) =>
      String(address).endsWith('/v1/me/referred-by') ? waiting : usual(address, init);
    type(field(), 'KIMTEA42');
    enter();
    const button = find('Enter the code')! as any;
    await until(() => has(button, 'loading') && has(field(), 'readOnly'));
    answer(new Response(JSON.stringify(spoken.invited_unknown.body), {status: spoken.invited_unknown.status}));
    await until(() => error() === sentence('unknown', 'en'));
    expect([has(button, 'loading'), has(field(), 'readOnly')].filter((one) => one !== false && one !== '')).toEqual([]);
  });

  test.each(LANGUAGES.flatMap((language) => ANSWERS.map((of) => [of, language])))('%s: in words, in %s', async (of, language) => {
    const {calls} = await opened({[ENTER]: [`invited_${of}`]}, {language});
    await until(() => field());
    type(field(), 'KIMTEA42');
    enter();
    const pressed = Date.now();
    // It may have come a minute later than it was asked for.
    const told = await until(() => [pressed, Date.now()].map((now) => sentence(of, language, now)).find((one) => words().includes(one)));
    expect(entered(calls)).toEqual([{code: 'KIMTEA42'}]);
    const isOver = ['taken', 'already'].includes(of);
    // What can be tried anew stands there still, with the sentence beside it.
    expect([field()?.value, isOver || error()]).toEqual(
      isOver ? [undefined, true] : ['KIMTEA42', told],
    );
    if (of === 'unknown') {
      keep(language === 'en' ? 'account-page-invited-unknown' : `account-page-invited-unknown-${language}`);
    }
  });

  test('too many: it says from which minute on there is another try', async () => {
    const {status, body} = spoken.invited_too_many;
    expect([status, body.code, body.numbers.retry_after_seconds > 3500]).toEqual([429, 'too-many-codes', true]);
    await opened({[ENTER]: ['invited_too_many']});
    await said(ASKS);
    type(field(), 'KIMTEA42');
    const pressed = Date.now();
    enter();
    await until(() => error() !== '');
    const [, hour, minute, half] = /after (\d+):(\d\d)\s([AP])M\.$/.exec(error())!;
    const told = (((Number(hour) % 12) + (half === 'P' ? 12 : 0)) * 60 + Number(minute)) * 60_000;
    const possible = (pressed + body.numbers.retry_after_seconds * 1000) % DAY_MS;
    // Not before it is possible, and not later than the minute after; midnight may lie between.
    expect((told - possible + DAY_MS) % DAY_MS).toBeLessThan(120_000);
  });

  test.each<[string, Record<string, Reply[]>, string]>([
    ['nobody answers', {[ENTER]: ['lost']}, 'it counts only once'],
    ['the service is down', {[ENTER]: [{status: 503, body: {}}]}, 'it counts only once'],
    ['nobody gives a token', {[TOKEN]: ['lost']}, 'it counts only once'],
    ['an outcome of tomorrow comes', {[ENTER]: [{status: 200, body: {outcome: 'of-tomorrow'}}]}, 'it counts only once'],
    ['who asks is a guest to our service', {[TOKEN]: ['token_of_guest']}, 'Please log in'],
    ['it was too fast', {[ENTER]: [{status: 429, body: {}}]}, 'That was a little fast.'],
    ['no time is told', {[ENTER]: [{status: 429, body: {code: 'too-many-codes'}}]}, 'Please try again later.'],
    ['it has no words', {[ENTER]: [{status: 409, body: {code: 'no-referrals'}}]}, 'That did not work.'],
  ])('stays in the field, with why beside it, where %s', async (_, replies, text) => {
    await opened(replies);
    await said(ASKS);
    type(field(), 'KIMTEA42');
    enter();
    await until(() => error().includes(text));
    expect(field().value).toBe('KIMTEA42');
  });

  test('can be mended: the sentence goes with the first letter, and the next press counts', async () => {
    const {calls} = await opened({[ENTER]: ['invited_unknown', 'invited_taken']});
    await said(ASKS);
    type(field(), 'NOBODYS0');
    enter();
    await until(() => error() === sentence('unknown', 'en'));
    type(field(), 'KIMTEA42');
    await until(() => error() === '');
    enter();
    await said('Thank you!');
    expect(entered(calls)).toEqual([{code: 'NOBODYS0'}, {code: 'KIMTEA42'}]);
  });

  test.each(['', '   '])('nothing is sent where there is nothing (%j)', async (typed) => {
    const {calls} = await opened({[ENTER]: ['invited_taken']});
    await said(ASKS);
    type(field(), typed);
    enter();
    await until(() => error() === 'Please enter the code that a friend gave you.');
    expect(entered(calls)).toEqual([]);
  });

  test('hostile text is text', async () => {
    const evil = '<img src=x onerror=alert(1)>"{{points}}';
    const {calls} = await opened({[ENTER]: ['invited_unknown']});
    await said(ASKS);
    type(field(), evil);
    enter();
    await until(() => error() !== '');
    expect(entered(calls)).toEqual([{code: evil}]);
    expect(document.querySelector('img')).toBeNull();
  });
});
