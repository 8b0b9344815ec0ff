import {render} from 'preact';

import {useValue} from '../../shared/asking/watching';
import {Member} from './Member';

export default async () => {
  render(<Modal />, document.body);
};

/** Everything about the points of the customer in the cart. */
function Modal() {
  const customer = useValue(shopify.cart.current).customer?.id;
  return (
    <s-page heading={shopify.i18n.translate('heading')}>
      <s-scroll-box>
        {customer === undefined ? (
          <s-text>{shopify.i18n.translate('tile.nobody')}</s-text>
        ) : (
          <Member id={customer} i18n={shopify.i18n} cart={shopify.cart} />
        )}
      </s-scroll-box>
    </s-page>
  );
}
