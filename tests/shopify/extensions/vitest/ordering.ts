/** Checkout, thank-you page and order status with goods in them. */

import {vi} from 'vitest';

import {spoken} from './service';
import {put} from './surface';

export const eur = (amount: number) => ({amount, currencyCode: 'EUR' as const});

/** Two lines of 20 and 30 euros, shipping of 4.90, prices with 19 % tax in them unless it is said otherwise. */
export interface Sold {
  lines?: [number, string?][];
  shipping?: number | null;
  tax?: number | null;
  total?: number;
  discounts?: {type: 'code' | 'automatic'; amount: number}[];
  giftCards?: number[];
  giftCardProducts?: string[];
  /** Products that Shopify says nothing of. */
  unknown?: string[];
  currency?: string;
  credit?: number | null;
}

const id = (kind: string, number: string) => `gid://shopify/${kind}/${number}`;
export const entries = (summary: string | null, programme: string | null = spoken.programme) => [
  ...(summary === null ? [] : [entry('customer', 'summary', summary)]),
  ...(programme === null ? [] : [entry('shop', 'programme', programme)]),
];
const entry = (type: string, key: string, value: string) => ({
  target: {type, id: `gid://shopify/${type}/1`},
  metafield: {namespace: '$app', key, value, valueType: 'json_string', type: 'json'},
});

/** Puts it into a mock of the surface. */
export function fill(shopify: any, summary: string | null, sold: Sold = {}, programme: string | null = spoken.programme) {
  const lines = sold.lines ?? [[20, '11'], [30, '12']];
  const goods = lines.reduce((sum, [amount]) => sum + amount, 0);
  const shipping = sold.shipping === undefined ? 4.9 : sold.shipping;
  const off = (sold.discounts ?? []).reduce((sum, one) => sum + one.amount, 0);
  const tax = sold.tax === undefined ? 0 : sold.tax;
  shopify.appMetafields.value = entries(summary, programme);
  shopify.lines.value = lines.map(([amount, product = '11'], at) => ({
    id: id('CartLine', String(at)),
    quantity: 1,
    merchandise: {
      type: 'variant',
      id: id('ProductVariant', `9${product}`),
      sku: '',
      product: {id: id('Product', product)},
    },
    cost: {totalAmount: eur(amount)},
    discountAllocations: [],
  }));
  shopify.cost.totalShippingAmount.value = shipping === null ? undefined : eur(shipping);
  shopify.cost.totalTaxAmount.value = tax === null ? undefined : eur(tax);
  shopify.cost.totalAmount.value = eur(sold.total ?? Math.round((goods - off + (shipping ?? 0)) * 100) / 100);
  shopify.discountAllocations.value = (sold.discounts ?? []).map(({type, amount}) => ({
    type,
    code: 'X',
    discountedAmount: eur(amount),
  }));
  shopify.appliedGiftCards.value = (sold.giftCards ?? []).map((amount) => ({amountUsed: eur(amount)}));
  const accounts = sold.credit ? [{balance: eur(sold.credit)}] : [];
  const customer = signal(summary === null ? undefined : {storeCreditAccounts: accounts});
  put(shopify, {buyerIdentity: sold.credit === null ? undefined : {customer}});
  const ids = [...new Set(lines.map(([, product = '11']) => product))];
  shopify.query = vi.fn().mockResolvedValue({
    data: {
      shop: {paymentSettings: {currencyCode: sold.currency ?? 'EUR'}},
      nodes: ids.map((one) =>
        sold.unknown?.includes(one)
          ? null
          : {id: id('Product', one), isGiftCard: (sold.giftCardProducts ?? []).includes(one)},
      ),
    },
  });
}

export function signal<Value>(value: Value) {
  return {value, subscribe: () => () => undefined};
}
