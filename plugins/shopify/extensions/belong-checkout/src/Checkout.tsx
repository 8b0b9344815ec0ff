import {render} from 'preact';

import {ofEntries} from '../../shared/asking/metafields';
import {useValue} from '../../shared/asking/watching';
import {useExpected} from '../../shared/earning/expecting';
import {wordsOf} from '../../shared/numbers/words';
import {amountOf} from '../../shared/parts/OrderPoints';
import {Spending} from './Spending';

export default async () => {
  render(<Checkout />, document.body);
};

/** What the order earns, vouchers to apply, and points to use for it. */
function Checkout() {
  const told = ofEntries(useValue(shopify.appMetafields));
  const programme = 'programme' in told ? told.programme : null;
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const words = wordsOf(shopify.i18n, programme, snapshot);
  const expected = useExpected(shopify, programme, snapshot);
  // Codes can be put in only where this checkout takes any.
  const canApply = useValue(shopify.instructions).discounts.canUpdateDiscountCodes;
  const codes = useValue(shopify.discountCodes).map((one) => one.code.toLowerCase());
  const isMember = snapshot?.status === 'active';
  const apply = async (code: string) =>
    (await shopify.applyDiscountCodeChange({type: 'addDiscountCode', code})).type === 'success';
  if (!isMember && expected.most === 0) {
    return null;
  }
  return (
    <s-stack gap="base">
      {expected.most > 0 && (
        <s-text>
          {words.say(isMember ? 'order.earns' : 'order.membersEarn', {amount: amountOf(expected, words)})}
        </s-text>
      )}
      {isMember && canApply && (
        <Spending
          snapshot={snapshot}
          api={programme?.api ?? null}
          identity={shopify.sessionToken}
          drawer={shopify.storage}
          words={words}
          codes={codes}
          apply={apply}
        />
      )}
    </s-stack>
  );
}
