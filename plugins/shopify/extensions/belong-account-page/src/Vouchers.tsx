import type {Programme} from '../../shared/numbers/programme';
import {usableVouchers, type Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';
import {Code} from '../../shared/parts/Code';

const WAITING = ['held', 'requested', 'issued'];

/** What was redeemed: codes that can be used now, and what became of the others. */
export function Vouchers({snapshot, programme, words}: {snapshot: Snapshot; programme: Programme | null; words: Words}) {
  const usable = new Set(usableVouchers(snapshot, Date.now()).map((one) => one.id));
  // A code whose end has come is told of by the next snapshot.
  const shown = snapshot.vouchers.filter((one) => one.code === null || usable.has(one.id));
  if (!shown.length) {
    return null;
  }
  return (
    <s-section heading={words.say('voucher.heading')}>
      <s-stack gap="base">
        {shown.map((one) => (
          <s-stack key={one.id} gap="small-200">
            <s-text type="strong">{one.name}</s-text>
            <s-text lang={snapshot.language} color="subdued">
              {one.state_text}
            </s-text>
            {programme && one.ends_at !== null && WAITING.includes(one.state) && (
              <s-text color="subdued">{words.say('voucher.until', {day: words.lastDay(one.ends_at)})}</s-text>
            )}
            {one.code !== null && <Code id={`belong-${one.id}`} code={one.code} name={one.name} words={words} />}
          </s-stack>
        ))}
      </s-stack>
    </s-section>
  );
}
