import {render} from 'preact';
import {useState} from 'preact/hooks';

import {ofCustomer} from '../../shared/asking/metafields';
import type {Adjusted} from '../../shared/asking/staff';
import {useTold} from '../../shared/asking/watching';
import {availableAt, type Snapshot} from '../../shared/numbers/snapshot';
import {wordsOf, type Words} from '../../shared/numbers/words';
import {Adjusting} from './Adjusting';
import {Change} from './Change';
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
  // What the service answered counts until Shopify has been told.
  const [latest, setLatest] = useState<{version: string; made: Adjusted} | null>(null);
  const version = snapshot?.version.join('.') ?? '';
  const onDone = (made: Adjusted) => {
    setLatest({version, made});
    setTimeout(readAgain, AGAIN_MS);
  };
  return (
    <s-admin-block heading={programme?.name ?? snapshot?.programme.name ?? words.say('heading')}>
      <s-stack gap="base">
        <Notice told={told} words={words} />
        {snapshot && (
          <Numbers snapshot={snapshot} made={latest?.version === version ? latest.made : null} words={words} />
        )}
        {snapshot?.status === 'active' && programme?.api && (
          <Adjusting
            api={programme.api}
            customer={id.split('/').pop()!}
            identity={() => shopify.auth.idToken()}
            drawer={drawerOf(shopify.storage)}
            words={words}
            onDone={onDone}
          />
        )}
      </s-stack>
    </s-admin-block>
  );
}

function Numbers({snapshot, made, words}: {snapshot: Snapshot; made: Adjusted | null; words: Words}) {
  const facts: [string, number][] = [
    ['available', made?.available ?? availableAt(snapshot, Date.now())],
    ['pending', made?.pending ?? snapshot.pending],
    ['held', snapshot.held],
    ['deficit', made?.deficit ?? snapshot.deficit],
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
        <Change key={one.n} points={one.points} at={one.at} why={one.why} words={words} />
      ))}
    </s-stack>
  );
}
