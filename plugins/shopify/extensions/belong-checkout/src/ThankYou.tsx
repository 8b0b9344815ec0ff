import {render} from 'preact';

import {ofEntries} from '../../shared/asking/metafields';
import {useValue} from '../../shared/asking/watching';
import {useExpected} from '../../shared/earning/expecting';
import {wordsOf} from '../../shared/numbers/words';
import {OrderPoints} from '../../shared/parts/OrderPoints';

export default async () => {
  render(<ThankYou />, document.body);
};

/** What the order that was just made is about to earn. */
function ThankYou() {
  const told = ofEntries(useValue(shopify.appMetafields));
  const programme = 'programme' in told ? told.programme : null;
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const words = wordsOf(shopify.i18n, programme, snapshot);
  const {order} = useValue(shopify.orderConfirmation);
  const expected = useExpected(shopify, programme, snapshot);
  return <OrderPoints orderId={order.id} madeAt={null} snapshot={snapshot} expected={expected} words={words} />;
}
