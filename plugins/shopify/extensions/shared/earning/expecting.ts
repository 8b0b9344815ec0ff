/** What an order earns, as the surface that shows it changes. */

import {useEffect, useState} from 'preact/hooks';

import {goodsOf, type Query} from '../asking/metafields';
import {useValue, type Signal} from '../asking/watching';
import type {Programme} from '../numbers/programme';
import {whyPaused, type Snapshot} from '../numbers/snapshot';
import {basketOf, type Discount, type Goods, type Money, type OrderLine} from './ordering';
import {firstTiers, reckoned, type Bounds} from './reckoning';

/** What checkout, thank-you page and order status have in common. */
export interface Surface {
  readonly query: Query;
  readonly lines: Signal<readonly OrderLine[]>;
  readonly cost: {
    readonly totalShippingAmount: Signal<Money | undefined>;
    readonly totalTaxAmount: Signal<Money | undefined>;
    readonly totalAmount: Signal<Money>;
  };
  readonly discountAllocations: Signal<readonly Discount[]>;
  readonly appliedGiftCards: Signal<readonly {readonly amountUsed: Money}[]>;
  readonly buyerIdentity?: {readonly customer: Signal<unknown>};
}

const NOTHING: Bounds = {least: 0, most: 0};

/** programme: null where nothing is to be said. snapshot: null for who is no member, or not known. */
export function useExpected(surface: Surface, programme: Programme | null, snapshot: Snapshot | null): Bounds {
  const lines = useValue(surface.lines);
  const shipping = useValue(surface.cost.totalShippingAmount);
  const tax = useValue(surface.cost.totalTaxAmount);
  const total = useValue(surface.cost.totalAmount);
  const discounts = useValue(surface.discountAllocations);
  const giftCards = useValue(surface.appliedGiftCards);
  const goods = useGoods(surface.query, programme ? lines.map((line) => line.merchandise.product.id) : []);
  const isOut = snapshot !== null && (snapshot.status !== 'active' || whyPaused(snapshot) !== null);
  if (!programme || !goods || isOut || (snapshot === null && programme.enrolment === 'consent')) {
    return NOTHING;
  }
  const storeCredit = mayHaveCredit(surface) ? 'perhaps' : 'none';
  const order = {lines, shipping, tax, total, discounts, giftCards, storeCredit} as const;
  const basket = basketOf(order, goods, programme.earn.gift_card_products);
  const tiers = snapshot ? [snapshot.tier?.id ?? null] : firstTiers(programme);
  return basket ? reckoned(programme, basket, tiers, new Date()) : NOTHING;
}

/** Store credit is no gift card, and no list of payments shows it: only whether there is any. */
function mayHaveCredit({buyerIdentity}: Surface): boolean {
  if (!buyerIdentity) {
    return true;
  }
  const customer = buyerIdentity.customer.value as {storeCreditAccounts?: {balance: Money}[]} | undefined;
  return customer !== undefined && (customer.storeCreditAccounts?.some((one) => one.balance.amount > 0) ?? true);
}

function useGoods(query: Query, ids: readonly string[]): Goods | null {
  const [goods, setGoods] = useState<Goods | null>(null);
  const wanted = [...new Set(ids)].sort().join(' ');
  useEffect(() => {
    let isCurrent = true;
    setGoods(null);
    if (wanted) {
      goodsOf(query, wanted.split(' ')).then((found) => {
        if (isCurrent) {
          setGoods(found);
        }
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [wanted]);
  return goods;
}
