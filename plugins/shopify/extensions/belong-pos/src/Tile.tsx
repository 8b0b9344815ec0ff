import {render} from 'preact';

import {ofCustomerAtTill, type Told} from '../../shared/asking/metafields';
import {useTold, useValue} from '../../shared/asking/watching';
import {availableAt} from '../../shared/numbers/snapshot';
import {wordsOf, type Words} from '../../shared/numbers/words';

const NOBODY: Told = {state: 'none', programme: null};

export default async () => {
  render(<Tile />, document.body);
};

/** How many points the customer in the cart has; more when it is pressed. */
function Tile() {
  const customer = useValue(shopify.cart.current).customer?.id;
  const [told] = useTold(async () => (customer === undefined ? NOBODY : ofCustomerAtTill(customer)), customer);
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const words = wordsOf(shopify.i18n, 'programme' in told ? told.programme : null, snapshot);
  return (
    <s-tile
      heading={snapshot?.programme.name ?? words.say('heading')}
      subheading={customer === undefined ? words.say('tile.nobody') : said(told, words)}
      disabled={customer === undefined || told.state === 'unknown'}
      onClick={() => shopify.action.presentModal()}
    />
  );
}

function said(told: Told, words: Words): string {
  if (told.state !== 'told') {
    return words.say(`nothing.${told.state}`);
  }
  return told.snapshot.status === 'active'
    ? words.points(availableAt(told.snapshot, Date.now()))
    : words.say('nothing.inactive');
}
