/** What a shopper does: their session token becomes a token of ours, and that acts (ADR 31). */

import {has, type Shaped} from '../numbers/shape';
import {call, Refused, Unanswered} from './call';

const ACCESS = {of: {api: 'text', member: 'flag'}} as const;
const REDEEMED = {of: {redemption: 'text', state: 'text', code: 'text?', points: 'number'}} as const;
const LIST = {of: {redemptions: [REDEEMED]}} as const;
const OFFERED = {of: {step_points: 'number', least_points: 'number', most_points: 'number'}} as const;
const EXAMINED = {of: {rewards: [{of: {reward: 'text'}}]}} as const;

export type Redeemed = Shaped<typeof REDEEMED>;
export type Offered = Shaped<typeof OFFERED>;

/** What of the surface is needed for it. */
export interface Identity {
  get(): Promise<string>;
}

// A token is not used up to its last moment: clocks differ.
const SPARE_MS = 60 * 1000;
// How long a shop may take to have the code, in steps.
const WAITS_MS = [700, 1000, 1500, 2000, 3000, 4000];

/** A reward for points. points: with a slider. Throws Refused or Unanswered. */
export async function redeem(
  api: string,
  identity: Identity,
  key: string,
  reward: string,
  points?: number,
): Promise<Redeemed> {
  const token = await shopperToken(api, identity);
  const body = points === undefined ? {reward} : {reward, points};
  const made = await call(`${api}/v1/me/redemptions`, {token, key, body});
  if (!has(made, REDEEMED)) {
    throw new Unanswered();
  }
  return made;
}

/** The same redemption once the shop has its code, or as it is when that takes too long. Never throws. */
export async function settled(api: string, identity: Identity, made: Redeemed): Promise<Redeemed> {
  let latest = made;
  for (const wait of WAITS_MS) {
    if (latest.state !== 'requested') {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    latest = (await lookedUp(api, identity, made.redemption)) ?? latest;
  }
  return latest;
}

/** What a slider takes now. Throws Refused or Unanswered. */
export async function examine(api: string, identity: Identity, reward: string): Promise<Offered> {
  const told = await call(`${api}/v1/me/examine`, {token: await shopperToken(api, identity), body: {}});
  const found = has(told, EXAMINED) ? told.rewards.find((one) => one.reward === reward) : undefined;
  // Only sliders have steps.
  if (!has(found, OFFERED)) {
    throw new Unanswered();
  }
  return found;
}

/** What of a snapshot a member was shown to end: so many points at that moment. */
export interface EndShown {
  readonly points: number;
  readonly ends_at: string;
}

// A page is drawn again and again; what is lost, the next one tells.
const told = new Set<string>();

/** Tells our service which ends were shown, each once. Nobody waits for it. Never throws. */
export async function tellShown(api: string, identity: Identity, ends: readonly EndShown[]): Promise<void> {
  const news = ends.filter((one) => !told.has(`${one.points} ${one.ends_at}`));
  if (!news.length) {
    return;
  }
  news.forEach((one) => told.add(`${one.points} ${one.ends_at}`));
  try {
    const shown = news.map(({points, ends_at}) => ({points, ends_at}));
    await call(`${api}/v1/me/ends`, {token: await shopperToken(api, identity), body: {shown}});
  } catch {
    // Nothing that anybody on this page could mend.
  }
}

async function lookedUp(api: string, identity: Identity, redemption: string): Promise<Redeemed | undefined> {
  try {
    const told = await call(`${api}/v1/me/redemptions`, {token: await shopperToken(api, identity)});
    return has(told, LIST) ? told.redemptions.find((one) => one.redemption === redemption) : undefined;
  } catch {
    return undefined;
  }
}

let held: {api: string; token: string; until: number} | null = null;

/** A token of ours, the same one while it lives. Throws Refused or Unanswered. */
export async function shopperToken(api: string, identity: Identity): Promise<string> {
  if (held?.api === api && Date.now() < held.until) {
    return held.token;
  }
  const session = await identity.get().catch(() => {
    throw new Refused('signed-out');
  });
  const told = await call(`${api}/v1/shopify/token`, {token: session, body: {}});
  if (!has(told, ACCESS)) {
    throw new Unanswered();
  }
  const {token, expires_at: ends, reason} = told as {token?: unknown; expires_at?: unknown; reason?: unknown};
  if (typeof token !== 'string') {
    throw new Refused(typeof reason === 'string' ? reason : 'no-member');
  }
  held = {api, token, until: Date.parse(String(ends)) - SPARE_MS};
  return token;
}
