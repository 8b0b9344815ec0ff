/**
 * What a basket earns, from the programme's summary: the engine's arithmetic, held to it by the vectors that the engine
 * writes (tests/data/earn_vectors.json). Whatever a checkout cannot know is reckoned both ways.
 */

import type {Earn, Programme} from '../numbers/programme';
import {given} from './amounts';
import {goodsOf, type Basket} from './basket';
import {chooses, fires, hasCome, type Situation} from './conditions';
import {factorOf, letThrough, pointsOf, type Candidate} from './lanes';
import {isMore, parseRatio, type Ratio} from './ratio';

// More points than the service ever gives for one order.
const POINTS_MAX = 1e15;
// Factors of which nobody knows here whether they count: each doubles the work.
const UNSURE_MAX = 6;

/** Between which numbers of points the truth lies. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

const NOTHING: Bounds = {least: 0, most: 0};

interface Candidates {
  base: Candidate[];
  campaign: Candidate[];
}

/** tiers: each that the member may be in, null for none. Nothing where it cannot be said. */
export function reckoned(programme: Programme, basket: Basket, tiers: readonly (string | null)[], now: Date): Bounds {
  if (programme.dropped.includes('earn.rules')) {
    return NOTHING;
  }
  try {
    const found = tiers.map((tier) =>
      inTier(programme.earn, basket, {now, zone: programme.timezone, baseCurrency: programme.currency, tier}),
    );
    const bounds = found.reduce((one, other) => ({
      least: Math.min(one.least, other.least),
      most: Math.max(one.most, other.most),
    }));
    return bounds.most > POINTS_MAX ? NOTHING : bounds;
  } catch {
    // A word or a zone that this version does not know.
    return NOTHING;
  }
}

/** The tiers in which somebody may be who is not known: the first, which everybody has; if it is hidden, any. */
export function firstTiers(programme: Programme): (string | null)[] {
  const first = programme.tiers.find((one) => one.rank === 0);
  return first ? [first.id] : [null, ...Object.keys(programme.earn.tier_factors)];
}

function inTier(earn: Earn, basket: Basket, at: Situation): Bounds {
  if (hasCome(earn.earn_until, at.now)) {
    return NOTHING;
  }
  const [goodsLeast, goodsMost] = goodsOf(basket);
  const minimum = earn.minimum_minor;
  const isComparable = basket.currency === at.baseCurrency;
  if (minimum && isComparable && basket.isWhole && goodsMost < minimum) {
    return NOTHING;
  }
  const isSure = !minimum || (isComparable && goodsLeast >= minimum);
  const {least, most, hasCaps} = candidates(earn, basket, at);
  const factors = factorsOf(earn, basket, at);
  if (factors === null) {
    return NOTHING;
  }
  const found = met(earn, least, most, factors, hasCaps);
  return isSure ? found : {least: 0, most: found.most};
}

/** From the worst to the best that unknown rules, factors and caps can make of it. */
function met(earn: Earn, least: Candidates, most: Candidates, factors: Ratio[], hasCaps: boolean): Bounds {
  // The summary does not say whether a rule's own cap counts before or after factors.
  const ways = factors.flatMap((factor) => (hasCaps ? [true, false] : [true]).map((after) => ({factor, after})));
  const lows = ways.map(({factor, after}) => pointsOf(earn, least.base, least.campaign, factor, after, false));
  const highs = ways.map(({factor, after}) => pointsOf(earn, most.base, most.campaign, factor, after, true));
  const capped = (points: bigint, hasRoom: boolean) =>
    earn.caps.reduce((left, cap) => letThrough(left, cap, hasRoom), points > BigInt(0) ? points : BigInt(0));
  const low = Number(capped(lows.reduce((one, other) => (other < one ? other : one)), false));
  const high = Number(capped(highs.reduce((one, other) => (other > one ? other : one)), true));
  return {least: low, most: Math.max(low, high)};
}

/** What rules give before factors: what is sure, and what may be. */
function candidates(earn: Earn, basket: Basket, at: Situation) {
  const least: Candidates = {base: [], campaign: []};
  const most: Candidates = {base: [], campaign: []};
  let hasCaps = false;
  for (const rule of earn.rules) {
    const answer = rule.award === 'factor' ? false : fires(rule, basket, at);
    if (answer === false || (!basket.isWhole && rule.award === 'fixed' && !chooses(rule))) {
      continue;
    }
    const [low, high] = given(rule, earn, basket);
    const lane = rule.lane === 'campaign' ? 'campaign' : 'base';
    hasCaps ||= rule.caps.length > 0;
    // What a cap cuts to a whole number can be less than what it lets pass.
    if (answer && (!rule.caps.length || !isMore(high, low))) {
      least[lane].push({points: low, caps: rule.caps});
    }
    most[lane].push({points: high, caps: rule.caps});
  }
  return {least, most, hasCaps};
}

/** Each factor that may multiply the base; null if there are too many to try. */
function factorsOf(earn: Earn, basket: Basket, at: Situation): Ratio[] | null {
  const own = at.tier === null ? undefined : earn.tier_factors[at.tier];
  let worlds: {tiers: Ratio[]; campaigns: Ratio[]}[] = [
    {tiers: own === undefined ? [] : [parseRatio(own)], campaigns: []},
  ];
  let unsure = 0;
  for (const rule of earn.rules) {
    const answer = rule.award === 'factor' ? fires(rule, basket, at) : false;
    if (answer === false) {
      continue;
    }
    unsure += answer === null ? 1 : 0;
    if (unsure > UNSURE_MAX) {
      return null;
    }
    const factor = parseRatio(rule.factor);
    const isOfTier = rule.lane === 'tier';
    const withIt = worlds.map((world) => ({
      tiers: isOfTier ? [...world.tiers, factor] : world.tiers,
      campaigns: isOfTier ? world.campaigns : [...world.campaigns, factor],
    }));
    worlds = answer ? withIt : [...worlds, ...withIt];
  }
  return worlds.map((world) => factorOf(earn, world.tiers, world.campaigns));
}
