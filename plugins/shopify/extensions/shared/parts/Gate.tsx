import type {ComponentChildren} from 'preact';

import type {Told} from '../asking/metafields';
import type {Words} from '../numbers/words';

const WHY_NOT: {[status: string]: string} = {left: 'standing.left', blocked: 'standing.blocked'};

/** What is shown of a member, or one sentence that says why there is nothing. */
export function Gate(props: {
  told: Told;
  words: Words;
  children: (told: Told & {state: 'told'}) => ComponentChildren;
}) {
  const {told, words, children} = props;
  if (told.state === 'reading') {
    return <s-spinner accessibilityLabel={words.say('standing.reading')} />;
  }
  if (told.state === 'unknown') {
    return null;
  }
  if (told.state !== 'told') {
    return <s-text>{words.say(told.state === 'failed' ? 'standing.failed' : 'standing.none')}</s-text>;
  }
  const {status} = told.snapshot;
  return status === 'active' ? (
    <>{children(told)}</>
  ) : (
    <s-text>{words.say(WHY_NOT[status] ?? 'standing.none')}</s-text>
  );
}
