import {useRef, useState} from 'preact/hooks';

import {Refused} from '../../shared/asking/call';
import {enterCode} from '../../shared/asking/invited';
import {refusalKey} from '../../shared/asking/refusals';
import type {Identity} from '../../shared/asking/shopper';
import {useSingle} from '../../shared/asking/single';
import {takesCode, type Snapshot} from '../../shared/numbers/snapshot';
import type {Words} from '../../shared/numbers/words';

const LETTERS_MAX = 40;

interface Props {
  snapshot: Snapshot;
  /** Where our service is; null: no code can be entered from here. */
  api: string | null;
  identity: Identity;
  words: Words;
}
/** over: how it is said where no other code would count now; null: it is said of the field, and what was typed stays. */
interface Answer {
  readonly text: string;
  readonly over: 'success' | 'info' | null;
}
// Whoever came with a code needs no field any more.
const OVER: {[outcome: string]: 'success' | 'info'} = {taken: 'success', 'already-referred': 'info'};

/** Where somebody says by whose code they came, as long as one would count for them. */
export function Invited({snapshot, api, identity, words}: Props) {
  const [isBusy, begin] = useSingle();
  // Whoever pastes and presses Enter is faster than the next drawing.
  const code = useRef('');
  const [answer, setAnswer] = useState<Answer | null>(null);
  if (api === null || !(answer?.over || takesCode(snapshot))) {
    return null;
  }
  const friend = words.points(snapshot.referral?.friend_points ?? 0);
  const enter = () =>
    begin(async () => {
      // The same sentence once more is heard once more.
      setAnswer(null);
      const typed = code.current.trim();
      setAnswer(typed ? await answered(api, identity, typed, friend, words) : ofField(words.say('invited.missing')));
    });
  return (
    <s-section heading={words.say('invited.heading')}>
      {answer?.over ? (
        <s-banner tone={answer.over}>{answer.text}</s-banner>
      ) : (
        <s-form onSubmit={enter}>
          <s-stack gap="small-200">
            <s-text-field
              label={words.say('invited.code')}
              maxLength={LETTERS_MAX}
              autocomplete="off"
              readOnly={isBusy}
              error={answer?.text}
              onInput={(event) => {
                code.current = (event.currentTarget as unknown as {value: string}).value;
                setAnswer(null);
              }}
            />
            <s-button type="submit" variant="secondary" loading={isBusy}>
              {words.say('invited.enter')}
            </s-button>
          </s-stack>
        </s-form>
      )}
    </s-section>
  );
}

async function answered(api: string, identity: Identity, code: string, friend: string, words: Words): Promise<Answer> {
  try {
    const {outcome, againAt} = await enterCode(api, identity, code);
    if (outcome === 'too-many-codes' && againAt === null) {
      return ofField(words.say('refused.later'));
    }
    const options = {points: friend, time: againAt === null ? '' : words.time(againAt)};
    return {text: words.say(`invited.${outcome}`, options), over: OVER[outcome] ?? null};
  } catch (why) {
    return ofField(words.say(why instanceof Refused ? refusalKey(why) : 'refused.unanswered'));
  }
}

function ofField(text: string): Answer {
  return {text, over: null};
}
