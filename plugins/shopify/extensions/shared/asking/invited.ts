/** A shopper says by whose code they came (docs/referrals.md). */

import {has} from '../numbers/shape';
import {call, Refused, Unanswered} from './call';
import {shopperToken, type Identity} from './shopper';

const CAME = {of: {outcome: 'text'}} as const;
const OUTCOMES = ['taken', 'own-code', 'not-counted'];
// Refusals that say something of the code, or of those that were tried.
const OF_CODES = ['code-unknown', 'already-referred', 'too-many-codes'];
const MINUTE_MS = 60 * 1000;

/** outcome: what became of the code; againAt: from when on another one can be tried, where that is not now. */
export interface Came {
  readonly outcome: string;
  readonly againAt: number | null;
}

/** code: as it was typed. Throws Refused or Unanswered; the same code once more changes nothing. */
export async function enterCode(api: string, identity: Identity, code: string): Promise<Came> {
  const token = await shopperToken(api, identity);
  try {
    const told = await call(`${api}/v1/me/referred-by`, {token, body: {code}});
    // An outcome that this version does not know may be any.
    if (!has(told, CAME) || !OUTCOMES.includes(told.outcome)) {
      throw new Unanswered();
    }
    return {outcome: told.outcome, againAt: null};
  } catch (why) {
    if (why instanceof Refused && OF_CODES.includes(why.code)) {
      return {outcome: why.code, againAt: againAt(why.numbers.retry_after_seconds, Date.now())};
    }
    throw why;
  }
}

/** A whole minute, since none shorter is shown: at that moment it is possible. */
function againAt(seconds: unknown, now: number): number | null {
  return typeof seconds === 'number' ? Math.ceil((now + seconds * 1000) / MINUTE_MS) * MINUTE_MS : null;
}
