import type {Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';

const LEVELS = ['bronze', 'silver', 'gold'];

/** Badges that are held, the proudest first, and the way to the next. */
export function Badges({snapshot, words}: {snapshot: Snapshot; words: Words}) {
  const {badges, dropped, language, texts} = snapshot;
  if (!badges.length && !texts.next_badge) {
    return null;
  }
  return (
    <s-section heading={words.say('badge.heading')}>
      <s-stack gap="small-200">
        {badges.map((one) => (
          <s-stack key={one.id} direction="inline" gap="small-200" alignItems="center">
            <s-text lang={language}>{one.name}</s-text>
            {LEVELS.includes(one.level) && <s-badge>{words.say(`badge.${one.level}`)}</s-badge>}
          </s-stack>
        ))}
        {dropped.includes('badges') && <s-text color="subdued">{words.say('badge.more')}</s-text>}
        {texts.next_badge && (
          <s-text lang={language} color="subdued">
            {texts.next_badge}
          </s-text>
        )}
      </s-stack>
    </s-section>
  );
}
