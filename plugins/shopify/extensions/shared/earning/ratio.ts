/**
 * Exact numbers. Extensions are built for engines that know BigInt but not its signs (`1n`, `**`), so none are written.
 */

const NONE = BigInt(0);
const ONE = BigInt(1);

export interface Ratio {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** bottom is above zero. */
export function ratio(top: number | bigint, bottom: number | bigint = 1): Ratio {
  return {top: BigInt(top), bottom: BigInt(bottom)};
}

/** A text such as "3/2" of the summary; throws for anything else. */
export function parseRatio(text: string): Ratio {
  const found = /^(\d{1,40})(?:\/([1-9]\d{0,39}))?$/.exec(text);
  if (!found) {
    throw new RangeError('no ratio');
  }
  return ratio(BigInt(found[1]!), BigInt(found[2] ?? '1'));
}

export function times(one: Ratio, other: Ratio): Ratio {
  return {top: one.top * other.top, bottom: one.bottom * other.bottom};
}

export function plus(one: Ratio, other: Ratio): Ratio {
  return {top: one.top * other.bottom + other.top * one.bottom, bottom: one.bottom * other.bottom};
}

export function isMore(one: Ratio, other: Ratio): boolean {
  return one.top * other.bottom > other.top * one.bottom;
}

export function larger(one: Ratio, other: Ratio): Ratio {
  return isMore(one, other) ? one : other;
}

export function smaller(one: Ratio, other: Ratio): Ratio {
  return isMore(one, other) ? other : one;
}

/** how: floor, half_up or ceil, as the summary says it. */
export function rounded(one: Ratio, how: string): bigint {
  const two = BigInt(2);
  switch (how) {
    case 'floor':
      return floored(one.top, one.bottom);
    case 'ceil':
      return -floored(-one.top, one.bottom);
    case 'half_up':
      return floored(two * one.top + one.bottom, two * one.bottom);
  }
  throw new RangeError('no rounding');
}

function floored(top: bigint, bottom: bigint): bigint {
  const whole = top / bottom;
  return top % bottom < NONE ? whole - ONE : whole;
}
