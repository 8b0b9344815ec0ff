import type {Bounds} from '../earning/reckoning';
import {entriesOf, type Snapshot} from '../numbers/snapshot';
import type {Words} from '../numbers/words';

/** "25 points", "at least 25 points" or "up to 25 points". */
export function amountOf(bounds: Bounds, words: Words): string {
  if (bounds.least === bounds.most) {
    return words.points(bounds.least);
  }
  return bounds.least > 0
    ? words.say('amount.atLeast', {points: words.points(bounds.least)})
    : words.say('amount.upTo', {points: words.points(bounds.most)});
}

/** What an order earned as it was told; before that, what it is about to. */
export function OrderPoints(props: {
  orderId: string;
  madeAt: string | null;
  snapshot: Snapshot | null;
  expected: Bounds;
  words: Words;
}) {
  const {orderId, madeAt, snapshot, expected, words} = props;
  const entries = snapshot ? entriesOf(snapshot, orderId, madeAt) : [];
  if (entries.length) {
    const points = entries.reduce((sum, one) => sum + one.points, 0);
    // Why there is nothing is said by the newest of them, in the member's language.
    return points > 0 ? (
      <s-text>{words.say('order.earned', {points: words.points(points)})}</s-text>
    ) : (
      <s-text lang={snapshot!.language}>{entries[0]!.why}</s-text>
    );
  }
  if (expected.most === 0) {
    return null;
  }
  const amount = amountOf(expected, words);
  return <s-text>{words.say(snapshot ? 'order.coming' : 'order.ofMembers', {amount})}</s-text>;
}
