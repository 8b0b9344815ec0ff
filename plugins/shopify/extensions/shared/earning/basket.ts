/** What may be ordered, as far as a checkout tells it. Whatever it does not tell is a range. */

/** At least and at most. */
export type Range = readonly [number, number];

export interface Line {
  readonly product: string;
  readonly variant: string | null;
  readonly sku: string | null;
  readonly quantity: number;
  /** null: nobody knows here. */
  readonly isGiftCard: boolean | null;
  readonly isOnSale: boolean | null;
  /** Words of a kind that conditions ask for; a kind that is not there is not known. */
  readonly words: {readonly [field: string]: readonly string[]};
}

export interface Basket {
  readonly currency: string;
  readonly lines: readonly Line[];
  /** What some of the lines cost after discounts, without tax; with it; and before discounts, without tax. */
  readonly net: (lines: readonly Line[]) => Range;
  readonly gross: (lines: readonly Line[]) => Range;
  readonly list: (lines: readonly Line[]) => Range;
  /** Without tax. */
  readonly shipping: Range;
  /** Everything, with tax, before gift cards and store credit pay. */
  readonly total: number;
  readonly giftCards: Range;
  readonly storeCredit: Range;
  /** What codes take off, with tax: some of it may be paid with points. */
  readonly coupons: number;
  readonly channels: readonly string[];
  /** null: nobody knows. */
  readonly orderTags: readonly string[] | null;
  /** Empty: nobody knows. */
  readonly countries: readonly string[];
  /** Whether it is the whole order. If not, nothing is promised that an order as a whole earns. */
  readonly isWhole: boolean;
}

/** What the goods cost after discounts, without tax and gift cards. */
export function goodsOf(basket: Basket): Range {
  const sure = basket.lines.filter((line) => line.isGiftCard === false);
  const perhaps = basket.lines.filter((line) => line.isGiftCard !== true);
  return [basket.net(sure)[0], basket.net(perhaps)[1]];
}

export function isEmpty(basket: Basket): boolean {
  return !basket.lines.some((line) => line.quantity > 0);
}

/** A number where it is sure. */
export function exactly(number: number): Range {
  return [number, number];
}
