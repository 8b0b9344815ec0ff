import {ofCustomerAtTill} from '../../shared/asking/metafields';
import {useTold} from '../../shared/asking/watching';
import {availableAt, comingEnds, whyPaused} from '../../shared/numbers/snapshot';
import {wordsOf, type I18n} from '../../shared/numbers/words';
import {Vouchers, type Cart} from './Vouchers';

/** Points, tier, what ends soon, and vouchers to put into the cart. */
export function Member({id, i18n, cart}: {id: number; i18n: I18n; cart: Cart}) {
  const [told] = useTold(() => ofCustomerAtTill(id), id);
  const snapshot = told.state === 'told' ? told.snapshot : null;
  const programme = 'programme' in told ? told.programme : null;
  const words = wordsOf(i18n, programme, snapshot);
  if (snapshot?.status !== 'active') {
    return <s-text>{words.say(snapshot ? 'nothing.inactive' : `nothing.${told.state}`)}</s-text>;
  }
  const now = Date.now();
  const paused = whyPaused(snapshot);
  return (
    <s-stack gap="base">
      <s-text type="strong">{words.say('member.available', {points: words.points(availableAt(snapshot, now))})}</s-text>
      {snapshot.pending > 0 && <s-text>{words.say('member.pending', {points: words.points(snapshot.pending)})}</s-text>}
      {snapshot.tier && <s-text>{words.say('member.tier', {tier: snapshot.tier.name})}</s-text>}
      {paused !== null && <s-text>{paused}</s-text>}
      {programme &&
        comingEnds(snapshot, now).map((one) => (
          <s-text key={one.ends_at}>
            {words.say('member.ends', {points: words.points(one.points), day: words.lastDay(one.ends_at)})}
          </s-text>
        ))}
      <Vouchers customer={id} snapshot={snapshot} cart={cart} words={words} />
    </s-stack>
  );
}
