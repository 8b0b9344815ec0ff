/** What a checkout reckons is what the service's engine gives: tests/data/earn_vectors.json, which the engine wrote. */

import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';

import {exactly, type Basket, type Line} from '../extensions/shared/earning/basket';
import {placesOf} from '../extensions/shared/earning/minor';
import {reckoned} from '../extensions/shared/earning/reckoning';
import type {Programme} from '../extensions/shared/numbers/programme';

interface VectorLine {
  product: string;
  variant?: string;
  sku?: string;
  quantity?: number;
  net_minor?: number;
  tax_minor?: number;
  list_minor?: number;
  shelf_minor?: number;
  sale?: number[];
  is_gift_card?: boolean;
  categories?: string[];
  tags?: string[];
}
interface Vector {
  name: string;
  now: string;
  points: [number, number];
  tight: boolean;
  tier: string | null;
  summary: Programme;
  basket: {
    currency: string;
    lines: VectorLine[];
    shipping_minor: number;
    total_minor: number;
    gift_card_minor: number;
    store_credit_minor: number;
    coupons_minor: number;
    channels: string[];
    countries: string[];
    is_whole: boolean;
  };
}

const vectors = JSON.parse(readFileSync(process.env.EARN_VECTORS!, 'utf8')) as {
  cases: Vector[];
  places: Record<string, number>;
};

function isOnSale(line: VectorLine): boolean {
  const sale = line.sale ?? [];
  const usual = sale.reduce((one, other) => one + other, 0) * (line.quantity ?? 1);
  return sale.length > 0 && (line.shelf_minor ?? 0) > 0 && 2 * line.shelf_minor! < usual;
}

function basketOf(told: Vector['basket']): Basket {
  const costs = new Map<Line, VectorLine>();
  for (const line of told.lines) {
    const known: Line = {
      product: line.product,
      variant: line.variant ?? null,
      sku: line.sku ?? null,
      quantity: line.quantity ?? 1,
      isGiftCard: line.is_gift_card ?? false,
      isOnSale: isOnSale(line),
      words: {category: line.categories ?? [], product_tag: line.tags ?? [], collection: []},
    };
    costs.set(known, line);
  }
  const sum = (lines: readonly Line[], of: (line: VectorLine) => number) =>
    exactly(lines.reduce((found, line) => found + of(costs.get(line)!), 0));
  return {
    currency: told.currency,
    lines: [...costs.keys()],
    net: (lines) => sum(lines, (line) => line.net_minor ?? 0),
    gross: (lines) => sum(lines, (line) => (line.net_minor ?? 0) + (line.tax_minor ?? 0)),
    list: (lines) => sum(lines, (line) => line.list_minor || (line.net_minor ?? 0)),
    shipping: exactly(told.shipping_minor),
    total: told.total_minor,
    giftCards: exactly(told.gift_card_minor),
    storeCredit: exactly(told.store_credit_minor),
    coupons: told.coupons_minor,
    channels: told.channels,
    countries: told.countries,
    orderTags: [],
    isWhole: told.is_whole,
  };
}

test('every case is reckoned as the engine does', () => {
  const wrong: unknown[] = [];
  let loose = 0;
  let met = 0;
  for (const one of vectors.cases) {
    const [least, most] = one.points;
    const first = one.summary.tiers.find((tier) => tier.rank === 0)?.id ?? null;
    const found = reckoned(one.summary, basketOf(one.basket), [one.tier ?? first], new Date(one.now));
    const isSame = found.least === least && found.most === most;
    // Of a product nobody knows what else the order holds, so there is no most.
    const isBetween = found.least <= least && (most <= found.most || !one.basket.is_whole);
    if (one.tight ? !isSame : !isBetween) {
      wrong.push([one.name, found, one.points]);
    }
    loose += one.tight ? 0 : 1;
    met += !one.tight && isSame ? 1 : 0;
  }
  expect(wrong).toEqual([]);
  expect(vectors.cases.length).toBeGreaterThan(100);
  expect(met / loose).toBeGreaterThan(0.75);
});

test('currencies have the places that the engine gives them', () => {
  for (const [currency, places] of Object.entries(vectors.places)) {
    expect([currency, placesOf(currency)]).toEqual([currency, places]);
  }
  for (const unknown of ['', 'XXX', 'EU', 'EUR ', 'CLP DJF', 'eur', ' - ']) {
    expect(placesOf(unknown)).toBeNull();
  }
});
