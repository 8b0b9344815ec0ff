import type {Words} from '../../shared/numbers/words';

/** How many, when, and why. */
export function Change({points, at, why, words}: {points: number; at: string; why: string; words: Words}) {
  return (
    <s-stack gap="small-300">
      <s-stack direction="inline" gap="small">
        <s-text type="strong">{words.change(points)}</s-text>
        <s-text color="subdued">{words.day(at)}</s-text>
      </s-stack>
      <s-text>{why}</s-text>
    </s-stack>
  );
}
