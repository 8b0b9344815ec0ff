/** What an order earns: at the checkout, after it, and in the order's status. */

import {setUpExtension} from '@shopify/ui-extensions-tester';
import {createStorage} from '@shopify/ui-extensions-tester/checkout';
import {afterEach, describe, expect, test, vi} from 'vitest';

import {entries, fill, signal, type Sold} from './ordering';
import {changed, issued, LIST, network, REDEEM, spoken, TOKEN, type Reply} from './service';
import {button, click, find, i18nOf, keep, put, said, settledBody, until, words} from './surface';

type Target =
  | 'purchase.checkout.block.render'
  | 'purchase.thank-you.block.render'
  | 'customer-account.order-status.block.render';
let current: {[Symbol.dispose](): void} | null = null;
afterEach(() => {
  current?.[Symbol.dispose]();
  current = null;
});

async function opened(target: Target, prepare: (shopify: any) => void, replies: Record<string, Reply[]> = {}, language = 'en') {
  vi.resetModules();
  const folder = target.startsWith('purchase') ? 'belong-checkout' : 'belong-account';
  const extension = setUpExtension(target, {configSearchDir: `${process.cwd()}/extensions/${folder}`});
  current = extension;
  const heard = network(replies);
  extension.fetch = heard.answer as typeof fetch;
  const shopify = extension.shopify as any;
  shopify.i18n = i18nOf(folder, language);
  shopify.storage = createStorage();
  shopify.sessionToken = {get: async () => 'a-session-token'};
  prepare(shopify);
  await extension.render();
  return {...heard, shopify};
}

const checkout = (summary: string | null, sold: Sold = {}, replies: Record<string, Reply[]> = {}, change?: (shopify: any) => void) =>
  opened(
    'purchase.checkout.block.render',
    (shopify) => {
      fill(shopify, summary, sold);
      shopify.instructions = signal({discounts: {canUpdateDiscountCodes: true}});
      shopify.discountCodes = signal([]);
      shopify.applyDiscountCodeChange = vi.fn().mockResolvedValue({type: 'success'});
      change?.(shopify);
    },
    replies,
  );

