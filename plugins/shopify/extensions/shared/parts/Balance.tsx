import {useEffect} from 'preact/hooks';

import {tellShown, type Identity} from '../asking/shopper';
import type {Programme} from '../numbers/programme';
import {availableAt, comingEnds, whyPaused, type Snapshot} from '../numbers/snapshot';
import type {Words} from '../numbers/words';

interface Props {
  snapshot: Snapshot;
  programme: Programme | null;
  words: Words;
  /** Of who looks: our service hears which ends they saw. */
  identity: Identity;
  /** Something was redeemed, and the number is not told yet. */
  isOld?: boolean;
}

/** Ready to use, on its way, what is owed, what ends soon. */
export function Balance({snapshot, programme, words, identity, isOld}: Props) {
  const now = Date.now();
  const available = availableAt(snapshot, now);
  const paused = whyPaused(snapshot);
  const {pending, held, deficit} = snapshot;
  return (
    <s-stack gap="small-200">
      <s-text type="strong">
        {isOld ? words.say('balance.updating') : words.say('balance.ready', {points: words.points(available)})}
      </s-text>
      {pending > 0 && <s-text>{words.say('balance.pending', {points: words.points(pending)})}</s-text>}
      {held > 0 && <s-text>{words.say('balance.held', {points: words.points(held)})}</s-text>}
      {deficit > 0 && <s-text>{words.say('balance.deficit', {points: words.points(deficit)})}</s-text>}
      {paused !== null && (
        <s-banner tone="info">
          <s-text lang={snapshot.language}>{paused}</s-text>
        </s-banner>
      )}
      <Ends snapshot={snapshot} programme={programme} words={words} identity={identity} now={now} />
    </s-stack>
  );
}

/** A day is one of the programme's zone: without the programme only the sentence that was made there is sure. */
function Ends({snapshot, programme, words, identity, now}: Props & {now: number}) {
  const ends = comingEnds(snapshot, now);
  const api = programme?.api ?? null;
  // Who was told of an end before needs no second notice of it.
  const news = ends.filter((one) => !one.warned);
  useEffect(() => {
    if (api !== null) {
      void tellShown(api, identity, news);
    }
  }, [api, JSON.stringify(news)]);
  if (!ends.length) {
    return null;
  }
  if (!programme) {
    const told = snapshot.texts.expiring;
    return told ? <s-text lang={snapshot.language}>{told}</s-text> : null;
  }
  return (
    <>
      {ends.map((one) => (
        <s-text key={one.ends_at}>
          {words.say('balance.ends', {points: words.points(one.points), day: words.lastDay(one.ends_at)})}
        </s-text>
      ))}
    </>
  );
}
