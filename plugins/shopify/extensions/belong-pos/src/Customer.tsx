import {render} from 'preact';

import {Member} from './Member';

export default async () => {
  render(<Customer />, document.body);
};

/** The same of a customer whom the staff looks at. */
function Customer() {
  return (
    <s-pos-block heading={shopify.i18n.translate('heading')}>
      <Member id={shopify.customer.id} i18n={shopify.i18n} cart={shopify.cart} />
    </s-pos-block>
  );
}