// Silver members get 1.5 points for a euro, goods without tax.
describe('the checkout', () => {
  test.each<[string, Sold, string | null]>([
    ['no tax', {}, '75 points'],
    ['tax on top', {tax: 9.5, total: 64.4}, '75 points'],
    ['tax in the prices, and nothing to ship', {tax: 7.98, shipping: 0}, '63 points'],
    ['tax in the prices, some of it of the shipping', {tax: 8.77}, 'at least 61 points'],
    ['a tax that is not known yet', {tax: null}, 'up to 75 points'],
    ['a tip that looks like a tax', {tax: 5, total: 57.9}, 'at least 67 points'],
    ['a discount on all of it', {discounts: [{type: 'automatic', amount: 10}]}, '60 points'],
    ['a code that may be points', {discounts: [{type: 'code', amount: 10}]}, '60 points'],
    ['a gift card among the goods', {giftCardProducts: ['12']}, '30 points'],
    ['goods that may be a gift card', {unknown: ['12']}, 'at least 30 points'],
    ['a gift card that pays a part', {shipping: 0, giftCards: [25]}, '37 points'],
    ['store credit that may pay', {credit: 5}, 'up to 75 points'],
    ['no word of store credit', {credit: null}, 'up to 75 points'],
    ['another currency than the shop counts in', {currency: 'USD'}, null],
    ['an amount that is none', {lines: [[20.001, '11']]}, null],
    ['nothing', {lines: [], shipping: 0}, null],
  ])('says what is sure with %s', async (_, sold, amount) => {
    await checkout(spoken.summary, sold);
    if (amount === null) {
      await settledBody();
      expect(words()).not.toContain('You earn');
    } else {
      await said(`You earn ${amount} with this order.`);
    }
  });

  test('says nothing that Shopify has not answered', async () => {
    await checkout(spoken.summary, {}, {}, (shopify) => (shopify.query = vi.fn().mockRejectedValue(new Error('x'))));
    await settledBody();
    expect(words()).not.toContain('You earn');
  });

  test.each<[string, string | null, Partial<Record<'enrolment', string>>, string | null]>([
    ['a guest', null, {}, 'Members earn 50 points with this order.'],
    ['a guest where one has to agree first', null, {enrolment: 'consent'}, null],
    ['who has left', changed('summary', {status: 'left'}), {}, null],
    ['a snapshot of tomorrow', changed('summary', {schema: 3}), {}, null],
  ])('tells %s', async (_, summary, parts, text) => {
    await checkout(summary, {}, {}, (shopify) => {
      shopify.appMetafields.value = entries(summary, changed('programme', parts));
    });
    if (text === null) {
      expect(await settledBody()).toBe('');
    } else {
      await said(text);
      expect(document.querySelector('s-button')).toBeNull();
      keep('checkout-guest');
    }
  });

  test('a paused programme promises nothing and takes no points', async () => {
    await checkout(changed('summary_paused', {vouchers: []}));
    await settledBody();
    expect(words()).toBe('');
  });

  test('vouchers are put in once, and asks nobody of ours', async () => {
    const voucher = {...JSON.parse(spoken.summary_after).vouchers.find((one: any) => one.kind === 'amount')};
    const vouchers = [
      {...voucher, state: 'issued', code: 'ABCD-EFGH', ends_at: '2099-01-01T00:00:00Z'},
      {...voucher, id: 'over', state: 'issued', code: 'OVER-OVER', ends_at: '2020-01-01T00:00:00Z'},
    ];
    const {calls, shopify} = await checkout(changed('summary', {vouchers}));
    await said('You earn 75 points');
    keep('checkout-member');
    [1, 2].forEach(() => click(button('Use')));
    await until(() => shopify.applyDiscountCodeChange.mock.calls.length);
    await settledBody();
    expect(shopify.applyDiscountCodeChange.mock.calls).toEqual([[{type: 'addDiscountCode', code: 'ABCD-EFGH'}]]);
    expect([words().includes('OVER'), calls]).toEqual([false, []]);
  });

  test('a voucher that is in the order is said to be, and one that does not fit is not', async () => {
    const [voucher] = JSON.parse(spoken.summary_after).vouchers;
    const vouchers = [{...voucher, name: '3 EUR off', state: 'issued', code: 'abcd-efgh', ends_at: null}];
    await checkout(changed('summary', {vouchers}), {}, {}, (shopify) => (shopify.discountCodes = signal([{code: 'ABCD-EFGH'}])));
    await said('3 EUR off is in this order.');
    current?.[Symbol.dispose]();
    await checkout(changed('summary', {vouchers}), {}, {}, (shopify) => {
      shopify.applyDiscountCodeChange = vi.fn().mockResolvedValue({type: 'error', message: 'no'});
    });
    await said('3 EUR off');
    click(button('Use'));
    await said('The code abcd-efgh does not fit this order');
  });

  test('points become a code that goes into the order once the shop has it', async () => {
    const {calls, shopify} = await checkout(spoken.summary, {}, {[TOKEN]: ['token'], [REDEEM]: ['redeemed'], [LIST]: ['redemptions', issued()]});
    await said('You have 320 points to spend.');
    expect(words()).not.toContain('A tour of the roastery');
    [1, 2].forEach(() => click(button('Use 30 points')));
    await said('The shop will take this code in a moment:');
    expect(shopify.applyDiscountCodeChange).not.toHaveBeenCalled();
    const {code} = spoken.redeemed.body;
    await said(`and ${code} is in this order.`);
    expect(shopify.applyDiscountCodeChange.mock.calls).toEqual([[{type: 'addDiscountCode', code}]]);
    expect(calls.filter((one) => one.headers['Idempotency-Key']).length).toBe(1);
    expect(words()).not.toContain('You have 320');
    keep('checkout-redeemed');
  });

  test('a code that does not fit stays the shopper\'s', async () => {
    await checkout(spoken.summary, {}, {[TOKEN]: ['token'], [REDEEM]: ['redeemed'], [LIST]: [issued()]}, (shopify) => {
      shopify.applyDiscountCodeChange = vi.fn().mockResolvedValue({type: 'error', message: 'no'});
    });
    await said('You have 320 points to spend.');
    click(button('Use 30 points'));
    await said('It stays yours for another one:');
    expect(words()).toContain(spoken.redeemed.body.code);
  });

  test('a checkout that takes no codes offers none', async () => {
    await checkout(spoken.summary, {}, {}, (shopify) => {
      shopify.instructions = signal({discounts: {canUpdateDiscountCodes: false}});
    });
    await said('You earn 75 points');
    expect(document.querySelector('s-button')).toBeNull();
  });
});

