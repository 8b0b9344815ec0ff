import {useState} from 'preact/hooks';

import type {Drawer} from '../../shared/asking/keys';
import {usePress, type Pressed} from '../../shared/asking/press';
import {adjust, type Adjusted, type Identity} from '../../shared/asking/staff';
import type {Words} from '../../shared/numbers/words';

const KNOWN = ['adjusting-switched-off', 'adjust-not-in-shop', 'not-enough-points', 'too-fast', 'not-staff'];
const POINTS = /^-?[1-9]\d{0,8}$/;
const REASON_MAX = 200;

/** Points by hand: above zero they are given, below zero taken. A reason is always asked for. */
export function Adjusting(props: {
  api: string;
  customer: string;
  identity: Identity;
  drawer: Drawer;
  words: Words;
  onDone: (made: Adjusted) => void;
}) {
  const {api, customer, identity, drawer, words, onDone} = props;
  const [pressed, press] = usePress<Adjusted>(drawer);
  const [points, setPoints] = useState('');
  const [reason, setReason] = useState('');
  const isReady = POINTS.test(points) && reason.trim() !== '';
  const go = () => {
    if (!isReady) {
      return;
    }
    const asked = {customer, points: Number(points), reason: reason.trim()};
    // Another number or another reason is another deed.
    press(`adjust:${JSON.stringify(asked)}`, async (key) => {
      const made = await adjust(api, identity, key, asked);
      setPoints('');
      setReason('');
      onDone(made);
      return made;
    });
  };
  return (
    <s-stack gap="small">
      <Said pressed={pressed} words={words} />
      <s-number-field
        label={words.say('adjust.points')}
        details={words.say('adjust.pointsHow')}
        value={points}
        step={1}
        onInput={(event) => setPoints(event.currentTarget.value)}
      />
      <s-text-field
        label={words.say('adjust.reason')}
        details={words.say('adjust.reasonHow')}
        value={reason}
        maxLength={REASON_MAX}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <s-button variant="primary" loading={pressed.state === 'busy'} disabled={!isReady} onClick={go}>
        {words.say('adjust.go')}
      </s-button>
    </s-stack>
  );
}

function Said({pressed, words}: {pressed: Pressed<Adjusted>; words: Words}) {
  if (pressed.state === 'done') {
    const {available} = pressed.done;
    const key = available === null ? 'adjust.done' : 'adjust.doneWith';
    return <s-banner tone="success">{words.say(key, {points: words.points(available ?? 0)})}</s-banner>;
  }
  if (pressed.state === 'unanswered') {
    return <s-banner tone="warning">{words.say('adjust.unanswered')}</s-banner>;
  }
  if (pressed.state !== 'refused') {
    return null;
  }
  const {code, numbers} = pressed.refused;
  // What has no words here is told in the service's.
  const told = typeof numbers.problem === 'string' ? numbers.problem : words.say('adjust.refused.other');
  return <s-banner tone="critical">{KNOWN.includes(code) ? words.say(`adjust.refused.${code}`) : told}</s-banner>;
}
