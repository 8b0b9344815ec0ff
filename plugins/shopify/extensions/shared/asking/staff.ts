/** What the shop's staff does and asks: by the session token of the admin, for each call a fresh one (ADR 31). */

import {has, type Shaped} from '../numbers/shape';
import {call, Refused, Unanswered} from './call';

const ADJUSTED = {
  of: {
    state: 'text',
    code: 'text?',
    problem: 'text?',
    available: 'number?',
    pending: 'number?',
    deficit: 'number?',
  },
} as const;
const ENTRY = {
  of: {at: 'text', kind: 'text', points: 'number', why: 'text', calculation: ['text'], not_fired: ['text']},
} as const;
const ORDER = {
  of: {
    state: 'text',
    points: 'number',
    entries: [ENTRY],
    why_not: ['text'],
    vouchers: [{of: {name: 'text', state: 'text', points: 'number'}}],
  },
} as const;

export type Adjusted = Shaped<typeof ADJUSTED>;
export type OrderTold = Shaped<typeof ORDER>;

/** A session token; null where this person may not use the app. */
export type Identity = () => Promise<string | null | undefined>;

export interface Adjustment {
  /** Shopify's number. */
  readonly customer: string;
  readonly points: number;
  readonly reason: string;
}

/** Give or take points. Throws Refused or Unanswered. */
export async function adjust(api: string, identity: Identity, key: string, asked: Adjustment): Promise<Adjusted> {
  const token = await tokenOf(identity);
  // The key is part of the body here; a refusal of it is an answer all the same.
  const told = await call(`${api}/v1/shopify/adjust`, {token, key, body: {...asked, key}});
  if (!has(told, ADJUSTED)) {
    throw new Unanswered();
  }
  if (told.state !== 'done') {
    throw new Refused(told.code ?? 'not-possible', {problem: told.problem}, true);
  }
  return told;
}

/** Why an order has the points that it has. Throws Refused or Unanswered. */
export async function orderTold(api: string, identity: Identity, id: string, language: string): Promise<OrderTold> {
  const told = await call(`${api}/v1/shopify/order`, {token: await tokenOf(identity), body: {id, language}});
  if (!has(told, ORDER)) {
    throw new Unanswered();
  }
  return told;
}

async function tokenOf(identity: Identity): Promise<string> {
  const token = await identity().catch(() => null);
  if (!token) {
    throw new Refused('not-staff');
  }
  return token;
}
