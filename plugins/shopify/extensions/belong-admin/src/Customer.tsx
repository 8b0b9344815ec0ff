import {render} from 'preact';

import {ofCustomer} from '../../shared/asking/metafields';
import {useTold} from '../../shared/asking/watching';
import {availableAt, type Snapshot} from '../../shared/numbers/snapshot';
import {wordsOf, type Words} from '../../shared/numbers/words';
import {Adjusting} from './Adjusting';
import {drawerOf} from './drawer';
import {Notice} from './Notice';

// The service tells Shopify within seconds.
const AGAIN_MS = 4000;
const ENTRIES = 5;

export default async () => {
  render(<Customer />, document.body);
};

/** A customer's balance and tier, with giving and taking. */
function Customer() {
  const id = shopify.data.selected[0]?.id ?? '';
  const [told, readAgain] = useTold(() => ofCustomer(shopify.query, id), id);
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const programme = 'programme' in told ? told.programme : null;
  const words = wordsOf(shopify.i18n, programme, snapshot);
  return (
    <s-admin-block heading={programme?.name ?? snapshot?.programme.name ?? words.say('heading')}>
      <s-stack gap="base">
        <Notice told={told} words={words} />
        {snapshot && <Numbers snapshot={snapshot} words={words} />}
        {snapshot?.status === 'active' && programme?.api && (
          <Adjusting
            api={programme.api}
            customer={id.split('/').pop()!}
            identity={() => shopify.auth.idToken()}
            drawer={drawerOf(shopify.storage)}
            words={words}
            onDone={() => setTimeout(readAgain, AGAIN_MS)}
          />
        )}
      </s-stack>
    </s-admin-block>
  );
}

function Numbers({snapshot, words}: {snapshot: Snapshot; words: Words}) {
  const facts: [string, number][] = [
    ['available', availableAt(snapshot, Date.now())],
    ['pending', snapshot.pending],
    ['held', snapshot.held],
    ['deficit', snapshot.deficit],
    ['lifetime', snapshot.lifetime],
  ];
  const shown = facts.filter(([name, number]) => number > 0 || name === 'available');
  return (
    <s-stack gap="small">
      {shown.map(([name, number]) => (
        <s-text key={name}>{words.say(`numbers.${name}`, {points: words.points(number)})}</s-text>
      ))}
      {snapshot.tier && <s-text>{words.say('numbers.tier', {tier: snapshot.tier.name})}</s-text>}
      <s-text color="subdued">{words.say('numbers.asOf', {day: words.day(snapshot.as_of)})}</s-text>
      {snapshot.entries.slice(0, ENTRIES).map((one) => (
        <s-text key={one.n}>
          {words.say('entry', {day: words.day(one.at), points: words.points(one.points), why: one.why})}
        </s-text>
      ))}
    </s-stack>
  );
}
