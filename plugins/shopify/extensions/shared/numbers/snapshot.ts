/** What the service last told of a member: the customer's metafield `$app` / `summary` (docs/snapshot.md). */

import {has, parsed, type Shape, type Shaped} from './shape';

const SCHEMA = 2;

const ENDING = {of: {points: 'number', ends_at: 'text', warned: 'flag'}} as const;
const REWARD = {
  of: {
    id: 'text',
    name: 'text',
    kind: 'text',
    points: 'number',
    value_minor: 'number',
    currency: 'text',
    available: 'flag',
    missing: 'number',
    refusals: ['text'],
    why_not: 'text?',
  },
} as const;
const VOUCHER = {
  of: {
    id: 'text',
    reward: 'text',
    name: 'text',
    code: 'text?',
    kind: 'text',
    points: 'number',
    state: 'text',
    state_text: 'text',
    ends_at: 'text?',
  },
} as const;
const ENTRY = {
  of: {n: 'number', at: 'text', kind: 'text', points: 'number', source: 'text', order: 'text?', why: 'text'},
} as const;
const NEXT_TIER = {of: {name: 'text', value: 'number', threshold: 'number'}} as const;
const TIER = {
  of: {id: 'text', name: 'text', benefits: [{of: {id: 'text', text: 'text'}}], next: {maybe: NEXT_TIER}},
} as const;
const REFERRAL = {
  of: {code: 'text?', link: 'text?', points: 'number', friend_points: 'number', friends: 'number', completed: 'number'},
} as const;

const SHAPE = {
  of: {
    schema: 'number',
    version: ['number'],
    as_of: 'text',
    store: 'text?',
    language: 'text',
    programme: {of: {name: 'text'}},
    points_name: ['text'],
    status: 'text',
    available: 'number',
    pending: 'number',
    held: 'number',
    deficit: 'number',
    lifetime: 'number',
    pending_lots: [{of: {points: 'number', matures_at: 'text?'}}],
    ends: [ENDING],
    tier: {maybe: TIER},
    badges: [{of: {id: 'text', name: 'text', level: 'text'}}],
    rewards: [REWARD],
    vouchers: [VOUCHER],
    entries: [ENTRY],
    referral: {maybe: REFERRAL},
    dropped: ['text'],
    texts: {each: 'text'},
  },
} as const satisfies Shape;

export type Snapshot = Shaped<typeof SHAPE>;
export type Reward = Snapshot['rewards'][number];
export type Voucher = Snapshot['vouchers'][number];
export type Entry = Snapshot['entries'][number];

/** The snapshot; null where there is none, or one that we do not know how to read. */
export function readSnapshot(text: unknown): Snapshot | null {
  const told = parsed(text);
  return has(told, SHAPE) && told.schema === SCHEMA && told.points_name.length === 2 ? told : null;
}

/**
 * What can be spent now. Points whose end was announced are over when it comes, whether or not a newer snapshot has
 * come, too.
 */
export function availableAt(snapshot: Snapshot, now: number): number {
  const over = snapshot.ends.filter((one) => one.warned && Date.parse(one.ends_at) <= now);
  return Math.max(0, over.reduce((left, one) => left - one.points, snapshot.available));
}

/** Every end that is still to come and that the member must be able to see. */
export function comingEnds(snapshot: Snapshot, now: number): Snapshot['ends'] {
  return snapshot.ends.filter((one) => Date.parse(one.ends_at) > now);
}

/** Vouchers that can be used in a checkout now. */
export function usableVouchers(snapshot: Snapshot, now: number): (Voucher & {code: string})[] {
  return snapshot.vouchers.filter(
    (one): one is Voucher & {code: string} =>
      one.state === 'issued' && one.code !== null && (one.ends_at === null || Date.parse(one.ends_at) > now),
  );
}

/** Whether the whole programme stands still: the sentence that says so. */
export function whyPaused(snapshot: Snapshot): string | null {
  return snapshot.rewards.find((one) => one.refusals.includes('redeeming-paused'))?.why_not ?? null;
}

/** Whether a friend's code would count for this member. What a service of before has written does not say so. */
export function takesCode({referral}: Snapshot): boolean {
  return (referral as {takes_code?: unknown} | null)?.takes_code === true;
}

const OF_AN_ORDER = ['earn', 'bonus', 'clawback'];

/**
 * All entries that an order of this store made, newest first; none where some may be missing, for only the newest of the
 * member are told. orderId: Shopify's number or global id. madeAt: nothing of it is older; null where that is not known.
 */
export function entriesOf(snapshot: Snapshot, orderId: string, madeAt: string | null): Entry[] {
  const {entries, store} = snapshot;
  const oldest = entries[entries.length - 1];
  const isWhole = oldest && (oldest.n === 1 || (madeAt !== null && Date.parse(oldest.at) <= Date.parse(madeAt)));
  const source = `${store}:order:${orderId.split('/').pop()}`;
  return isWhole && store !== null
    ? entries.filter((one) => one.source === source && OF_AN_ORDER.includes(one.kind))
    : [];
}
