/** Blocks in the admin, and what is shown at a till. */

import {setUpExtension} from '@shopify/ui-extensions-tester';
import {afterEach, describe, expect, test, vi} from 'vitest';

import {signal} from './ordering';
import {changed, graphql, network, spoken, type Reply} from './service';
import {button, click, find, i18nOf, keep, put, said, settledBody, type, until, words} from './surface';

const ADJUST = 'POST /v1/shopify/adjust';
const ORDER = 'POST /v1/shopify/order';
const TILL = 'POST shopify:admin/api/2026-07/graphql.json';
let current: {[Symbol.dispose](): void} | null = null;
afterEach(() => {
  current?.[Symbol.dispose]();
  current = null;
});

function drawer() {
  const kept = new Map<string, unknown>();
  return {
    get: async (name: string) => kept.get(name),
    set: async (name: string, value: unknown) => void kept.set(name, value),
    delete: async (name: string) => kept.delete(name),
  };
}

async function opened(target: any, folder: string, prepare: (shopify: any) => void, replies: Record<string, Reply[]>, language = 'en') {
  vi.resetModules();
  const extension = setUpExtension(target, {configSearchDir: `${process.cwd()}/extensions/${folder}`});
  current = extension;
  const heard = network(replies);
  extension.fetch = heard.answer as typeof fetch;
  const shopify = extension.shopify as any;
  shopify.i18n = i18nOf(folder, language);
  prepare(shopify);
  await extension.render();
  return {...heard, shopify};
}

const field = (value: string | null) => value && {value};
const shop = {programme: {value: spoken.programme}};

