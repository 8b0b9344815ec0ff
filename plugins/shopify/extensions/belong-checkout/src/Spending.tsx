import {useState} from 'preact/hooks';

import {useSingle} from '../../shared/asking/single';
import {availableAt, usableVouchers, type Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';
import {Rewards, type Acting} from '../../shared/parts/Rewards';

// What takes something off this order; the others are on the page in the account.
const KINDS = ['amount', 'percent', 'slider', 'free_shipping', 'product'];

type Apply = (code: string) => Promise<boolean>;

/** Vouchers and points for this order. codes: those that are in it, in small letters. */
export function Spending({
  snapshot,
  api,
  codes,
  apply,
  ...acting
}: Acting & {snapshot: Snapshot; api: string | null; codes: readonly string[]; apply: Apply}) {
  const {words} = acting;
  const [isSpent, setSpent] = useState(false);
  const rewards = snapshot.rewards.filter((one) => one.available && KINDS.includes(one.kind));
  const available = words.points(availableAt(snapshot, Date.now()));
  return (
    <>
      {usableVouchers(snapshot, Date.now()).map(({id, name, code}) => (
        <Voucher key={id} code={code} name={name} words={words} isIn={codes.includes(code.toLowerCase())} apply={apply} />
      ))}
      {api !== null && rewards.length > 0 && (
        <s-details>
          <s-summary>{words.say('spend.heading')}</s-summary>
          <s-stack gap="base">
            <s-text>{isSpent ? words.say('balance.updating') : words.say('spend.have', {points: available})}</s-text>
            <Rewards
              snapshot={snapshot}
              rewards={rewards}
              api={api}
              apply={apply}
              onRedeemed={() => setSpent(true)}
              {...acting}
            />
          </s-stack>
        </s-details>
      )}
    </>
  );
}

function Voucher(props: {code: string; name: string; words: Words; isIn: boolean; apply: Apply}) {
  const {code, name, words, isIn, apply} = props;
  const [isBusy, begin] = useSingle();
  const [hasFailed, setFailed] = useState(false);
  if (isIn) {
    return <s-text>{words.say('voucher.applied', {name})}</s-text>;
  }
  const put = () => begin(async () => setFailed(!(await apply(code).catch(() => false))));
  return (
    <s-stack gap="small-200">
      <s-stack direction="inline" gap="small-200" alignItems="center">
        <s-text>{name}</s-text>
        <s-button
          variant="secondary"
          loading={isBusy}
          accessibilityLabel={words.say('voucher.applyOf', {name})}
          onClick={put}
        >
          {words.say('voucher.apply')}
        </s-button>
      </s-stack>
      {hasFailed && <s-banner tone="warning">{words.say('voucher.failed', {code})}</s-banner>}
    </s-stack>
  );
}
