import {render} from 'preact';

import {ofOrder, type Told} from '../../shared/asking/metafields';
import {usePress} from '../../shared/asking/press';
import {orderTold, type OrderTold} from '../../shared/asking/staff';
import {useTold} from '../../shared/asking/watching';
import {entriesOf} from '../../shared/numbers/snapshot';
import {wordsOf, type Words} from '../../shared/numbers/words';
import {Change} from './Change';
import {drawerOf} from './drawer';

const STATES = ['unknown', 'guest', 'nothing', 'pending', 'available', 'gone'];

export default async () => {
  render(<Order />, document.body);
};

/** What an order earned; and why, when somebody asks for it. */
function Order() {
  const id = shopify.data.selected[0]?.id ?? '';
  const [told] = useTold(() => ofOrder(shopify.query, id), id);
  const programme = 'programme' in told ? told.programme : null;
  const words = wordsOf(shopify.i18n, programme, told.state === 'told' ? told.snapshot : null);
  const number = id.split('/').pop()!;
  const [asked, ask] = usePress<OrderTold>(drawerOf(shopify.storage));
  const explain = (api: string) =>
    ask(`order:${number}`, () => orderTold(api, () => shopify.auth.idToken(), number, words.language));
  return (
    <s-admin-block heading={programme?.name ?? words.say('heading')}>
      <s-stack gap="base">
        {asked.state === 'done' ? (
          <Explained told={asked.done} words={words} />
        ) : (
          <Known told={told} id={id} words={words} />
        )}
        {(asked.state === 'refused' || asked.state === 'unanswered') && (
          <s-banner tone="warning">{words.say('order.unanswered')}</s-banner>
        )}
        {programme?.api && asked.state !== 'done' && (
          <s-button loading={asked.state === 'busy'} onClick={() => explain(programme.api!)}>
            {words.say('order.why')}
          </s-button>
        )}
      </s-stack>
    </s-admin-block>
  );
}

/** What the customer's newest entries say of it. */
function Known({told, id, words}: {told: Told; id: string; words: Words}) {
  if (told.state === 'reading') {
    return <s-spinner accessibilityLabel={words.say('reading')} />;
  }
  if (told.state !== 'told') {
    return <s-text>{words.say(`nothing.${told.state}`)}</s-text>;
  }
  const entries = entriesOf(told.snapshot, id, null);
  const sum = entries.reduce((points, one) => points + one.points, 0);
  return entries.length ? <s-text>{words.say('order.points', {points: words.points(sum)})}</s-text> : null;
}

function Explained({told, words}: {told: OrderTold; words: Words}) {
  const state = STATES.includes(told.state) ? told.state : 'unknown';
  return (
    <>
      <s-text>{words.say(`order.state.${state}`, {points: words.points(told.points)})}</s-text>
      {told.why_not.map((sentence) => (
        <s-text key={sentence}>{sentence}</s-text>
      ))}
      {told.entries.map((one, at) => (
        <s-stack key={at} gap="small">
          <Change points={one.points} at={one.at} why={one.why} words={words} />
          <s-unordered-list>
            {[...one.calculation, ...one.not_fired].map((step) => (
              <s-list-item key={step}>{step}</s-list-item>
            ))}
          </s-unordered-list>
        </s-stack>
      ))}
      {told.vouchers.map((one, at) => (
        <s-text key={at}>{words.say('order.voucher', {name: one.name, points: words.points(one.points)})}</s-text>
      ))}
    </>
  );
}