describe('a customer in the admin', () => {
  const customer = (summary: string | null, replies: Record<string, Reply[]> = {}, language = 'en', change?: (shopify: any) => void) =>
    opened(
      'admin.customer-details.block.render',
      'belong-admin',
      (shopify) => {
        shopify.data = {selected: [{id: 'gid://shopify/Customer/7'}]};
        shopify.query = vi.fn().mockResolvedValue({data: {customer: {summary: field(summary)}, shop}});
        shopify.auth = {idToken: async () => 'an-id-token'};
        shopify.storage = drawer();
        change?.(shopify);
      },
      replies,
      language,
    );
  const filled = async (points: string, reason: string) => {
    type(await until(() => document.querySelector('s-number-field')), points);
    type(document.querySelector('s-text-field')!, reason);
    await settledBody();
  };

  test('numbers come from Shopify', async () => {
    const {calls, shopify} = await customer(spoken.summary);
    await said('Available: 320 points');
    expect(words()).toContain('Tier: Silver');
    expect(words()).toContain('250 points for order');
    expect(shopify.query.mock.calls[0][1]).toEqual({variables: {id: 'gid://shopify/Customer/7'}});
    expect(calls).toEqual([]);
    keep('admin-customer');
  });

  test('giving happens once for a press, and asks for a number and a reason first', async () => {
    const {calls} = await customer(spoken.summary, {[ADJUST]: ['adjusted']});
    await said('Available: 320 points');
    for (const [points, reason] of [['', 'late'], ['10', ' '], ['1.5', 'late'], ['0', 'late'], ['1e3', 'late']]) {
      await filled(points!, reason!);
      click(button('Change points'));
    }
    expect(calls).toEqual([]);
    await filled('10', 'late');
    [1, 2, 3].forEach(() => click(button('Change points')));
    await said('Done. Available now: 260 points.');
    // One number in one place, before Shopify has been told.
    expect(words()).toContain('Available: 260 points');
    expect(words()).not.toContain('Available: 320');
    expect(calls.map((one) => [one.path, one.headers.Authorization])).toEqual([['/v1/shopify/adjust', 'Bearer an-id-token']]);
    const {key, ...asked} = calls[0]!.body;
    expect(asked).toEqual({customer: '7', points: 10, reason: 'late'});
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    keep('admin-customer-done');
  });

  test('a lost reply keeps the key and what was written; another number is another deed', async () => {
    const replies: Reply[] = ['lost', 'adjusted_again', 'adjusted'];
    const {calls} = await customer(spoken.summary, {[ADJUST]: replies});
    await said('Available: 320 points');
    await filled('10', 'late');
    click(button('Change points'));
    await said('it counts only once');
    click(button('Change points'));
    await said('Done. Available now');
    await filled('10', 'late');
    click(button('Change points'));
    await until(() => calls.length === 3);
    const [first, second, third] = calls.map((one) => one.body.key);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  test.each<[string, Reply, string]>([
    ['too many for a shop', 'adjust_refused', 'So many points need a second person: use the console.'],
    ['somebody who is no staff', 'not_staff', 'You may not do this'],
    ['a refusal without words here', {status: 200, body: {...spoken.adjust_refused.body, code: 'of-tomorrow', problem: 'Words of the service.'}}, 'Words of the service.'],
  ])('says why not: %s', async (_, reply, text) => {
    await customer(spoken.summary, {[ADJUST]: [reply]});
    await said('Available: 320 points');
    await filled('200', 'late');
    click(button('Change points'));
    await said(text);
    // What was written stays.
    expect((document.querySelector('s-number-field') as any).value).toBe('200');
  });

  test.each<[string, (shopify: any) => void, string | null, string]>([
    ['is no member', () => undefined, null, 'This customer has no points yet, or is no member.'],
    ['cannot be read', (s) => (s.query = vi.fn().mockRejectedValue(new Error())), null, 'The points cannot be read at the moment.'],
    ['was told of by a newer version', () => undefined, changed('summary', {schema: 3}), 'Deploy the newest version of the app.'],
    ['has left', () => undefined, changed('summary', {status: 'left'}), 'This customer has left the programme.'],
  ])('a customer who %s', async (_, change, summary, text) => {
    await customer(summary, {}, 'en', change);
    await said(text);
    expect(find('Change points')).toBeUndefined();
  });

  test('without access to the app nothing is sent', async () => {
    const {calls} = await customer(spoken.summary, {}, 'en', (s) => (s.auth = {idToken: async () => null}));
    await said('Available: 320 points');
    await filled('10', 'late');
    click(button('Change points'));
    await said('You may not do this');
    expect(calls).toEqual([]);
  });
});

describe('an order in the admin', () => {
  const order = (data: unknown, replies: Record<string, Reply[]> = {}, language = 'en') =>
    opened(
      'admin.order-details.block.render',
      'belong-admin',
      (shopify) => {
        shopify.data = {selected: [{id: 'gid://shopify/Order/5123'}]};
        shopify.query = vi.fn().mockResolvedValue({data});
        shopify.auth = {idToken: async () => 'an-id-token'};
        shopify.storage = drawer();
      },
      replies,
      language,
    );
  const known = {order: {customer: {summary: field(spoken.summary)}}, shop};

  test('says its points, and why when it is asked', async () => {
    const {calls} = await order(known, {[ORDER]: ['order']});
    await said('Points of this order: 50 points');
    expect(calls).toEqual([]);
    keep('admin-order');
    [1, 2].forEach(() => click(button('Why these points?')));
    await said('Goods that count');
    expect(words()).toContain(spoken.order.body.entries[0].why);
    expect(calls.map((one) => one.body)).toEqual([{id: '5123', language: 'en'}]);
    keep('admin-order-why');
  });

  test.each(['unknown', 'guest', 'nothing', 'pending', 'available', 'gone', 'of tomorrow'])('a state of %s', async (state) => {
    const body = {...spoken.order.body, state, entries: [], why_not: ['Test orders earn nothing.']};
    await order({order: {customer: null}, shop}, {[ORDER]: [{status: 200, body}]});
    await said('This customer has no points yet');
    click(button('Why these points?'));
    await said('Test orders earn nothing.');
  });

  test('no answer is no wrong one', async () => {
    await order(known, {[ORDER]: ['lost']});
    await said('Points of this order');
    click(button('Why these points?'));
    await said('There was no answer.');
    expect(find('Why these points?')).toBeDefined();
  });

  test('asks in the language of who reads', async () => {
    const {calls} = await order(known, {[ORDER]: ['order']}, 'zh-TW');
    await until(() => words().includes('50'));
    click(button('為什麼是這些點數？'));
    await until(() => calls.length);
    expect(calls[0]!.body.language).toBe('zh-Hant');
  });
});

describe('at the till', () => {
  const till = (target: string, summary: string | null, customer: number | undefined, change?: (shopify: any) => void, language = 'en') =>
    opened(
      target,
      'belong-pos',
      (shopify) => {
        shopify.cart = {
          current: signal({customer: customer === undefined ? undefined : {id: customer}}),
          addCartCodeDiscount: vi.fn().mockResolvedValue(undefined),
        };
        put(shopify, {action: {presentModal: vi.fn()}, customer: {id: 7}});
        change?.(shopify);
      },
      {[TILL]: [graphql({customer: {summary: field(summary)}, shop})]},
      language,
    );
  const withVoucher = changed('summary', {
    vouchers: [{...JSON.parse(spoken.summary_after).vouchers[0], name: '3 EUR off', state: 'issued', code: 'ABCD-EFGH', ends_at: null}],
  });
  const tile = (name: string) => document.querySelector('s-tile')!.getAttribute(name);

  test('the tile says how many points the customer of the cart has', async () => {
    const {calls, shopify} = await till('pos.home.tile.render', spoken.summary, 7);
    await until(() => tile('subheading') === '320 points');
    expect(calls[0]!.body.variables).toEqual({id: 'gid://shopify/Customer/7'});
    click(document.querySelector<HTMLElement>('s-tile')!);
    expect(shopify.action.presentModal).toHaveBeenCalledOnce();
    keep('pos-tile');
  });

  test.each<[string, string | null, number | undefined, string]>([
    ['nobody is in the cart', null, undefined, 'Add a customer to the cart'],
    ['they are no member', null, 7, 'This customer has no points yet, or is no member.'],
    ['they have left', changed('summary', {status: 'left'}), 7, 'This customer takes no part in the programme.'],
    ['a newer version told it', changed('summary', {schema: 3}), 7, 'Deploy the newest version of the app.'],
  ])('the tile where %s', async (_, summary, customer, text) => {
    const {calls} = await till('pos.home.tile.render', summary, customer);
    await until(() => tile('subheading')?.includes(text));
    expect(calls.length).toBe(customer === undefined ? 0 : 1);
  });

  test('a code goes into the cart once', async () => {
    const {shopify} = await till('pos.home.modal.render', withVoucher, 7);
    await said('Available: 320 points');
    await said('3 EUR off: ABCD-EFGH');
    keep('pos-modal');
    [1, 2].forEach(() => click(button('Put into the cart')));
    await said('3 EUR off is in the cart.');
    expect(shopify.cart.addCartCodeDiscount.mock.calls).toEqual([['ABCD-EFGH']]);
  });

  test('a code that does not fit is said', async () => {
    await till('pos.home.modal.render', withVoucher, 7, (shopify) => {
      shopify.cart.addCartCodeDiscount = vi.fn().mockRejectedValue(new Error('no'));
    });
    await said('ABCD-EFGH');
    click(button('Put into the cart'));
    await said('The code ABCD-EFGH does not fit this cart.');
  });

  test('a customer who is looked at keeps their codes out of another cart', async () => {
    await till('pos.customer-details.block.render', withVoucher, 8);
    await said('3 EUR off: ABCD-EFGH');
    expect(find('Put into the cart')).toBeUndefined();
    keep('pos-customer');
  });

  test('the modal without a customer asks nobody', async () => {
    const {calls} = await till('pos.home.modal.render', null, undefined);
    await said('Add a customer to the cart');
    expect(calls).toEqual([]);
  });
});
