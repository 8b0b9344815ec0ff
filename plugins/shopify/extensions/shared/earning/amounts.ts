/** What one rule gives of a basket, before factors and caps: at least and at most. */

import type {Earn, Rule} from '../numbers/programme';
import {exactly, goodsOf, isEmpty, type Basket, type Line, type Range} from './basket';
import {chooses, chosen} from './conditions';
import {placesOf} from './minor';
import {larger, parseRatio, ratio, smaller, times, type Ratio} from './ratio';

/** Exact points of one rule that fires. */
export function given(rule: Rule, earn: Earn, basket: Basket): readonly [Ratio, Ratio] {
  const counted = countedLines(earn, basket);
  const sure = chosen(rule, counted.sure).sure;
  const perhaps = chosen(rule, counted.perhaps).perhaps;
  const ends = [award(rule, earn, basket, sure, 0, 0), award(rule, earn, basket, perhaps, 1, 0)];
  if (basket.coupons) {
    // Nobody knows here what of the codes was points: all of it or nothing.
    ends.push(award(rule, earn, basket, sure, 0, basket.coupons), award(rule, earn, basket, perhaps, 1, basket.coupons));
  }
  return [ends.reduce(smaller), ends.reduce(larger)];
}

/** The lines that exclusions leave. */
function countedLines(earn: Earn, basket: Basket): {sure: Line[]; perhaps: Line[]} {
  const excluded = (line: Line) => [
    earn.excludes.includes('gift_cards') ? line.isGiftCard : false,
    earn.excludes.includes('sale_items') ? line.isOnSale : false,
  ];
  return {
    sure: basket.lines.filter((line) => excluded(line).every((one) => one === false)),
    perhaps: basket.lines.filter((line) => !excluded(line).includes(true)),
  };
}

/** end: 0 for at least, 1 for at most. redeemed: what of the order points paid. */
function award(rule: Rule, earn: Earn, basket: Basket, lines: Line[], end: 0 | 1, redeemed: number): Ratio {
  if (chooses(rule) && !lines.length) {
    return ratio(0);
  }
  if (rule.award === 'per_item') {
    return ratio(BigInt(rule.points) * BigInt(lines.reduce((sum, line) => sum + line.quantity, 0)));
  }
  if (rule.award === 'fixed') {
    return ratio(isEmpty(basket) ? 0 : rule.points);
  }
  const places = placesOf(basket.currency);
  const rate = rule.rates[basket.currency];
  if (rule.award !== 'per_amount' || places === null || rate === undefined) {
    return ratio(0);
  }
  const amount = earning(rule, earn, basket, lines, end, redeemed);
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError('too large to be exact');
  }
  const stepped = rule.step_minor ? amount - (amount % rule.step_minor) : amount;
  return times(parseRatio(rate), ratio(stepped, [1, 10, 100, 1000][places]!));
}

/** The amount that earns, in minor units. */
function earning(rule: Rule, earn: Earn, basket: Basket, lines: Line[], end: 0 | 1, redeemed: number): number {
  const bases: {[name: string]: Basket['net']} = {gross_merchandise: basket.gross, list_price: basket.list};
  const basis = bases[earn.basis] ?? basket.net;
  let amount = withoutTender(earn, basket, basis(lines)[end], end);
  if (earn.include_shipping && !chooses(rule)) {
    amount += withoutTender(earn, basket, basket.shipping[end], end);
  }
  const goods = goodsOf(basket);
  const part = basket.net(lines.filter((line) => line.isGiftCard !== true));
  const share = shareOf(redeemed, part, goods, earn.excludes.includes('redeemed_value') === (end === 0) ? 1 : 0);
  if (earn.basis === 'list_price') {
    return earn.excludes.includes('redeemed_value') ? Math.max(0, amount - share) : amount;
  }
  return earn.excludes.includes('redeemed_value') ? amount : amount + share;
}

/** What of an amount belongs to a part of a whole, rounded down: the most of it, or the least. */
function shareOf(amount: number, part: Range, whole: Range, end: 0 | 1): number {
  const over = whole[end ? 0 : 1];
  if (!whole[1] || !part[end]) {
    return 0;
  }
  return part[end] >= over ? amount : Number((BigInt(amount) * BigInt(part[end])) / BigInt(over));
}

/** The part of an amount that other tender does not pay, rounded down. */
function withoutTender(earn: Earn, basket: Basket, amount: number, end: 0 | 1): number {
  const paidBy = (what: string, range: Range) => (earn.excludes.includes(what) ? range : exactly(0))[end ? 0 : 1];
  const paid = paidBy('gift_card_tender', basket.giftCards) + paidBy('store_credit_tender', basket.storeCredit);
  const left = BigInt(basket.total - Math.min(paid, basket.total));
  return paid && basket.total ? Number((BigInt(amount) * left) / BigInt(basket.total)) : amount;
}
