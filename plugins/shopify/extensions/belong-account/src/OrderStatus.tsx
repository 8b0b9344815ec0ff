import {render} from 'preact';

import {ofEntries} from '../../shared/asking/metafields';
import {useValue} from '../../shared/asking/watching';
import {useExpected} from '../../shared/earning/expecting';
import {wordsOf} from '../../shared/numbers/words';
import {OrderPoints} from '../../shared/parts/OrderPoints';

// The service decides within minutes. What is older and not told brought nothing, or it is long ago.
const DECIDED_AFTER_MS = 24 * 60 * 60 * 1000;

export default async () => {
  render(<OrderStatus />, document.body);
};

/** What this order earned, or is about to. */
function OrderStatus() {
  const told = ofEntries(useValue(shopify.appMetafields));
  const order = useValue(shopify.order);
  const isSignedIn = useValue(shopify.authenticationState) === 'fully_authenticated';
  const programme = 'programme' in told ? told.programme : null;
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const words = wordsOf(shopify.i18n, programme, snapshot);
  const madeAt = order?.processedAt ?? null;
  const isNew = madeAt !== null && Date.now() - Date.parse(madeAt) < DECIDED_AFTER_MS;
  const expected = useExpected(shopify, isNew && !order?.cancelledAt ? programme : null, snapshot);
  if (!order || told.state === 'unknown' || !(programme || snapshot)) {
    return null;
  }
  if (!isSignedIn) {
    return (
      <s-stack gap="small-200">
        <s-text>{words.say('order.signIn')}</s-text>
        <s-button variant="secondary" onClick={() => shopify.requireLogin()}>
          {words.say('order.signInNow')}
        </s-button>
      </s-stack>
    );
  }
  return <OrderPoints orderId={order.id} madeAt={madeAt} snapshot={snapshot} expected={expected} words={words} />;
}
