import type {Programme} from '../../shared/numbers/programme';
import type {Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';

/** The newest entries with their reasons. Without the programme's zone the day of one is not sure, so it is left out. */
export function History({snapshot, programme, words}: {snapshot: Snapshot; programme: Programme | null; words: Words}) {
  const {entries, language, dropped} = snapshot;
  const isWhole = !dropped.includes('entries') && (!entries.length || entries[entries.length - 1]!.n === 1);
  return (
    <s-section heading={words.say('history.heading')}>
      <s-stack gap="base">
        {entries.map((one) => (
          <s-stack key={one.n} gap="small-200">
            <s-stack direction="inline" gap="small-200">
              <s-text type="strong">{words.change(one.points)}</s-text>
              {programme && <s-text color="subdued">{words.day(one.at)}</s-text>}
            </s-stack>
            <s-text lang={language}>{one.why}</s-text>
          </s-stack>
        ))}
        {!isWhole && <s-text color="subdued">{words.say('history.newest')}</s-text>}
        {isWhole && !entries.length && <s-text>{words.say('history.none')}</s-text>}
      </s-stack>
    </s-section>
  );
}
