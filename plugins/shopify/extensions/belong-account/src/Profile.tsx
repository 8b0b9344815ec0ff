import {render} from 'preact';

import {ofOwn} from '../../shared/asking/metafields';
import {useTold} from '../../shared/asking/watching';
import {wordsOf} from '../../shared/numbers/words';
import {Balance} from '../../shared/parts/Balance';
import {Gate} from '../../shared/parts/Gate';
import {Tier} from '../../shared/parts/Tier';

export default async () => {
  render(<Profile />, document.body);
};

/** Points and tier in the customer's profile. */
function Profile() {
  const [told] = useTold(() => ofOwn(shopify.query));
  const isTold = told.state === 'told';
  const words = wordsOf(shopify.i18n, isTold ? told.programme : null, isTold ? told.snapshot : null);
  if (told.state === 'unknown') {
    return null;
  }
  return (
    <s-section heading={isTold ? told.snapshot.programme.name : words.say('profile.heading')}>
      <Gate told={told} words={words}>
        {({snapshot, programme}) => (
          <s-stack gap="base">
            <Balance snapshot={snapshot} programme={programme} words={words} identity={shopify.sessionToken} />
            {snapshot.tier && (
              <s-stack gap="small-200">
                <s-text>{words.say('tier.yours', {tier: snapshot.tier.name})}</s-text>
                <Tier snapshot={snapshot} words={words} />
              </s-stack>
            )}
            <s-link href="extension:belong-account-page/">{words.say('profile.more')}</s-link>
          </s-stack>
        )}
      </Gate>
    </s-section>
  );
}
