import {render} from 'preact';
import {useState} from 'preact/hooks';

import {ofOwn, type Told} from '../../shared/asking/metafields';
import {useTold} from '../../shared/asking/watching';
import {wordsOf, type Words} from '../../shared/numbers/words';
import {Balance} from '../../shared/parts/Balance';
import {Gate} from '../../shared/parts/Gate';
import {Rewards} from '../../shared/parts/Rewards';
import {Tier} from '../../shared/parts/Tier';
import {Badges} from './Badges';
import {History} from './History';
import {Invited} from './Invited';
import {Referral} from './Referral';
import {Rules} from './Rules';
import {Vouchers} from './Vouchers';

// The service tells Shopify within seconds.
const AGAIN_MS = 4000;

export default async () => {
  render(<Page />, document.body);
};

/** Everything about one's points, with rewards to redeem. */
function Page() {
  const [told, readAgain] = useTold(() => ofOwn(shopify.query));
  const isTold = told.state === 'told';
  const programme = 'programme' in told ? told.programme : null;
  const words = wordsOf(shopify.i18n, programme, isTold ? told.snapshot : null);
  if (told.state === 'unknown') {
    return null;
  }
  return (
    <s-page heading={isTold ? told.snapshot.programme.name : words.say('profile.heading')}>
      <s-stack gap="large">
        <Gate told={told} words={words}>
          {(own) => <Own told={own} words={words} readAgain={readAgain} />}
        </Gate>
        {programme && <Rules programme={programme} words={words} />}
      </s-stack>
    </s-page>
  );
}

function Own({told, words, readAgain}: {told: Told & {state: 'told'}; words: Words; readAgain: () => void}) {
  const {snapshot, programme} = told;
  const version = snapshot.version.join('.');
  // Of this version the numbers are over: something was redeemed since.
  const [over, setOver] = useState('');
  const onRedeemed = () => {
    setOver(version);
    setTimeout(readAgain, AGAIN_MS);
  };
  return (
    <>
      <s-section heading={words.say('balance.heading')}>
        <Balance
          snapshot={snapshot}
          programme={programme}
          words={words}
          identity={shopify.sessionToken}
          isOld={over === version}
        />
      </s-section>
      {snapshot.tier && (
        <s-section heading={words.say('tier.yours', {tier: snapshot.tier.name})}>
          <Tier snapshot={snapshot} words={words} />
        </s-section>
      )}
      {snapshot.rewards.length > 0 && (
        <s-section heading={words.say('reward.heading')}>
          <Rewards
            snapshot={snapshot}
            rewards={snapshot.rewards}
            api={programme?.api ?? null}
            identity={shopify.sessionToken}
            drawer={shopify.storage}
            words={words}
            onRedeemed={onRedeemed}
          />
        </s-section>
      )}
      <Vouchers snapshot={snapshot} programme={programme} words={words} />
      <Badges snapshot={snapshot} words={words} />
      <Referral snapshot={snapshot} words={words} />
      <Invited snapshot={snapshot} api={programme?.api ?? null} identity={shopify.sessionToken} words={words} />
      <History snapshot={snapshot} programme={programme} words={words} />
    </>
  );
}
