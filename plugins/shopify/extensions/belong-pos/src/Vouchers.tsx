import {useState} from 'preact/hooks';

import {useSingle} from '../../shared/asking/single';
import {useValue, type Signal} from '../../shared/asking/watching';
import {usableVouchers, type Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';

/** What of the till's cart is needed. */
export interface Cart {
  readonly current: Signal<{readonly customer?: {readonly id: number}}>;
  addCartCodeDiscount(code: string): Promise<void>;
}

/** A code belongs to one customer: it goes into no other cart. */
export function Vouchers(props: {customer: number; snapshot: Snapshot; cart: Cart; words: Words}) {
  const {customer, snapshot, cart, words} = props;
  const isTheirCart = useValue(cart.current).customer?.id === customer;
  const [isBusy, begin] = useSingle();
  const [said, setSaid] = useState<string | null>(null);
  const put = (code: string, name: string) =>
    begin(async () => {
      const isIn = await cart.addCartCodeDiscount(code).then(
        () => true,
        () => false,
      );
      setSaid(words.say(isIn ? 'voucher.applied' : 'voucher.failed', {name, code}));
    });
  const vouchers = usableVouchers(snapshot, Date.now());
  return (
    <s-stack gap="base">
      {said !== null && <s-banner tone="info" heading={said} />}
      {!vouchers.length && <s-text>{words.say('voucher.none')}</s-text>}
      {vouchers.map((one) => (
        <s-stack key={one.id} gap="small">
          <s-text>{words.say('voucher.line', {name: one.name, code: one.code})}</s-text>
          {isTheirCart && (
            <s-button disabled={isBusy} onClick={() => put(one.code, one.name)}>
              {words.say('voucher.apply')}
            </s-button>
          )}
        </s-stack>
      ))}
    </s-stack>
  );
}
