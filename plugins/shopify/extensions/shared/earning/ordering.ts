/**
 * The basket of an order as checkout, thank-you page and order status tell it: prices as they are shown, with tax or
 * without, discounts on lines and on the whole, one tax for everything. What cannot be split is a range.
 */

import {exactly, type Basket, type Line, type Range} from './basket';
import {minorOf} from './minor';

export interface Money {
  readonly amount: number;
  readonly currencyCode: string;
}
export interface Discount {
  readonly type: string;
  readonly discountedAmount: Money;
}
export interface OrderLine {
  readonly quantity: number;
  readonly merchandise: {readonly id: string; readonly sku?: string; readonly product: {readonly id: string}};
  readonly cost: {readonly totalAmount: Money};
  readonly discountAllocations: readonly Discount[];
}

/** Values of the surface at one moment. storeCredit: whether some of it may be paid so. */
export interface Ordering {
  readonly lines: readonly OrderLine[];
  readonly shipping: Money | undefined;
  readonly tax: Money | undefined;
  readonly total: Money;
  readonly discounts: readonly Discount[];
  readonly giftCards: readonly {readonly amountUsed: Money}[];
  readonly storeCredit: 'none' | 'perhaps';
}

/** What the shop says of the goods. currency: of its books, in which we count. giftCards: by a product's global id. */
export interface Goods {
  readonly currency: string;
  readonly giftCards: {readonly [product: string]: boolean};
}

// Too large to be exact: whoever reckons with it promises nothing.
const ANY: Range = [0, Number.MAX_SAFE_INTEGER];

/** null where nothing can be reckoned from it: another currency than the shop's own, or amounts that are none. */
export function basketOf(order: Ordering, goods: Goods, giftCardProducts: readonly string[]): Basket | null {
  const currency = order.total.currencyCode;
  const prices = new Map<Line, number>();
  for (const line of order.lines) {
    prices.set(lineOf(line, goods, giftCardProducts), minorIn(currency, line.cost.totalAmount));
  }
  const known = knownOf(order, currency, [...prices.values()]);
  if (currency !== goods.currency || !Object.values(known).every((one) => Number.isSafeInteger(one) && one >= 0)) {
    return null;
  }
  const taxes = taxesOf(known, order.tax !== undefined);
  const priceOf = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + prices.get(line)!, 0);
  const discount = exactly(known.discount);
  const split = (whole: Range, lines: readonly Line[]) => splitOf(whole, known.goods, priceOf(lines));
  const lowered = (lines: readonly Line[], by: readonly Range[]): Range => {
    const off = by.map((one) => split(one, lines));
    const end = (at: 0 | 1) => off.reduce((left, one) => left - one[at ? 0 : 1], priceOf(lines));
    return [Math.max(0, end(0)), Math.max(0, end(1))];
  };
  return {
    currency,
    lines: [...prices.keys()],
    net: (lines) => lowered(lines, [discount, taxes.within]),
    gross: (lines) => added(lowered(lines, [discount]), split(taxes.onTop, lines)),
    list: (lines) => [lowered(lines, [discount, taxes.within])[0], ANY[1]],
    shipping: order.shipping === undefined ? ANY : [Math.max(0, known.shipping - taxes.inShipping), known.shipping],
    total: taxes.total,
    giftCards: exactly(known.giftCards),
    storeCredit: order.storeCredit === 'none' ? exactly(0) : [0, taxes.total],
    coupons: known.coupons,
    channels: ['web'],
    orderTags: null,
    countries: [],
    isWhole: true,
  };
}

function lineOf(line: OrderLine, goods: Goods, giftCardProducts: readonly string[]): Line {
  const product = numberOf(line.merchandise.product.id);
  return {
    product,
    variant: numberOf(line.merchandise.id),
    sku: line.merchandise.sku || null,
    quantity: line.quantity,
    isGiftCard: giftCardProducts.includes(product) || (goods.giftCards[line.merchandise.product.id] ?? null),
    isOnSale: null,
    words: {},
  };
}

/** Shopify's number of a global id. */
function numberOf(id: string): string {
  return id.split('/').pop()!.split('?')[0]!;
}

/** NaN for another currency, or what is no amount of it. */
function minorIn(currency: string, money: Money): number {
  return money.currencyCode === currency ? (minorOf(money.amount, currency) ?? NaN) : NaN;
}

interface Known {
  readonly goods: number;
  readonly discount: number;
  readonly coupons: number;
  readonly shipping: number;
  readonly tax: number;
  readonly giftCards: number;
  readonly total: number;
}

function knownOf(order: Ordering, currency: string, prices: readonly number[]): Known {
  const minor = (money: Money | undefined) => (money ? minorIn(currency, money) : 0);
  const sum = (all: readonly number[]) => all.reduce((found, one) => found + one, 0);
  const all = [...order.discounts, ...order.lines.flatMap((line) => line.discountAllocations)];
  return {
    goods: sum(prices),
    discount: sum(order.discounts.map((one) => minor(one.discountedAmount))),
    coupons: sum(all.filter((one) => one.type === 'code').map((one) => minor(one.discountedAmount))),
    shipping: minor(order.shipping),
    tax: minor(order.tax),
    giftCards: sum(order.giftCards.map((one) => minor(one.amountUsed))),
    total: minor(order.total),
  };
}

/** What of an amount over all goods can fall on some of them. */
function splitOf([least, most]: Range, all: number, part: number): Range {
  return [Math.max(0, least - (all - part)), Math.min(most, part)];
}

function added(one: Range, other: Range): Range {
  return [one[0] + other[0], one[1] + other[1]];
}

interface Taxes {
  /** What of the goods' prices is tax, and what comes on top of them. */
  readonly within: Range;
  readonly onTop: Range;
  /** At most of the shipping's price. */
  readonly inShipping: number;
  readonly total: number;
}

/**
 * Nobody says whether prices hold the tax: the total does, if nothing else is in it. Nor how much of it is of shipping.
 * isReckoned: whether the tax is known yet.
 */
function taxesOf(known: Known, isReckoned: boolean): Taxes {
  const paid = known.goods - known.discount;
  // Some say the total before gift cards pay, some after.
  const totals = [known.total, known.total + known.giftCards];
  const ofGoods: Range = [Math.max(0, known.tax - known.shipping), Math.min(known.tax, Math.max(0, paid))];
  const totalWith = (rest: number) => totals.find((total) => total - paid - known.shipping === rest);
  const onTop = totalWith(known.tax);
  if (isReckoned && onTop !== undefined) {
    return {within: exactly(0), onTop: [ofGoods[0], known.tax], inShipping: 0, total: onTop};
  }
  const within = totalWith(0);
  if (isReckoned && within !== undefined) {
    return {within: ofGoods, onTop: exactly(0), inShipping: known.tax, total: within};
  }
  // Tips, duties, or a tax that is still to be reckoned: of any size.
  const most = isReckoned ? known.tax : Math.max(0, paid);
  return {within: [0, Math.min(most, paid)], onTop: [0, most], inShipping: known.shipping, total: totals[1]!};
}