const now = () => new Date().toISOString();
const ordered = (number: string, processedAt: string) => ({
  id: `gid://shopify/Order/${number}`,
  name: '#1042',
  processedAt,
  cancelledAt: undefined as string | undefined,
});

describe('after the order', () => {
  const thanked = (summary: string | null, language = 'en') =>
    opened('purchase.thank-you.block.render', (shopify) => {
      fill(shopify, summary);
      shopify.orderConfirmation = signal({order: {id: 'gid://shopify/OrderIdentity/9001'}, isFirstOrder: false});
    }, {}, language);

  test('the thank-you page says what is on its way', async () => {
    const {calls} = await thanked(spoken.summary);
    await said('On the way to you: 75 points.');
    expect(calls).toEqual([]);
    keep('thank-you');
  });

  test('and tells guests how to keep it next time', async () => {
    await thanked(null, 'de');
    await said('Mitglieder sammeln mit so einer Bestellung 50 Punkte');
    keep('thank-you-guest-de');
  });

  const status = (summary: string | null, change: (shopify: any) => void = () => undefined) =>
    opened('customer-account.order-status.block.render', (shopify) => {
      fill(shopify, summary);
      shopify.order = signal(ordered('5123', now()));
      shopify.authenticationState = signal('fully_authenticated');
      // Nobody says here whether there is any store credit.
      put(shopify, {buyerIdentity: {customer: signal({storeCreditAccounts: undefined})}});
      change(shopify);
    });

  test('the status says what the ledger says', async () => {
    const {calls} = await status(spoken.summary);
    await said('You earned 50 points with this order.');
    expect(calls).toEqual([]);
    keep('order-status');
  });

  test('an order that lost its points says why', async () => {
    const [first, ...rest] = JSON.parse(spoken.summary).entries.reverse();
    const back = {...first, n: 9, kind: 'clawback', points: -50, why: '50 points taken back: nothing remains.'};
    await status(changed('summary', {entries: [back, ...rest, first]}));
    await said('50 points taken back: nothing remains.');
  });

  test('where only the newest entries are told, nothing is added up that may be a part', async () => {
    const all = JSON.parse(spoken.summary).entries;
    const entries = all.map((one: any) => ({...one, n: one.n + 100, at: '2026-01-02T00:00:00Z'}));
    const made = (at: string) => (shopify: any) => (shopify.order = signal(ordered('5123', at)));
    await status(changed('summary', {entries}), made('2026-01-01T00:00:00Z'));
    await settledBody();
    expect(words()).toBe('');
    current?.[Symbol.dispose]();
    await status(changed('summary', {entries}), made('2026-01-03T00:00:00Z'));
    await said('You earned 50 points with this order.');
  });

  test.each<[string, (shopify: any) => void, string | null]>([
    ['just made', (s) => (s.order = signal(ordered('1', now()))), 'On the way to you: up to 75 points.'],
    ['cancelled', (s) => (s.order = signal({...ordered('1', now()), cancelledAt: now()})), null],
    ['old', (s) => (s.order = signal(ordered('1', '2026-01-01T00:00:00Z'))), null],
    ['not there yet', (s) => (s.order = signal(undefined)), null],
    ['of another store with the same number', (s) => (s.appMetafields.value = entries(changed('summary', {store: 'shopify:3'}))), 'On the way to you: up to 75 points.'],
  ])('an order that is %s', async (_, change, text) => {
    await status(spoken.summary, change);
    if (text === null) {
      await settledBody();
      expect(words()).toBe('');
    } else {
      await said(text);
    }
  });

  test('who is not signed in is asked to, and sees no number', async () => {
    const login = vi.fn();
    await status(spoken.summary, (shopify) => {
      shopify.authenticationState = signal('pre_authenticated');
      shopify.requireLogin = login;
    });
    await said('Log in to see the points of this order.');
    expect(words()).not.toMatch(/\d/);
    click(button('Log in'));
    expect(login).toHaveBeenCalledOnce();
    keep('order-status-sign-in');
  });

  test('without a programme and a snapshot there is nothing', async () => {
    await status(null, (shopify) => (shopify.appMetafields.value = []));
    expect(await settledBody()).toBe('');
    expect(find('Log in')).toBeUndefined();
  });
});
