/** How rules meet: inside a lane, across lanes, and under caps. */

import type {Cap, Earn} from '../numbers/programme';
import {isMore, larger, plus, ratio, rounded, times, type Ratio} from './ratio';

const LANES: {[lane: string]: string} = {base: 'add', tier: 'best', campaign: 'best'};

/** What a rule gives, with its own caps. */
export interface Candidate {
  readonly points: Ratio;
  readonly caps: readonly Cap[];
}

/** Whole points. after: whether a rule's own cap counts after the factor. hasRoom: whether limits over time are free. */
export function pointsOf(
  earn: Earn,
  base: readonly Candidate[],
  campaign: readonly Candidate[],
  factor: Ratio,
  after: boolean,
  hasRoom: boolean,
): bigint {
  const one = ratio(1);
  const ordinary = after
    ? laneOf(earn, base, 'base', factor, hasRoom)
    : times(laneOf(earn, base, 'base', one, hasRoom), factor);
  return rounded(plus(ordinary, laneOf(earn, campaign, 'campaign', one, hasRoom)), earn.rounding);
}

/** What tier and campaigns multiply the base with. */
export function factorOf(earn: Earn, tiers: readonly Ratio[], campaigns: readonly Ratio[]): Ratio {
  const met = [];
  if (tiers.length) {
    met.push(combined(tiers, howOf(earn, 'tier')));
  }
  if (campaigns.length) {
    met.push(combined(campaigns, howOf(earn, 'campaign')));
  }
  return met.length ? combined(met, earn.across) : ratio(1);
}

/** What a cap leaves of points; of a limit over time nobody knows here how much is used. */
export function letThrough(points: bigint, cap: Cap, hasRoom: boolean): bigint {
  if (cap.window !== 'source' && (!hasRoom || cap.times === 0)) {
    return BigInt(0);
  }
  return cap.points !== null && points > BigInt(cap.points) ? BigInt(cap.points) : points;
}

function howOf(earn: Earn, lane: string): string {
  return earn.lanes[lane] ?? LANES[lane]!;
}

function laneOf(earn: Earn, candidates: readonly Candidate[], lane: string, factor: Ratio, hasRoom: boolean): Ratio {
  const all = candidates.map(({points, caps}) => underCaps(earn, times(points, factor), caps, hasRoom));
  return all.reduce(howOf(earn, lane) === 'best' ? larger : plus, ratio(0));
}

function underCaps(earn: Earn, points: Ratio, caps: readonly Cap[], hasRoom: boolean): Ratio {
  return caps.reduce((left, cap) => {
    const whole = isMore(left, ratio(0)) ? rounded(left, earn.rounding) : BigInt(0);
    const allowed = letThrough(whole, cap, hasRoom);
    return allowed < whole ? ratio(allowed) : left;
  }, points);
}

function combined(factors: readonly Ratio[], how: string): Ratio {
  return factors.reduce((met, factor) => {
    if (how === 'best') {
      return larger(met, factor);
    }
    return how === 'add' ? plus(plus(met, factor), ratio(-1)) : times(met, factor);
  });
}
