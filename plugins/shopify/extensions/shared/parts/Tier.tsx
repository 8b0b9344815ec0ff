import type {Snapshot} from '../numbers/snapshot';
import type {Words} from '../numbers/words';

/** Until when, what it brings, and the way to the next, for who has named it. Sentences are in the member's language. */
export function Tier({snapshot, words}: {snapshot: Snapshot; words: Words}) {
  const {tier, texts, language} = snapshot;
  if (!tier) {
    return null;
  }
  const next = tier.next;
  return (
    <s-stack gap="small-200">
      {texts.tier_until && <s-text lang={language}>{texts.tier_until}</s-text>}
      {tier.benefits.length > 0 && (
        <s-unordered-list>
          {tier.benefits.map((one) => (
            <s-list-item key={one.id}>
              <s-text lang={language}>{one.text}</s-text>
            </s-list-item>
          ))}
        </s-unordered-list>
      )}
      {next && (
        <>
          <s-progress
            value={Math.min(next.value, next.threshold)}
            max={next.threshold}
            accessibilityLabel={words.say('tier.way', {tier: next.name})}
          />
          <s-text lang={language} color="subdued">
            {texts.next_tier ?? words.say('tier.way', {tier: next.name})}
          </s-text>
        </>
      )}
    </s-stack>
  );
}
