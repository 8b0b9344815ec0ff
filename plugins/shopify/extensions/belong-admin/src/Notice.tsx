import type {Told} from '../../shared/asking/metafields';
import type {Words} from '../../shared/numbers/words';

const STANDINGS = ['left', 'blocked'];

/** Why there is nothing, or that somebody takes no part. */
export function Notice({told, words}: {told: Told; words: Words}) {
  if (told.state === 'reading') {
    return <s-spinner accessibilityLabel={words.say('reading')} />;
  }
  if (told.state !== 'told') {
    return <s-text>{words.say(`nothing.${told.state}`)}</s-text>;
  }
  const {status} = told.snapshot;
  return status === 'active' ? null : (
    <s-banner tone="info">{words.say(`status.${STANDINGS.includes(status) ? status : 'over'}`)}</s-banner>
  );
}
