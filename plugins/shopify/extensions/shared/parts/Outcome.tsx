import {useEffect, useState} from 'preact/hooks';

import type {Pressed} from '../asking/press';
import {refusalKey} from '../asking/refusals';
import {settled, type Identity, type Redeemed} from '../asking/shopper';
import type {Words} from '../numbers/words';
import {Code} from './Code';

interface Props {
  pressed: Pressed<Redeemed>;
  api: string | null;
  identity: Identity;
  words: Words;
  apply?: (code: string) => Promise<boolean>;
}

/** What became of a press: said where it was pressed, and aloud. */
export function Outcome({pressed, api, identity, words, apply}: Props) {
  if (pressed.state === 'refused') {
    return <s-banner tone="warning">{words.say(refusalKey(pressed.refused))}</s-banner>;
  }
  if (pressed.state === 'unanswered') {
    return <s-banner tone="warning">{words.say('refused.unanswered')}</s-banner>;
  }
  if (pressed.state !== 'done' || api === null) {
    return null;
  }
  const {done} = pressed;
  return <Redemption key={done.redemption} made={done} api={api} identity={identity} words={words} apply={apply} />;
}

/** The shop has the code a moment later: until then it would be refused. */
function Redemption({made, api, identity, words, apply}: Omit<Props, 'pressed'> & {made: Redeemed; api: string}) {
  const [now, setNow] = useState(made);
  const [applied, setApplied] = useState<boolean | null>(null);
  useEffect(() => {
    let isShown = true;
    settled(api, identity, made).then(async (latest) => {
      if (!isShown) {
        return;
      }
      setNow(latest);
      if (apply && latest.code !== null && latest.state === 'issued') {
        setApplied(await apply(latest.code).catch(() => false));
      }
    });
    return () => {
      isShown = false;
    };
  }, [made.redemption]);
  if (now.code === null) {
    return <s-banner tone="success">{words.say('done.noted')}</s-banner>;
  }
  if (applied === true) {
    return <s-banner tone="success">{words.say('done.applied', {code: now.code})}</s-banner>;
  }
  const key = now.state !== 'issued' ? 'done.soon' : applied === false ? 'done.enter' : 'done.code';
  return (
    <s-banner tone={applied === false ? 'warning' : 'success'}>
      <s-stack gap="small-200">
        <s-text>{words.say(key)}</s-text>
        <Code id={`belong-made-${now.redemption}`} code={now.code} name={words.say('voucher.new')} words={words} />
      </s-stack>
    </s-banner>
  );
}
